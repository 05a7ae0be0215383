"""Who may log in: workers at kiosks, officers at the pages."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.storage.tables.base import district_column, metadata

centre_workers = Table(
    "centre_workers",
    metadata,
    district_column(),
    Column("worker_id", String(40), primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("post", String(8), nullable=False),  # AWW or AWH
    Column("name", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("pin_hash", Text, nullable=False),
    Column("wrong_pins", Integer, nullable=False, default=0),
    Column("locked_until_ms", BigInteger),
    Index("centre_workers_by_centre", "district_id", "centre_id", "post", unique=True),
)

officers = Table(
    "officers",
    metadata,
    district_column(),
    Column("officer_id", String(40), primary_key=True),
    Column("mobile", String(15), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),  # supervisor, cdpo, dpo
    Column("scope", String(63), nullable=False),  # sector_id, project_id or district_id, by role
    Column("language", String(8), nullable=False),
    Column("otp_secret", LargeBinary, nullable=False),
    Column("otp_issued_ms", BigInteger),
    Column("otp_counter", BigInteger, nullable=False, default=0),
    Column("wrong_otps", Integer, nullable=False, default=0),
    Column("locked_until_ms", BigInteger),
    Index("officers_by_mobile", "district_id", "mobile", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    district_column(),
    Column("token_hash", LargeBinary, primary_key=True),
    Column("officer_id", String(40), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(["district_id", "officer_id"], ["officers.district_id", "officers.officer_id"]),
)

access_log = Table(
    "access_log",
    metadata,
    district_column(),
    Column("access_id", String(36), primary_key=True),
    Column("officer_id", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),  # a centre, visit or person id: never a name
    Column("at_ms", BigInteger, nullable=False),
)
