"""SQL of supervision visits, and of what a centre's kiosk reported on the day and in the month of one. Every function
works inside the caller's connection."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, insert, select, update

from server.accounts.scope import Officer, in_scope
from server.storage.tables import (
    attendance,
    centre_days,
    centres,
    meals,
    officers,
    persons,
    rations,
    visits,
    weighings,
)

AnyRow = Row[*tuple[Any, ...]]
Rows = Sequence[AnyRow]


def lock_centre(connection: Connection, officer: Officer, centre_id: str) -> AnyRow | None:
    """The centre, if `officer` sees it; held until the transaction ends, so that visits to it begin one by one."""
    return connection.execute(
        select(centres.c.centre_id)
        .where(in_scope(officer), centres.c.centre_id == centre_id)
        .with_for_update()
    ).one_or_none()


def open_visit(connection: Connection, officer: Officer, centre_id: str, day: str) -> str | None:
    """The visit that `officer` began here on `day` and has not sent."""
    return connection.execute(
        select(visits.c.visit_id)
        .where(
            visits.c.district_id == officer.district_id,
            visits.c.centre_id == centre_id,
            visits.c.day == day,
            visits.c.officer_id == officer.officer_id,
            visits.c.instance_id.is_(None),
        )
        .order_by(visits.c.started_ms.desc())
        .limit(1)
    ).scalar_one_or_none()


def add_visit(
    connection: Connection,
    officer: Officer,
    *,
    visit_id: str,
    centre_id: str,
    day: str,
    form_id: str,
    form_version: str,
    started_ms: int,
) -> None:
    connection.execute(
        insert(visits).values(
            district_id=officer.district_id,
            visit_id=visit_id,
            centre_id=centre_id,
            officer_id=officer.officer_id,
            day=day,
            form_id=form_id,
            form_version=form_version,
            started_ms=started_ms,
        )
    )


def visit_by_id(connection: Connection, officer: Officer, visit_id: str) -> AnyRow | None:
    """A visit to a centre that `officer` sees, with the centre's names and the visitor's."""
    at = and_(centres.c.district_id == visits.c.district_id, centres.c.centre_id == visits.c.centre_id)
    by = and_(officers.c.district_id == visits.c.district_id, officers.c.officer_id == visits.c.officer_id)
    return connection.execute(
        select(
            visits,
            centres.c.name_en,
            centres.c.name_hi,
            centres.c.name_ur,
            officers.c.name.label("officer_name"),
        )
        .join(centres, at)
        .outerjoin(officers, by)
        .where(in_scope(officer), visits.c.visit_id == visit_id)
    ).one_or_none()


def store_submission(
    connection: Connection,
    district: str,
    visit_id: str,
    *,
    instance_id: str,
    submitted_ms: int,
    submission: bytes,
    answers: str,
    score: float | None,
    grade: str | None,
) -> bool:
    """Keep the visit's submission. False, and nothing changed, where it has one already."""
    changed = connection.execute(
        update(visits)
        .where(
            visits.c.district_id == district, visits.c.visit_id == visit_id, visits.c.instance_id.is_(None)
        )
        .values(
            instance_id=instance_id,
            submitted_ms=submitted_ms,
            submission=submission,
            answers=answers,
            score=score,
            grade=grade,
        )
    )
    return changed.rowcount == 1


# --- what the kiosk reported ------------------------------------------------------------------------------------


def opening_of(connection: Connection, district: str, centre: str, day: str) -> AnyRow | None:
    return connection.execute(
        select(centre_days.c.opened_ms, centre_days.c.closed_ms).where(
            _here(centre_days, district, centre), centre_days.c.day == day
        )
    ).one_or_none()


def marks_of(connection: Connection, district: str, centre: str, day: str) -> dict[bool, int]:
    """How many children were marked present, and absent."""
    rows = connection.execute(
        select(attendance.c.present, func.count())
        .where(_here(attendance, district, centre), attendance.c.day == day)
        .group_by(attendance.c.present)
    )
    return {bool(present): number for present, number in rows}


def meals_of(connection: Connection, district: str, centre: str, day: str) -> dict[str, int]:
    """Per meal: how many were served."""
    rows = connection.execute(
        select(meals.c.meal, meals.c.served).where(_here(meals, district, centre), meals.c.day == day)
    )
    return {row.meal: row.served for row in rows}


def days_open(connection: Connection, district: str, centre: str, first: str, last: str) -> int:
    return connection.execute(
        select(func.count())
        .select_from(centre_days)
        .where(_here(centre_days, district, centre), centre_days.c.day.between(first, last))
    ).scalar_one()


def people_weighed(connection: Connection, district: str, centre: str, first: str, last: str) -> set[str]:
    return set(
        connection.execute(
            select(weighings.c.person_id)
            .distinct()
            .where(_here(weighings, district, centre), weighings.c.day.between(first, last))
        ).scalars()
    )


def rations_of(connection: Connection, district: str, centre: str, first: str, last: str) -> Rows:
    """Each ration handed out (`rung`) or refused (`rung` null), with whose it is."""
    return connection.execute(
        select(rations.c.person_id, rations.c.rung).where(
            _here(rations, district, centre), rations.c.day.between(first, last)
        )
    ).all()


def records_of(connection: Connection, district: str, centre: str) -> Rows:
    """`person_id` and vault `record` of everybody on the centre's roster."""
    return connection.execute(
        select(persons.c.person_id, persons.c.record).where(_here(persons, district, centre))
    ).all()


def _here(table: Table, district: str, centre: str) -> ColumnElement[bool]:
    return and_(table.c.district_id == district, table.c.centre_id == centre)
