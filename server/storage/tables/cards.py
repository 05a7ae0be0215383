"""Ration cards: which number names whom, and the hash of the PIN that proves it."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from server.storage.tables.base import district_column, metadata

cards = Table(
    "cards",
    metadata,
    district_column(),
    Column("number", String(16), primary_key=True),
    Column("person_id", String(40), nullable=False),
    Column("pin_hash", Text),  # Argon2id; null from the day the card is revoked
    Column("issued_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Index("cards_by_person", "district_id", "person_id"),
)
