"""SQL of ration cards. Every function works inside the caller's transaction."""

from dataclasses import dataclass

import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId, PersonId
from server.storage.tables import cards, centres, persons


@dataclass(frozen=True)
class CardRow:
    """A card that holds: its number and the hash of its PIN."""

    number: str
    pin_hash: str

    def __repr__(self) -> str:
        return "CardRow(<hidden>)"


def of_centre(connection: sa.Connection, district: DistrictId, centre: CentreId) -> dict[PersonId, CardRow]:
    """The cards that hold, by person."""
    rows = connection.execute(
        sa.select(cards.c.person_id, cards.c.number, cards.c.pin_hash)
        .join(
            persons,
            (persons.c.district_id == cards.c.district_id) & (persons.c.person_id == cards.c.person_id),
        )
        .where(cards.c.district_id == district, persons.c.centre_id == centre)
        .where(cards.c.revoked_ms.is_(None))
    )
    return {PersonId(row.person_id): CardRow(row.number, row.pin_hash) for row in rows}


def holder(connection: sa.Connection, district: DistrictId, number: str) -> tuple[PersonId, bool] | None:
    """Whom a number was given to, and whether it still holds."""
    row = connection.execute(
        sa.select(cards.c.person_id, cards.c.revoked_ms).where(
            cards.c.district_id == district, cards.c.number == number
        )
    ).one_or_none()
    return None if row is None else (PersonId(row.person_id), row.revoked_ms is None)


def add(
    connection: sa.Connection, district: DistrictId, person: PersonId, card: CardRow, issued_ms: int
) -> None:
    connection.execute(
        sa.insert(cards).values(
            district_id=district,
            number=card.number,
            person_id=person,
            pin_hash=card.pin_hash,
            issued_ms=issued_ms,
        )
    )


def revoke_all_of(connection: sa.Connection, district: DistrictId, person: PersonId, revoked_ms: int) -> None:
    """End whatever card she has; what is left of one is its number, and when it ended."""
    connection.execute(
        sa.update(cards)
        .where(cards.c.district_id == district, cards.c.person_id == person, cards.c.revoked_ms.is_(None))
        .values(revoked_ms=revoked_ms, pin_hash=None)
    )


def centre_names(connection: sa.Connection, district: DistrictId, centre: CentreId) -> dict[str, str] | None:
    """A centre's name by language; None where the district has no such centre."""
    row = connection.execute(
        sa.select(centres.c.name_en, centres.c.name_hi, centres.c.name_ur).where(
            centres.c.district_id == district, centres.c.centre_id == centre
        )
    ).one_or_none()
    return None if row is None else {"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur}
