"""Running a district: backups made, sealing keys announced, what goes down to the kiosks."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from server.storage.tables.base import district_column, metadata

backups = Table(
    "backups",
    metadata,
    district_column(),
    Column("backup_id", String(36), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("name", Text, nullable=False),  # of its file
    Column("size", BigInteger, nullable=False),  # bytes
    Column("events", BigInteger, nullable=False),  # how many it holds
)

sealing_keys = Table(
    "sealing_keys",
    metadata,
    district_column(),
    Column("number", Integer, primary_key=True),
    Column("seal_key", LargeBinary, nullable=False),  # public, raw X25519
    Column("announcement", LargeBinary, nullable=False),  # as the district root signed it
    Column("announced_ms", BigInteger, nullable=False),
    Column("deleted_ms", BigInteger),  # its private half is gone
)

documents = Table(
    "documents",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),
    Column("kind", String(20), primary_key=True),  # roster, settings, forms, messages
    Column("epoch", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column(
        "digest", LargeBinary, nullable=False
    ),  # of its content, as `server.downlink.documents` takes it: another one is another version
    Column("stored_through", BigInteger, nullable=False),  # the kiosk's own events it knows of
    Column("made_ms", BigInteger, nullable=False),
)

kiosk_settings = Table(
    "kiosk_settings",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),  # empty: for every centre
    Column("settings", Text, nullable=False),  # JSON of anganwadi.wire.downlink.DistrictSettings
)

messages = Table(
    "messages",
    metadata,
    district_column(),
    Column("message_id", String(40), primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("officer_id", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_ms", BigInteger, nullable=False),
    Column("withdrawn_ms", BigInteger),
    Index("messages_by_centre", "district_id", "centre_id"),
)
