"""nothing lost"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backups",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("backup_id", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "backup_id"),
    )
    op.create_table(
        "documents",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stored_through", sa.BigInteger(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "origin", "kind"),
    )
    op.create_table(
        "erased",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("erased_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "person_id"),
    )
    op.create_table(
        "gaps",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "origin", "epoch", "first_sequence"),
    )
    op.create_table(
        "kiosk_settings",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "centre_id"),
    )
    op.create_table(
        "messages",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("officer_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "message_id"),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("messages_by_centre", ["district_id", "centre_id"], unique=False)

    op.create_table(
        "messages_seen",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "centre_id", "message_id"),
    )
    op.create_table(
        "sealing_keys",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seal_key", sa.LargeBinary(), nullable=False),
        sa.Column("announcement", sa.LargeBinary(), nullable=False),
        sa.Column("announced_ms", sa.BigInteger(), nullable=False),
        sa.Column("deleted_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "number"),
    )
    op.create_table(
        "unmatched_rations",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("centre_id", sa.String(length=11), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("matched_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "origin", "epoch", "sequence"),
    )
    with op.batch_alter_table("unmatched_rations", schema=None) as batch_op:
        batch_op.create_index("unmatched_rations_by_centre", ["district_id", "centre_id"], unique=False)

    op.create_table(
        "waiting",
        sa.Column("district_id", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "origin", "epoch", "first_sequence"),
    )
    with op.batch_alter_table("origins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("recorded", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("unreceipted_since_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("unsafe_since_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("sealing_key", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("oldest_key", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("notices", sa.Text(), nullable=True))

    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index("persons_by_centre")
        batch_op.create_index("persons_by_centre", ["district_id", "centre_id", "updated_ms"], unique=False)

    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("alarm", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("released_ms", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("server_state", schema=None) as batch_op:
        batch_op.alter_column(
            "generation", existing_type=sa.INTEGER(), type_=sa.BigInteger(), existing_nullable=False
        )


def downgrade() -> None:
    with op.batch_alter_table("server_state", schema=None) as batch_op:
        batch_op.alter_column(
            "generation", existing_type=sa.BigInteger(), type_=sa.INTEGER(), existing_nullable=False
        )

    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index("persons_by_centre")
        batch_op.create_index("persons_by_centre", ["district_id", "centre_id"], unique=False)

    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.drop_column("released_ms")
        batch_op.drop_column("alarm")
        batch_op.drop_column("person_id")

    with op.batch_alter_table("origins", schema=None) as batch_op:
        batch_op.drop_column("notices")
        batch_op.drop_column("oldest_key")
        batch_op.drop_column("sealing_key")
        batch_op.drop_column("unsafe_since_ms")
        batch_op.drop_column("unreceipted_since_ms")
        batch_op.drop_column("recorded")
        batch_op.drop_column("retired_ms")

    op.drop_table("waiting")
    with op.batch_alter_table("unmatched_rations", schema=None) as batch_op:
        batch_op.drop_index("unmatched_rations_by_centre")

    op.drop_table("unmatched_rations")
    op.drop_table("sealing_keys")
    op.drop_table("messages_seen")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("messages_by_centre")

    op.drop_table("messages")
    op.drop_table("kiosk_settings")
    op.drop_table("gaps")
    op.drop_table("erased")
    op.drop_table("documents")
    op.drop_table("backups")
