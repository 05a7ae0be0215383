"""SQL of a centre's day: what the projections and the vault hold. Every function reads inside the caller's connection.

The district-wide ones take the condition that says which centres (`server.accounts.scope.in_scope`), and so never
show one outside it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, func, select

from server.storage.tables import (
    attendance,
    care,
    centre_days,
    centres,
    doorstep,
    events,
    head_counts,
    meals,
    officers,
    persons,
    rations,
    sectors,
    visits,
    weighings,
)

AnyRow = Row[*tuple[Any, ...]]
Rows = Sequence[AnyRow]
AnySelect = Select[*tuple[Any, ...]]


def centres_where(connection: Connection, scope: ColumnElement[bool]) -> Rows:
    """Centres with their sectors' names, by sector and name."""
    of_sector = and_(
        sectors.c.district_id == centres.c.district_id, sectors.c.sector_id == centres.c.sector_id
    )
    return connection.execute(
        select(
            centres.c.centre_id,
            centres.c.sector_id,
            centres.c.name_en,
            centres.c.name_hi,
            centres.c.name_ur,
            sectors.c.name_en.label("sector_en"),
            sectors.c.name_hi.label("sector_hi"),
            sectors.c.name_ur.label("sector_ur"),
        )
        .outerjoin(sectors, of_sector)
        .where(scope)
        .order_by(sectors.c.name_en, centres.c.name_en, centres.c.centre_id)
    ).all()


def opening_times(connection: Connection, scope: ColumnElement[bool], day: str) -> Rows:
    columns = (centre_days.c.centre_id, centre_days.c.opened_ms, centre_days.c.closed_ms)
    return connection.execute(_of_day(select(*columns), centre_days, scope, day)).all()


def presence(connection: Connection, scope: ColumnElement[bool], day: str) -> Rows:
    """Per centre: `present`, the children marked present."""
    counted = select(attendance.c.centre_id, func.count().label("present"))
    query = _of_day(counted, attendance, scope, day).where(attendance.c.present)
    return connection.execute(query.group_by(attendance.c.centre_id)).all()


def rations_by_rung(connection: Connection, scope: ColumnElement[bool], day: str) -> Rows:
    """Per centre and rung (null: refused): `number`."""
    counted = select(rations.c.centre_id, rations.c.rung, func.count().label("number"))
    return connection.execute(
        _of_day(counted, rations, scope, day).group_by(rations.c.centre_id, rations.c.rung)
    ).all()


def classes_weighed(connection: Connection, scope: ColumnElement[bool], day: str) -> Rows:
    """Per centre and weight class: `number` of children, each by her last weighing of the day."""
    newest = func.row_number().over(
        partition_by=(weighings.c.centre_id, weighings.c.person_id),
        order_by=(weighings.c.at_ms.desc(), weighings.c.sequence.desc()),
    )
    columns = (weighings.c.centre_id, weighings.c.weight_class, newest.label("newest"))
    ranked = _of_day(select(*columns), weighings, scope, day).subquery()
    return connection.execute(
        select(ranked.c.centre_id, ranked.c.weight_class, func.count().label("number"))
        .where(ranked.c.newest == 1)
        .group_by(ranked.c.centre_id, ranked.c.weight_class)
    ).all()


def meals_served(connection: Connection, scope: ColumnElement[bool], day: str) -> Rows:
    columns = (meals.c.centre_id, meals.c.meal, meals.c.served)
    return connection.execute(_of_day(select(*columns), meals, scope, day)).all()


def records(connection: Connection, scope: ColumnElement[bool]) -> Rows:
    """The vault's person records of the centres."""
    return connection.execute(
        select(persons.c.centre_id, persons.c.person_id, persons.c.record)
        .join(centres, same_centre(persons))
        .where(scope)
    ).all()


def attendance_of(connection: Connection, district: str, centre: str, day: str) -> Rows:
    return connection.execute(
        _rows_of(attendance, district, centre, day).order_by(attendance.c.person_id)
    ).all()


def care_of(connection: Connection, district: str, centre: str, day: str) -> Rows:
    """What was decided of children's care on a day, in order of time."""
    return connection.execute(_in_order(care, district, centre, day)).all()


def weighings_of(connection: Connection, district: str, centre: str, day: str) -> Rows:
    """In the order they were taken."""
    return connection.execute(_in_order(weighings, district, centre, day)).all()


def rations_of(connection: Connection, district: str, centre: str, day: str) -> Rows:
    """In the order they were handed out or refused."""
    return connection.execute(_in_order(rations, district, centre, day)).all()


def head_count_of(connection: Connection, district: str, centre: str, day: str) -> AnyRow | None:
    return connection.execute(_rows_of(head_counts, district, centre, day)).one_or_none()


def doorstep_of(connection: Connection, district: str, centre: str) -> Rows:
    """Whoever was put on the doorstep list or taken off it, in order of time."""
    here = and_(doorstep.c.district_id == district, doorstep.c.centre_id == centre)
    return connection.execute(
        select(doorstep).where(here).order_by(doorstep.c.at_ms, doorstep.c.sequence)
    ).all()


def visits_of(connection: Connection, district: str, centre: str, limit: int) -> Rows:
    """The last supervision visits, newest first, with the officer's name."""
    by = and_(officers.c.district_id == visits.c.district_id, officers.c.officer_id == visits.c.officer_id)
    return connection.execute(
        select(
            visits.c.visit_id,
            visits.c.day,
            visits.c.started_ms,
            visits.c.submitted_ms,
            visits.c.score,
            visits.c.grade,
            officers.c.name.label("officer"),
        )
        .outerjoin(officers, by)
        .where(visits.c.district_id == district, visits.c.centre_id == centre)
        .order_by(visits.c.started_ms.desc())
        .limit(limit)
    ).all()


def event_counts(connection: Connection, district: str) -> Rows:
    """Per type of event: `number` in the log."""
    return connection.execute(
        select(events.c.type, func.count().label("number"))
        .where(events.c.district_id == district)
        .group_by(events.c.type)
        .order_by(events.c.type)
    ).all()


def same_centre(table: Table) -> ColumnElement[bool]:
    """The condition that a row of `table` is of a centre."""
    return and_(centres.c.district_id == table.c.district_id, centres.c.centre_id == table.c.centre_id)


def _of_day(query: AnySelect, table: Table, scope: ColumnElement[bool], day: str) -> AnySelect:
    return query.join(centres, same_centre(table)).where(scope, table.c.day == day)


def _rows_of(table: Table, district: str, centre: str, day: str) -> AnySelect:
    return select(table).where(
        table.c.district_id == district, table.c.centre_id == centre, table.c.day == day
    )


def _in_order(table: Table, district: str, centre: str, day: str) -> AnySelect:
    return _rows_of(table, district, centre, day).order_by(table.c.at_ms, table.c.sequence)
