"""The truth: the append-only event log, and what stands beside it until it can be taken."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, false

from server.storage.tables.base import district_column, metadata

events = Table(
    "events",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False, unique=True),  # order of arrival; what projectors follow
    Column("event_hash", LargeBinary, nullable=False),
    Column("type", String(40), nullable=False),
    Column("raw", LargeBinary),  # null where the content lies elsewhere (vault, quarantine), or was lost
    Column("received_ms", BigInteger, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    district_column(),
    Column("quarantine_id", String(36), primary_key=True),
    Column("origin", String(63)),
    Column("epoch", Integer),
    Column("sequence", BigInteger),
    Column("reason", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    # Null where no device proved it its own, since anyone could fill the disk; and where it was released, or erased.
    Column("frame", LargeBinary),
    Column("received_ms", BigInteger, nullable=False),
    Column("person_id", String(40)),  # whom an event's content is about, so that it can be erased
    Column("alarm", Boolean, nullable=False, server_default=false()),  # a fork: somebody must look
    Column("released_ms", BigInteger),
    Index("quarantine_by_content", "district_id", "content_hash"),
    Index("quarantine_by_origin", "district_id", "origin"),
)

waiting = Table(
    "waiting",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("first_sequence", BigInteger, primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
    Column("frame", LargeBinary, nullable=False),  # as it came: it is opened when its turn comes
    Column("received_ms", BigInteger, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("first_sequence", BigInteger, primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),  # the kiosk's own signed record of the loss
    Column("received_ms", BigInteger, nullable=False),
)

server_state = Table(
    "server_state",
    metadata,
    district_column(),
    Column("generation", BigInteger, nullable=False, default=1),
)
