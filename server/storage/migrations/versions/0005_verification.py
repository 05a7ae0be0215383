"""how people were verified, grievances, the doorstep list"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("serve_ms", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("draw", sa.Integer(), nullable=True))

    op.create_table(
        "face_tries",
        *_place(),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("rung", sa.String(length=20), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("calibration", sa.Text(), nullable=True),
        sa.Column("light", sa.String(length=20), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=True),
        sa.Column("why_not", sa.String(length=40), nullable=True),
        sa.Column("flags", sa.Text(), nullable=True),
        sa.Column("challenge_ms", sa.Integer(), nullable=True),
        sa.Column("machine_ms", sa.Integer(), nullable=True),
        _at_place(),
    )
    with op.batch_alter_table("face_tries", schema=None) as batch_op:
        batch_op.create_index("face_tries_by_centre_day", ["district_id", "centre_id", "day"], unique=False)

    op.create_table(
        "grievances",
        *_place(),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _at_place(),
    )
    with op.batch_alter_table("grievances", schema=None) as batch_op:
        batch_op.create_index("grievances_by_centre", ["district_id", "centre_id"], unique=False)

    op.create_table(
        "grievances_handled",
        *_place(),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        _at_place(),
    )
    op.create_table(
        "doorstep",
        *_place(),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        _at_place(),
    )
    with op.batch_alter_table("doorstep", schema=None) as batch_op:
        batch_op.create_index("doorstep_by_centre", ["district_id", "centre_id"], unique=False)

    op.create_table(
        "head_counts",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "centre_id", "day"),
    )
    op.execute(
        "delete from cursors"
    )  # the registers are made again from the log: it has held these things before


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
    ]


def _at_place() -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("district_id", "origin", "epoch", "sequence")


def downgrade() -> None:
    op.drop_table("head_counts")
    with op.batch_alter_table("doorstep", schema=None) as batch_op:
        batch_op.drop_index("doorstep_by_centre")

    op.drop_table("doorstep")
    op.drop_table("grievances_handled")
    with op.batch_alter_table("grievances", schema=None) as batch_op:
        batch_op.drop_index("grievances_by_centre")

    op.drop_table("grievances")
    with op.batch_alter_table("face_tries", schema=None) as batch_op:
        batch_op.drop_index("face_tries_by_centre_day")

    op.drop_table("face_tries")
    with op.batch_alter_table("rations", schema=None) as batch_op:
        batch_op.drop_column("draw")
        batch_op.drop_column("serve_ms")
        batch_op.drop_column("tries")
