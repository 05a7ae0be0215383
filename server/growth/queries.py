"""SQL of how children grow. Every function reads inside the caller's connection, and takes the condition that says
which centres (`server.accounts.scope.in_scope`). Days are ISO dates, both ends included."""

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from anganwadi.growth import MUAC_SEVERE_MM, NutritionClass
from server.centres.queries import AnySelect, Rows, same_centre
from server.storage.tables import care, centres, measurings, weighings

_SEVERE = NutritionClass.SEVERE.value


def weighed(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """Weighings, in order of days and of time."""
    of = weighings.c
    columns = (
        of.day,
        of.person_id,
        of.grams,
        of.source,
        of.way,
        of.flagged,
        of.confirmed,
        of.spread,
        of.waz,
        of.weight_class,
    )
    return _in_order(connection, select(*columns), weighings, scope, first, last)


def measured(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """Measurings, in order of days and of time."""
    of = measurings.c
    columns = (
        of.day,
        of.person_id,
        of.length,
        of.muac,
        of.oedema,
        of.haz,
        of.whz,
        of.stunting,
        of.wasting,
        of.flagged,
        of.confirmed,
    )
    return _in_order(connection, select(*columns), measurings, scope, first, last)


def decided(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """What care was decided, in order of days and of time."""
    of = care.c
    columns = (of.day, of.at_ms, of.person_id, of.step, of.faltering, of.seen_by, of.visits)
    return _in_order(connection, select(*columns), care, scope, first, last)


def last_of_those_in_care(
    connection: Connection, table: Table, scope: ColumnElement[bool], first: str, last: str
) -> dict[str, tuple[str, int]]:
    """By person for whom care was decided: the last day on which `table`, weighings or measurings, has her, and the
    time of it."""
    in_care = _of(select(care.c.person_id), care, scope, first, last)
    columns = (table.c.person_id, func.max(table.c.day), func.max(table.c.at_ms))
    rows = connection.execute(
        _of(select(*columns), table, scope, first, last)
        .where(table.c.person_id.in_(in_care))
        .group_by(table.c.person_id)
    )
    return {person: (day, at_ms) for person, day, at_ms in rows}


def weighed_once_severe(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """All weighings, in order of days, of whoever was severely underweight in any."""
    columns = (weighings.c.day, weighings.c.person_id, weighings.c.weight_class)
    severe = _of(select(weighings.c.person_id), weighings, scope, first, last).where(
        weighings.c.weight_class == _SEVERE
    )
    query = select(*columns).where(weighings.c.person_id.in_(severe))
    return _in_order(connection, query, weighings, scope, first, last)


def measured_once_severe(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """All measurings, in order of days, of whoever was severely wasted, by arm or by height, or had oedema in any."""
    of = measurings.c
    columns = (of.day, of.person_id, of.muac, of.wasting, of.oedema, of.length)
    severe = _of(select(of.person_id), measurings, scope, first, last).where(
        or_(of.wasting == _SEVERE, of.muac < MUAC_SEVERE_MM, of.oedema)
    )
    query = select(*columns).where(of.person_id.in_(severe))
    return _in_order(connection, query, measurings, scope, first, last)


def _of(query: AnySelect, table: Table, scope: ColumnElement[bool], first: str, last: str) -> AnySelect:
    return query.join(centres, same_centre(table)).where(scope, table.c.day.between(first, last))


def _in_order(
    connection: Connection, query: AnySelect, table: Table, scope: ColumnElement[bool], first: str, last: str
) -> Rows:
    ordered = _of(query, table, scope, first, last).order_by(table.c.day, table.c.at_ms, table.c.sequence)
    return connection.execute(ordered).all()
