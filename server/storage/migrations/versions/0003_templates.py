"""templates are turned by a secret of their centre"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_rotations",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "centre_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("template_rotations")
