"""Who belongs to which centre: what ingest asks before it believes an event that names a worker or a person.

A centre's people and workers are read once and remembered, for so many centres as fit. Somebody not among them is asked
for again before she is doubted: she may have been registered, moved or erased since. Of an erased person events are
taken, since they lead to nobody any more; her records are not.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from anganwadi.events import Event, PersonRecord
from anganwadi.ids import NOBODY, CentreId, DistrictId, PersonId, WorkerId
from anganwadi.people import Person
from server.ingest.belief import Contents, is_id, named
from server.ingest.reasons import Reason
from server.storage import tables

MOST_PEOPLE = 400_000
"""Person ids remembered, at most: about 60 MB. A whole district sends at once when its network is back."""

_IDS_A_QUERY = 500
_BETWEEN = "\n"
"""Stands between ids; no id has it."""

Id = TypeVar("Id", bound=str)

persons, workers, erased = tables.persons, tables.centre_workers, tables.erased


@dataclass
class Known:
    """A centre's people and workers, as far as they are known."""

    people: set[PersonId] = field(default_factory=set)
    workers: set[WorkerId] = field(default_factory=set)


@dataclass
class Answer:
    """What the database said of those not known: who is registered elsewhere, who was erased."""

    known: Known
    elsewhere: set[PersonId]
    erased: set[PersonId]

    def doubt(self, event: Event, centre: CentreId) -> Reason | None:
        """What speaks against whom this event names."""
        if event.worker_id != NOBODY and event.worker_id not in self.known.workers:
            return Reason.UNKNOWN_WORKER
        body = event.body
        if isinstance(body, PersonRecord) and body.person is not None:
            return self._doubt_registration(body, body.person, centre)
        for person in named(body):
            if person in self.elsewhere:
                return Reason.OTHERS_PERSON
            if person not in self.known.people and person not in self.erased:
                return Reason.UNKNOWN_PERSON
        return None

    def _doubt_registration(self, record: PersonRecord, person: Person, centre: CentreId) -> Reason | None:
        if not is_id(record.person_id):
            return Reason.NO_ID
        if person.person_id != record.person_id:
            return Reason.OTHERS_RECORD
        if person.centre_id != centre:
            return Reason.ELSEWHERE
        if any(each in self.elsewhere for each in (record.person_id, *family(person))):
            return Reason.OTHERS_PERSON
        return None


def family(person: Person) -> list[PersonId]:
    """Whom a registration names beside the person: they may be registered after her, but not elsewhere."""
    return [*person.nominees, *([] if person.guardian is None else [person.guardian])]


class Acquaintance:
    """Remembers the people and workers of the centres that spoke last."""

    def __init__(self, district: DistrictId) -> None:
        self._district = district
        self._centres: OrderedDict[CentreId, Known] = OrderedDict()
        self._people = 0

    def forget(self) -> None:
        """Remember nobody: what was read in a transaction that failed may never have been so."""
        self._centres.clear()
        self._people = 0

    def meet(self, connection: sa.Connection, centres: Set[CentreId]) -> None:
        """Read the people and workers of those centres that are not remembered."""
        for centre in centres & self._centres.keys():
            self._centres.move_to_end(centre)
        new = sorted(centres - self._centres.keys())
        for part in _parts(new):
            people = self._read(connection, persons, persons.c.person_id, part)
            theirs = self._read(connection, workers, workers.c.worker_id, part)
            for centre in part:
                self._centres[centre] = Known(people.get(centre, set()), theirs.get(centre, set()))
                self._people += len(self._centres[centre].people)
        while self._people > MOST_PEOPLE and len(self._centres) > len(centres):
            self._people -= len(self._centres.popitem(last=False)[1].people)

    def knows_all(self, centre: CentreId, contents: Contents) -> bool:
        """Whether everybody that these events name is known at `centre`."""
        known = self._centres[centre]
        return contents.people <= known.people and contents.workers <= known.workers

    def ask(
        self, connection: sa.Connection, centre: CentreId, contents: Contents, also: Iterable[PersonId]
    ) -> Answer:
        """Ask the database for whomever these events, and `also` others, name and is not known at `centre`."""
        known = self._centres[centre]
        if not contents.workers <= known.workers:
            found = self._read(connection, workers, workers.c.worker_id, [centre])
            known.workers = found.get(centre, set())
        missing = sorted(filter(is_id, {*contents.people, *also} - known.people))
        answer = Answer(known, set(), set())
        for part in _parts(missing):
            registered = sa.select(persons.c.person_id, persons.c.centre_id).where(
                persons.c.district_id == self._district, persons.c.person_id.in_(part)
            )
            for person, at in connection.execute(registered):
                if at == centre:
                    self.register(centre, person)
                else:
                    answer.elsewhere.add(person)
            gone = sa.select(erased.c.person_id).where(
                erased.c.district_id == self._district, erased.c.person_id.in_(part)
            )
            answer.erased.update(connection.execute(gone).scalars())
        return answer

    def register(self, centre: CentreId, person: PersonId) -> None:
        """Remember somebody registered just now."""
        known = self._centres[centre]
        self._people += person not in known.people
        known.people.add(person)

    def _read(
        self, connection: sa.Connection, table: sa.Table, column: sa.Column[str], centres: Sequence[CentreId]
    ) -> dict[CentreId, set[Any]]:
        """The ids in `column` by centre; one row for all of a centre, many times faster than one for each."""
        query = (
            sa.select(table.c.centre_id, sa.func.aggregate_strings(column, _BETWEEN))
            .where(table.c.district_id == self._district, table.c.centre_id.in_(centres))
            .group_by(table.c.centre_id)
        )
        return {centre: set(ids.split(_BETWEEN)) for centre, ids in connection.execute(query)}


def _parts(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    return (ids[start : start + _IDS_A_QUERY] for start in range(0, len(ids), _IDS_A_QUERY))
