"""Who people are: the vault, which can be corrected and erased."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from server.storage.tables.base import district_column, metadata

persons = Table(
    "persons",
    metadata,
    district_column(),
    Column("person_id", String(40), primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("record", LargeBinary, nullable=False),  # MessagePack of anganwadi.people.Person
    Column("template", LargeBinary),  # MessagePack of anganwadi.events.FaceTemplateRecord
    Column("updated_ms", BigInteger, nullable=False),
    Index("persons_by_centre", "district_id", "centre_id", "updated_ms"),
)

template_rotations = Table(
    "template_rotations",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("number", Integer, primary_key=True),  # the newest turns the centre's templates
    Column("secret", LargeBinary, nullable=False),  # 32 bytes, `models.face.rotation`
    Column("made_ms", BigInteger, nullable=False),
)

erased = Table(
    "erased",
    metadata,
    district_column(),
    Column("person_id", String(40), primary_key=True),  # a random number that leads to nobody any more
    Column("erased_ms", BigInteger, nullable=False),
)

unmatched_rations = Table(
    "unmatched_rations",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("record", LargeBinary),  # MessagePack of anganwadi.events.RationWithoutRoster; null once matched
    Column("person_id", String(40)),  # whom it was matched to
    Column("matched_ms", BigInteger),
    Index("unmatched_rations_by_centre", "district_id", "centre_id"),
)
