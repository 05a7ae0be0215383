"""The roster of a centre as one of its kiosks needs it: people and templates from the vault, weights, measures, care,
rations and the doorstep list from the registers.

What the kiosk recorded itself lies in its own journal, so that a day's weighing need not send the whole roster down
again: `mark` tells what the office changed from what may have been the kiosk's own doing.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
import sqlalchemy as sa

from anganwadi.anthropometry import Position
from anganwadi.ids import SERVER_ORIGIN, CentreId, Grams, PersonId
from anganwadi.people import Person
from anganwadi.wire.login import Care, PastMeasure, PastWeight, Roster, RosterEntry
from server.cards import queries as cards
from server.cards.queries import CardRow
from server.storage import rotations as template_rotations
from server.storage import tables, vault
from server.storage.origins import OriginState

persons, weighings, rations, events = tables.persons, tables.weighings, tables.rations, tables.events
doorstep, measurings, care = tables.doorstep, tables.measurings, tables.care

MEASURES = 12
"""Days of measuring that come down, the last ones: a year of months. They are counted, not dated, so that a version
says the same on every day it is read."""

IDENTITY_TYPES = ("person_record",)
"""The types of a kiosk's own events that change the vault."""


TOLD = {
    weighings: (weighings.c.grams,),
    rations: (rations.c.cycle,),
    doorstep: (doorstep.c.listed,),
    measurings: (measurings.c.length, measurings.c.position, measurings.c.muac, measurings.c.oedema),
    care: (care.c.step, care.c.seen_by, care.c.visits),
}
"""What a roster tells of each register, beside whom and when."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What a roster says, in three hashes: what the office brought; the faces, which the kiosk itself may have enrolled
    or erased since; what other kiosks of the centre recorded."""

    office: bytes
    faces: bytes
    neighbours: bytes


def mark(connection: sa.Connection, device: OriginState, centre: CentreId) -> Mark:
    """The mark of the centre's roster as it now stands for `device`."""
    office, faces, neighbours = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    office.update(_rotation_number(connection, device, centre).to_bytes(4, "big"))
    people = sa.select(persons.c.person_id, persons.c.record, persons.c.template).where(
        persons.c.district_id == device.district, persons.c.centre_id == centre
    )
    for person, record, template in connection.execute(people.order_by(persons.c.person_id)):
        office.update(_framed(person.encode(), record))
        if template is not None:
            faces.update(_framed(person.encode(), template))
    for table, told in TOLD.items():
        rows = connection.execute(
            sa.select(table.c.origin, table.c.person_id, table.c.day, *told)
            .where(table.c.district_id == device.district, table.c.centre_id == centre)
            .where(~_own(table, device))
            .order_by(table.c.origin, table.c.epoch, table.c.sequence)
        )
        for origin, *said in rows:
            whose = office if origin == SERVER_ORIGIN else neighbours
            whose.update(_framed(*(str(each).encode() for each in said)))
    return Mark(office.digest(), faces.digest(), neighbours.digest())


Stamp = tuple[int | None, ...]


def stamp(connection: sa.Connection, device: OriginState, centre: CentreId) -> Stamp:
    """Figures that change whenever the roster does, counted on the indexes alone."""
    people = sa.select(sa.func.count(), sa.func.max(persons.c.updated_ms)).where(
        persons.c.district_id == device.district, persons.c.centre_id == centre
    )
    turned_by = _rotation_number(connection, device, centre)
    figures: list[int | None] = [device.epoch, turned_by, *connection.execute(people).one()]
    for table in TOLD:
        rows = sa.select(sa.func.count()).where(
            table.c.district_id == device.district, table.c.centre_id == centre
        )
        figures.append(connection.execute(rows.select_from(table)).scalar_one())
    return tuple(figures)


def own_identities_since(connection: sa.Connection, device: OriginState, sequence: int) -> bool:
    """Whether `device` recorded somebody's identity or face after `sequence`."""
    found = connection.execute(
        sa.select(events.c.sequence)
        .where(events.c.district_id == device.district, events.c.origin == device.origin)
        .where(events.c.epoch == device.epoch, events.c.sequence > sequence)
        .where(events.c.type.in_(IDENTITY_TYPES))
        .limit(1)
    )
    return found.first() is not None


def build(
    connection: sa.Connection, device: OriginState, centre: CentreId, version: int, through: int
) -> Roster:
    """Everybody registered at `centre`, with what the kiosk shows of their past; of the kiosk's own events those up to
    sequence `through`, so that what it records meanwhile does not change a version under way."""
    weights = _by_person(connection, weighings, device, centre, through)
    cycles = _by_person(connection, rations, device, centre, through)
    at_home = _by_person(connection, doorstep, device, centre, through)
    measured = _by_person(connection, measurings, device, centre, through)
    decided = _by_person(connection, care, device, centre, through)
    held = cards.of_centre(connection, device.district, centre)
    entries = tuple(
        RosterEntry(
            person=kept.person,
            template=kept.template,
            card_issued=_card_pin(kept.person, held) is not None,
            card_pin=_card_pin(kept.person, held),
            weights=tuple(
                PastWeight(date.fromisoformat(row.day), Grams(row.grams))
                for row in _last_of_days(weights.get(kept.person.person_id, ()))
            ),
            measures=_measures(measured.get(kept.person.person_id, ())),
            care=_care(decided.get(kept.person.person_id, ())),
            cycles=tuple(
                dict.fromkeys(row.cycle for row in cycles.get(kept.person.person_id, ()) if row.cycle)
            ),
            doorstep=any(row.listed for row in at_home.get(kept.person.person_id, ())[-1:]),
        )
        for kept in vault.of_centre(connection, device.district, centre)
    )
    turned_by = template_rotations.current(connection, device.district, centre)
    return Roster(centre, version, entries, through, turned_by)


def _last_of_days(rows: Iterable[sa.Row]) -> list[sa.Row]:
    """Of each day the last event, which holds; in order of days."""
    by_day = {row.day: row for row in rows}
    return [by_day[day] for day in sorted(by_day)]


def _measures(rows: Sequence[sa.Row]) -> tuple[PastMeasure, ...]:
    return tuple(
        PastMeasure(
            day=date.fromisoformat(row.day),
            length=row.length,
            position=None if row.position is None else Position(row.position),
            muac=row.muac,
            oedema=row.oedema,
        )
        for row in _last_of_days(rows)[-MEASURES:]
    )


def _care(rows: Sequence[sa.Row]) -> Care | None:
    """The last decision, also that care has ended."""
    if not rows:
        return None
    row = rows[-1]
    return Care(
        day=date.fromisoformat(row.day),
        step=row.step,
        seen_by=None if row.seen_by is None else date.fromisoformat(row.seen_by),
        visits=tuple(date.fromisoformat(day) for day in json.loads(row.visits)),
    )


def _card_pin(person: Person, held: dict[PersonId, CardRow]) -> str | None:
    """The hash of the PIN of her card, if the number in her record is that of one that holds."""
    card = held.get(person.person_id)
    return None if card is None or card.number != person.card else card.pin_hash


def _rotation_number(connection: sa.Connection, device: OriginState, centre: CentreId) -> int:
    """What the centre's templates are turned by; 0 for nothing."""
    turned_by = template_rotations.current(connection, device.district, centre)
    return 0 if turned_by is None else turned_by.number


def _by_person(
    connection: sa.Connection, table: sa.Table, device: OriginState, centre: CentreId, through: int
) -> dict[PersonId, list[sa.Row]]:
    rows = connection.execute(
        sa.select(table)
        .where(table.c.district_id == device.district, table.c.centre_id == centre)
        .where(~_own(table, device) | (table.c.sequence <= through))
        .order_by(table.c.at_ms, table.c.sequence)
    )
    return _grouped(rows)


def _grouped(rows: Iterable[sa.Row]) -> dict[PersonId, list[sa.Row]]:
    found: dict[PersonId, list[sa.Row]] = {}
    for row in rows:
        found.setdefault(PersonId(row.person_id), []).append(row)
    return found


def _own(table: sa.Table, device: OriginState) -> sa.ColumnElement[bool]:
    return (table.c.origin == device.origin) & (table.c.epoch == device.epoch)


def _framed(*fields: bytes) -> bytes:
    """Fields with their lengths, so that no two different ones read the same."""
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)
