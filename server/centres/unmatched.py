"""Rations a kiosk handed out while nobody could log in, to somebody it could not look up: an officer says who it was.

What the kiosk wrote names a person, so it lies apart from the log and is dropped once she is found. That she collected
her ration is then the server's own event, at the time the kiosk gave.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, select, update

from anganwadi.entitlements import entitlement_on
from anganwadi.events import Proof, RationWithoutRoster
from anganwadi.ids import NOBODY, CentreId, DistrictId, PersonId
from anganwadi.rations import collected
from server.storage import own_origin, vault
from server.storage.tables import unmatched_rations as unmatched


@dataclass(frozen=True)
class Unmatched:
    """`place` names it: origin, epoch and sequence of the kiosk's event. One of `card` and `described` is set."""

    place: str
    at_ms: int
    card: str | None
    described: str | None
    reason: str | None
    witness: str | None


@dataclass(frozen=True)
class Candidate:
    """Somebody who was owed a ration on some day of the list."""

    person_id: str
    name: str
    latin: str


class NotThere(LookupError):
    """No such ration waits at this centre, or no such person is registered at it."""


def of_centre(connection: Connection, district: str, centre_id: str) -> list[Unmatched]:
    """Those nobody has found the person for, oldest first."""
    rows = connection.execute(
        select(unmatched).where(_waiting(district, centre_id)).order_by(unmatched.c.at_ms)
    ).all()
    found: list[Unmatched] = []
    for row in rows:
        said = msgspec.msgpack.decode(row.record, type=RationWithoutRoster)
        place = f"{row.origin}.{row.epoch}.{row.sequence}"
        reason = None if said.reason is None else said.reason.value
        found.append(Unmatched(place, row.at_ms, said.card, said.described, reason, said.witness))
    return found


def candidates(connection: Connection, district: str, centre_id: str, day: date) -> list[Candidate]:
    """Everybody at the centre who is owed a ration, by name."""
    people = [kept.person for kept in vault.of_centre(connection, DistrictId(district), CentreId(centre_id))]
    owed = [person for person in people if entitlement_on(person, day) is not None]
    found = [Candidate(person.person_id, person.name, person.name_latin) for person in owed]
    return sorted(found, key=lambda person: person.latin)


def match(
    connection: Connection,
    district: str,
    centre_id: str,
    place: str,
    person_id: str,
    now_ms: int,
    *,
    simulated: bool,
) -> None:
    """Record that `person_id` received the ration of `place`, and drop what the kiosk wrote. In a writing transaction.

    Raises:
        NotThere: nothing of that place waits, or she is not of this centre.
    """
    here = select(unmatched).where(_waiting(district, centre_id), _at(place))
    row = connection.execute(here.with_for_update()).one_or_none()  # two officers may say it at once
    people = {
        kept.person.person_id: kept.person
        for kept in vault.of_centre(connection, DistrictId(district), CentreId(centre_id))
    }
    person = people.get(PersonId(person_id))
    if row is None or person is None:
        raise NotThere
    said = msgspec.msgpack.decode(row.record, type=RationWithoutRoster)
    at = datetime.fromtimestamp(row.at_ms / 1000, UTC)
    found = collected(
        said,
        person,
        came=person.person_id,
        centre=CentreId(centre_id),
        worker=NOBODY,
        at=at,
        simulated=simulated,
        proof=Proof.NONE,
    )
    own_origin.record(connection, DistrictId(district), [found])
    connection.execute(
        update(unmatched)
        .where(_waiting(district, centre_id), _at(place))
        .values(record=None, person_id=person_id, matched_ms=now_ms)
    )


def _waiting(district: str, centre_id: str) -> ColumnElement[bool]:
    return and_(
        unmatched.c.district_id == district,
        unmatched.c.centre_id == centre_id,
        unmatched.c.record.is_not(None),
    )


def _at(place: str) -> ColumnElement[bool]:
    """The condition of a `place`.

    Raises:
        NotThere: it is not of that form.
    """
    origin, epoch, sequence = ([*place.split("."), "", ""])[:3]
    if not (epoch.isdigit() and sequence.isdigit() and len(sequence) < 18 and len(epoch) < 9):
        raise NotThere
    return and_(
        unmatched.c.origin == origin,
        unmatched.c.epoch == int(epoch),
        unmatched.c.sequence == int(sequence),
    )
