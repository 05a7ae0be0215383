"""what is measured of a child besides its weight, and where it goes"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("weighings", schema=None) as batch_op:
        for column in _of_a_weighing():
            batch_op.add_column(column)

    op.create_table(
        "measurings",
        *_of_an_event(),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.Column("position", sa.String(length=1), nullable=True),
        sa.Column("muac", sa.Integer(), nullable=True),
        sa.Column("oedema", sa.Boolean(), nullable=True),
        sa.Column("haz", sa.Float(), nullable=True),
        sa.Column("whz", sa.Float(), nullable=True),
        sa.Column("baz", sa.Float(), nullable=True),
        sa.Column("stunting", sa.String(length=40), nullable=True),
        sa.Column("wasting", sa.String(length=40), nullable=True),
        sa.Column("flagged", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        _at_place(),
    )
    op.create_table(
        "care",
        *_of_an_event(),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("acute", sa.String(length=40), nullable=True),
        sa.Column("underweight", sa.String(length=40), nullable=True),
        sa.Column("stunting", sa.String(length=40), nullable=True),
        sa.Column("faltering", sa.String(length=40), nullable=True),
        sa.Column("oedema", sa.Boolean(), nullable=False),
        sa.Column("signs", sa.Text(), nullable=False),
        sa.Column("appetite", sa.String(length=40), nullable=True),
        sa.Column("seen_by", sa.String(length=10), nullable=True),
        sa.Column("visits", sa.Text(), nullable=False),
        _at_place(),
    )
    for table in ("measurings", "care"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(f"{table}_by_centre_day", ["district_id", "centre_id", "day"], unique=False)
            batch_op.create_index(f"{table}_by_person", ["district_id", "person_id"], unique=False)
    op.execute(
        "delete from cursors"
    )  # the registers are made again from the log: a kiosk may have been newer than this server


def _of_a_weighing() -> list[sa.Column[object]]:
    return [
        sa.Column("flagged", sa.Boolean(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=True),
        sa.Column("spread", sa.Integer(), nullable=True),
        sa.Column("uncertainty", sa.Integer(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
    ]


def _of_an_event() -> list[sa.Column[object]]:
    return [
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
    ]


def _at_place() -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("district_id", "origin", "epoch", "sequence")


def downgrade() -> None:
    for table in ("care", "measurings"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"{table}_by_person")
            batch_op.drop_index(f"{table}_by_centre_day")

        op.drop_table(table)
    with op.batch_alter_table("weighings", schema=None) as batch_op:
        for column in reversed(_of_a_weighing()):
            batch_op.drop_column(column.name)
