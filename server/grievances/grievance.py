"""A grievance: somebody left without her ration. It opens by itself, is due after a day, and a CDPO closes it.

The supervisor of the sector, the CDPO and the DPO see it; nothing of it goes down to the kiosk, so that the worker it
may be about never does. That it was closed, and how, is an event of the server's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_

from anganwadi import events
from anganwadi.bodies import GrievanceHandled, GrievanceOutcome
from anganwadi.events import Proof
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId, WorkerId
from server.accounts.scope import Officer, Role, in_scope
from server.centres.enrolment import person_of
from server.grievances import queries
from server.storage import own_origin
from server.storage.tables import centres

DUE_MS = 24 * 3_600_000
"""A refused ration is looked into within a day, whatever the weekday: the project's default."""

CLOSED_SHOWN = 50
LONGEST_NOTE = 200
"""Characters: as long as a line of an event may be."""


@dataclass(frozen=True)
class Grievance:
    """`place` names it: origin, epoch and sequence of the refusal. `name` is None where the vault has her no longer;
    `served_ms` is when she did get a ration after it; the rest is None while it is open."""

    place: str
    centre_id: str
    centre_names: dict[str, str]
    person_id: str
    name: str | None
    latin: str | None
    reason: str
    opened_ms: int
    served_ms: int | None
    outcome: GrievanceOutcome | None
    note: str | None
    closed_ms: int | None
    officer: str | None

    @property
    def due_ms(self) -> int:
        return self.opened_ms + DUE_MS

    def is_overdue(self, now_ms: int) -> bool:
        """Whether its day has passed: while it is open, or before it was closed."""
        return (now_ms if self.closed_ms is None else self.closed_ms) > self.due_ms


class NotThere(LookupError):
    """No such grievance in the officer's area."""


class ClosedAlready(ValueError):
    """Somebody closed it before."""


class NotYours(PermissionError):
    """Only a CDPO closes a grievance."""


class NoWords(ValueError):
    """The outcome `other` needs words, of `LONGEST_NOTE` characters at most."""


def may_close(officer: Officer) -> bool:
    return officer.role is Role.CDPO


def open_ones(connection: Connection, officer: Officer, centre_id: str | None = None) -> list[Grievance]:
    """Those open in the officer's area, or at one centre of it, oldest first."""
    return _read(connection, officer, queries.open_ones(connection, _within(officer, centre_id)))


def closed_ones(connection: Connection, officer: Officer) -> list[Grievance]:
    """The last ones closed."""
    return _read(connection, officer, queries.closed_ones(connection, in_scope(officer), CLOSED_SHOWN))


def count_open(connection: Connection, officer: Officer, now_ms: int) -> tuple[int, int]:
    """How many are open in the officer's area, and how many of them overdue."""
    return queries.count_open(connection, in_scope(officer), now_ms - DUE_MS)


def close(
    connection: Connection,
    officer: Officer,
    place: str,
    outcome: GrievanceOutcome,
    note: str,
    now: datetime,
    *,
    simulated: bool,
) -> None:
    """Record what came of the grievance of `place`. In a writing transaction.

    Raises:
        NotYours: the officer is no CDPO.
        NotThere: there is none in her area.
        ClosedAlready: it is closed.
        NoWords: the outcome needs words, or they are too long.
    """
    if not may_close(officer):
        raise NotYours
    row = queries.at_place(connection, in_scope(officer), *_parsed(place))
    if row is None:
        raise NotThere
    if row.outcome is not None:
        raise ClosedAlready
    words = " ".join(note.split())
    if len(words) > LONGEST_NOTE or (outcome is GrievanceOutcome.OTHER and not words):
        raise NoWords
    handled = GrievanceHandled(
        origin=Origin(row.origin),
        epoch=row.epoch,
        sequence=row.sequence,
        person_id=PersonId(row.person_id),
        outcome=outcome,
        note=words or None,
    )
    happened = events.new_event(
        handled,
        centre_id=CentreId(row.centre_id),
        worker_id=WorkerId(officer.officer_id),
        at=now.astimezone(UTC),
        simulated=simulated,
        proof=Proof.SERVER,
    )
    own_origin.record(connection, DistrictId(officer.district_id), [happened])


def _within(officer: Officer, centre_id: str | None) -> ColumnElement[bool]:
    scope = in_scope(officer)
    return scope if centre_id is None else and_(scope, centres.c.centre_id == centre_id)


def _parsed(place: str) -> tuple[str, int, int]:
    """Origin, epoch and sequence.

    Raises:
        NotThere: it is not of that form.
    """
    origin, epoch, sequence = ([*place.split("."), "", ""])[:3]
    if not (epoch.isdecimal() and sequence.isdecimal() and len(epoch) < 9 and len(sequence) < 18):
        raise NotThere
    return origin, int(epoch), int(sequence)


def _read(connection: Connection, officer: Officer, rows: Iterable[Any]) -> list[Grievance]:
    rows = list(rows)
    ids = {row.person_id for row in rows}
    records = queries.records(connection, officer.district_id, ids)
    people = {person_id: person_of(record) for person_id, record in records.items()}
    served = queries.served_since(connection, officer.district_id, ids)
    return [
        Grievance(
            place=f"{row.origin}.{row.epoch}.{row.sequence}",
            centre_id=row.centre_id,
            centre_names={"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
            person_id=row.person_id,
            name=people[row.person_id].name if row.person_id in people else None,
            latin=people[row.person_id].name_latin if row.person_id in people else None,
            reason=row.reason,
            opened_ms=row.at_ms,
            served_ms=_after(served.get(row.person_id), row.at_ms),
            outcome=None if row.outcome is None else GrievanceOutcome(row.outcome),
            note=row.note,
            closed_ms=row.closed_ms,
            officer=row.officer,
        )
        for row in rows
    ]


def _after(served_ms: int | None, opened_ms: int) -> int | None:
    return served_ms if served_ms is not None and served_ms > opened_ms else None
