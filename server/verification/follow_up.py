"""Which rations on weaker evidence are checked by a call to the family: a sample nobody can choose.

Every event draws a number from its own hash (`server.storage.registers.draw`); those below the share are called. Where
a centre's workers vouch for more than `MANY_VOUCHED` of a month's rations, all of that month are. It goes by centre and
not by worker: a centre has one worker, at most two, and no register here keeps figures of a worker, so that none can be
held against her; a call asks the family, it accuses nobody.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection

from anganwadi.people import Person
from anganwadi.verification import Rung, is_followed_up
from server.centres.enrolment import person_of
from server.centres.queries import records
from server.storage.registers import DRAWS
from server.verification import queries

MANY_VOUCHED = 0.15
"""Of a centre's rations in a month on its workers' word: above this all are followed up. The project's default."""

RUNGS = frozenset(rung for rung in Rung if is_followed_up(rung))


class Why(StrEnum):
    DRAWN = "drawn"
    MANY_VOUCHED = "many_vouched"


@dataclass(frozen=True)
class Call:
    """A family to be called about a ration. Name and phone are None where the vault has her no longer, or none."""

    place: str
    centre_id: str
    centre_names: dict[str, str]
    person_id: str
    name: str | None
    latin: str | None
    phone: str | None
    at_ms: int
    rung: Rung
    reason: str | None
    why: Why


def is_drawn(draw: int | None, share: float) -> bool:
    """Whether the event that drew this number is in a sample of `share` (0 to 1)."""
    return draw is not None and draw < share * DRAWS


def vouches_much(rations: Counter[Rung]) -> bool:
    """Whether so many of a centre's rations stand on its workers' word that all are followed up."""
    return rations[Rung.ATTESTATION] > MANY_VOUCHED * rations.total()


def calls(
    connection: Connection, scope: ColumnElement[bool], first: date, last: date, share: float
) -> list[Call]:
    """The calls to make about the rations of one month, newest first."""
    days = first.isoformat(), last.isoformat()
    by_centre: dict[str, Counter[Rung]] = {}
    for row in queries.rations_by_rung(connection, scope, *days):
        by_centre.setdefault(row.centre_id, Counter())[Rung(row.rung)] += row.number
    many = {centre for centre, rations in by_centre.items() if vouches_much(rations)}
    rows = [
        row
        for row in queries.rations_on(connection, scope, *days, RUNGS)
        if row.centre_id in many or is_drawn(row.draw, share)
    ]
    people = _people(connection, scope, {row.person_id for row in rows})
    return [
        Call(
            place=f"{row.origin}.{row.epoch}.{row.sequence}",
            centre_id=row.centre_id,
            centre_names={"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
            person_id=row.person_id,
            name=people[row.person_id].name if row.person_id in people else None,
            latin=people[row.person_id].name_latin if row.person_id in people else None,
            phone=_phone(row.person_id, people),
            at_ms=row.at_ms,
            rung=Rung(row.rung),
            reason=row.reason,
            why=Why.DRAWN if is_drawn(row.draw, share) else Why.MANY_VOUCHED,
        )
        for row in rows
    ]


def _people(connection: Connection, scope: ColumnElement[bool], wanted: set[str]) -> dict[str, Person]:
    if not wanted:
        return {}
    return {row.person_id: person_of(row.record) for row in records(connection, scope)}


def _phone(person_id: str, people: dict[str, Person]) -> str | None:
    """Her own number, or that of a child's guardian."""
    person = people.get(person_id)
    if person is None:
        return None
    guardian = people.get(person.guardian or "")
    return person.phone or (None if guardian is None else guardian.phone)
