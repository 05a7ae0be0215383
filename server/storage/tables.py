"""The tables, in SQLAlchemy Core: one schema for SQLCipher and PostgreSQL.

Every primary key begins with `district_id`, so that a state can spread the tables over machines. The log is
append-only; the vault holds who people are and can be corrected and erased; projections can be thrown away and made
again from the log. Times are UTC milliseconds since 1970, days ISO dates.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()


def _district() -> Column[str]:
    return Column("district_id", String(63), primary_key=True)


# --- where things are -------------------------------------------------------------------------------------------

sectors = Table(
    "sectors",
    metadata,
    _district(),
    Column("sector_id", String(63), primary_key=True),
    Column("project_id", String(63), nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_hi", Text, nullable=False),
    Column("name_ur", Text, nullable=False),
)

centres = Table(
    "centres",
    metadata,
    _district(),
    Column("centre_id", String(11), primary_key=True),
    Column("sector_id", String(63), nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_hi", Text, nullable=False),
    Column("name_ur", Text, nullable=False),
    Column("roster_version", Integer, nullable=False, default=1),
)

origins = Table(
    "origins",
    metadata,
    _district(),
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
)

# --- the truth --------------------------------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    _district(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False, unique=True),  # order of arrival; what projectors follow
    Column("event_hash", LargeBinary, nullable=False),
    Column("type", String(40), nullable=False),
    Column("raw", LargeBinary),  # null where the event was a person record: its content went to the vault
    Column("received_ms", BigInteger, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    _district(),
    Column("quarantine_id", String(36), primary_key=True),
    Column("origin", String(63)),
    Column("epoch", Integer),
    Column("sequence", BigInteger),
    Column("reason", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column(
        "frame", LargeBinary
    ),  # null where no device proved that it is its own: anyone could fill the disk
    Column("received_ms", BigInteger, nullable=False),
    Index("quarantine_by_content", "district_id", "content_hash"),
    Index("quarantine_by_origin", "district_id", "origin"),
)

server_state = Table(
    "server_state",
    metadata,
    _district(),
    Column("generation", Integer, nullable=False, default=1),
)

# --- who people are ---------------------------------------------------------------------------------------------

persons = Table(
    "persons",
    metadata,
    _district(),
    Column("person_id", String(40), primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("record", LargeBinary, nullable=False),  # MessagePack of anganwadi.people.Person
    Column("template", LargeBinary),  # MessagePack of anganwadi.events.FaceTemplateRecord
    Column("updated_ms", BigInteger, nullable=False),
    Index("persons_by_centre", "district_id", "centre_id"),
)

# --- projections ------------------------------------------------------------------------------------------------

cursors = Table(
    "cursors",
    metadata,
    _district(),
    Column("projector", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

centre_days = Table(
    "centre_days",
    metadata,
    _district(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("opened_ms", BigInteger),
    Column("closed_ms", BigInteger),
)

attendance = Table(
    "attendance",
    metadata,
    _district(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("present", Boolean, nullable=False),
)

meals = Table(
    "meals",
    metadata,
    _district(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("meal", String(40), primary_key=True),
    Column("served", Integer, nullable=False),
)

weighings = Table(
    "weighings",
    metadata,
    _district(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("day", String(10), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("person_id", String(40), nullable=False),
    Column("grams", Integer, nullable=False),
    Column("source", String(20), nullable=False),
    Column("waz", Float),
    Column("weight_class", String(40)),
    Index("weighings_by_centre_day", "district_id", "centre_id", "day"),
    Index("weighings_by_person", "district_id", "person_id"),
)

rations = Table(
    "rations",
    metadata,
    _district(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("day", String(10), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("person_id", String(40), nullable=False),
    Column("collected_by", String(40)),
    Column("rung", String(20)),  # null where the ration was refused
    Column("reason", Text),
    Column("score", Float),
    Column("cycle", String(20)),
    Index("rations_by_centre_day", "district_id", "centre_id", "day"),
    Index("rations_by_person", "district_id", "person_id"),
)

# --- accounts ---------------------------------------------------------------------------------------------------

centre_workers = Table(
    "centre_workers",
    metadata,
    _district(),
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
    _district(),
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
    _district(),
    Column("token_hash", LargeBinary, primary_key=True),
    Column("officer_id", String(40), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(["district_id", "officer_id"], ["officers.district_id", "officers.officer_id"]),
)

access_log = Table(
    "access_log",
    metadata,
    _district(),
    Column("access_id", String(36), primary_key=True),
    Column("officer_id", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),  # a centre, visit or person id: never a name
    Column("at_ms", BigInteger, nullable=False),
)

# --- supervision ------------------------------------------------------------------------------------------------

visits = Table(
    "visits",
    metadata,
    _district(),
    Column("visit_id", String(36), primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("officer_id", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("form_id", String(63), nullable=False),
    Column("form_version", String(40), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("instance_id", String(80)),
    Column("submitted_ms", BigInteger),
    Column("submission", LargeBinary),  # the XML as it came
    Column("answers", Text),  # JSON: item code to value
    Column("score", Float),
    Column("grade", String(20)),
    Index("visits_by_centre", "district_id", "centre_id", "day"),
)
