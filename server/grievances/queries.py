"""SQL of grievances. Every function works inside the caller's connection, and takes the condition that says which
centres (`server.accounts.scope.in_scope`)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from server.centres.queries import Rows, same_centre
from server.storage.tables import centres, grievances, grievances_handled, officers, persons, rations

_AT_ONCE = 500

_handled = and_(
    grievances_handled.c.district_id == grievances.c.district_id,
    grievances_handled.c.origin == grievances.c.origin,
    grievances_handled.c.epoch == grievances.c.epoch,
    grievances_handled.c.sequence == grievances.c.sequence,
)
_open = grievances_handled.c.outcome.is_(None)


def open_ones(connection: Connection, scope: ColumnElement[bool]) -> Rows:
    """Those nobody has closed, oldest first."""
    return connection.execute(_all().where(scope, _open).order_by(grievances.c.at_ms, *_place())).all()


def closed_ones(connection: Connection, scope: ColumnElement[bool], limit: int) -> Rows:
    """The last ones closed, newest first."""
    newest = grievances_handled.c.at_ms.desc()
    return connection.execute(_all().where(scope, ~_open).order_by(newest, *_place()).limit(limit)).all()


def at_place(
    connection: Connection, scope: ColumnElement[bool], origin: str, epoch: int, sequence: int
) -> Row[*tuple[Any, ...]] | None:
    """The grievance of a place in the log, held until the transaction ends."""
    here = and_(grievances.c.origin == origin, grievances.c.epoch == epoch, grievances.c.sequence == sequence)
    return connection.execute(_all().where(scope, here).with_for_update(of=grievances)).one_or_none()


def count_open(connection: Connection, scope: ColumnElement[bool], overdue_before_ms: int) -> tuple[int, int]:
    """How many are open, and how many of them opened before `overdue_before_ms`."""
    counted = select(func.count(), func.count().filter(grievances.c.at_ms < overdue_before_ms))
    query = counted.select_from(_joined()).where(scope, _open)
    found, overdue = connection.execute(query).one()
    return found, overdue


def served_since(connection: Connection, district: str, people: Collection[str]) -> dict[str, int]:
    """When each of these people last received a ration, in UTC milliseconds; those who never did are left out."""
    found: dict[str, int] = {}
    for part in _parts(sorted(people)):
        query = (
            select(rations.c.person_id, func.max(rations.c.at_ms))
            .where(rations.c.district_id == district, rations.c.person_id.in_(part))
            .where(rations.c.rung.is_not(None))
            .group_by(rations.c.person_id)
        )
        found.update((person, at_ms) for person, at_ms in connection.execute(query))
    return found


def records(connection: Connection, district: str, people: Collection[str]) -> dict[str, bytes]:
    """The vault's records of these people, as far as it has them."""
    found: dict[str, bytes] = {}
    for part in _parts(sorted(people)):
        query = select(persons.c.person_id, persons.c.record).where(
            persons.c.district_id == district, persons.c.person_id.in_(part)
        )
        found.update((person, record) for person, record in connection.execute(query))
    return found


def _place() -> tuple[ColumnElement[Any], ...]:
    return grievances.c.origin, grievances.c.epoch, grievances.c.sequence


def _joined() -> Any:
    return grievances.join(centres, same_centre(grievances)).outerjoin(grievances_handled, _handled)


def _all() -> Select[*tuple[Any, ...]]:
    by = and_(
        officers.c.district_id == grievances_handled.c.district_id,
        officers.c.officer_id == grievances_handled.c.officer_id,
    )
    return select(
        grievances,
        centres.c.name_en,
        centres.c.name_hi,
        centres.c.name_ur,
        grievances_handled.c.outcome,
        grievances_handled.c.note,
        grievances_handled.c.at_ms.label("closed_ms"),
        officers.c.name.label("officer"),
    ).select_from(_joined().outerjoin(officers, by))


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
