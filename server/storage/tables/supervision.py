"""Supervision visits."""

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, String, Table, Text

from server.storage.tables.base import district_column, metadata

visits = Table(
    "visits",
    metadata,
    district_column(),
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
