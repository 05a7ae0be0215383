"""Where things are: sectors, centres, and the origins of events."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from server.storage.tables.base import district_column, metadata

sectors = Table(
    "sectors",
    metadata,
    district_column(),
    Column("sector_id", String(63), primary_key=True),
    Column("project_id", String(63), nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_hi", Text, nullable=False),
    Column("name_ur", Text, nullable=False),
)

centres = Table(
    "centres",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("sector_id", String(63), nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_hi", Text, nullable=False),
    Column("name_ur", Text, nullable=False),
    Column(
        "roster_version", Integer, nullable=False, default=1
    ),  # grows whenever there is something new for its kiosks: people, messages, settings
)

origins = Table(
    "origins",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("centre_id", String(11)),  # null for the server itself
    Column("verify_key", LargeBinary, nullable=False),
    Column("seal_key", LargeBinary, nullable=False),
    Column("data_key", LargeBinary),  # DK, released to a log-in
    Column("stored_through", BigInteger, nullable=False, default=0),
    Column("safe_through", BigInteger, nullable=False, default=0),
    Column("chain_head", LargeBinary, nullable=False),
    Column("last_heard_ms", BigInteger),
    Column(
        "retired_ms", BigInteger
    ),  # from then on the device and its epoch are done with: no frame of it is taken
    # What the kiosk last said of itself:
    Column("recorded", BigInteger),
    Column("unreceipted_since_ms", BigInteger),
    Column("unsafe_since_ms", BigInteger),
    Column("sealing_key", Integer),  # the number of the newest sealing key it has adopted
    Column("oldest_key", Integer),  # the number of the oldest one that a frame it still holds is sealed to
    Column("notices", Text),  # JSON list of codes: disk_full, store_damaged, ...
)
