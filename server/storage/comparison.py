"""Comparing a table with the same table made anew, row by row, in the order of the primary key; both are streamed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter

import sqlalchemy as sa

from anganwadi.ids import DistrictId
from server.storage.engine import is_sqlite

_AT_ONCE = 2000

Row = tuple[object, ...]
Pair = tuple[Row | None, Row | None]


@dataclass
class Differences:
    """What became of a table's rows: the same both ways, differing in a value, missing in the live table, or extra."""

    table: sa.Table
    same: int = 0
    differing: int = 0
    missing: int = 0
    extra: int = 0

    @property
    def any(self) -> bool:
        return bool(self.differing or self.missing or self.extra)

    @property
    def rows(self) -> int:
        """Rows of the live table."""
        return self.same + self.differing + self.extra


def compare(
    live: sa.Connection,
    made: sa.Connection,
    table: sa.Table,
    district: DistrictId,
    on_difference: Callable[[Row | None, Row | None], None] | None = None,
) -> Differences:
    """Count how a district's rows of `table` stand in `live` beside `made`; `on_difference` gets each pair (live row,
    made row) that differs, one of them None where there is no such row."""
    found = Differences(table)
    for old, new in _pairs(table, _rows(live, table, district), _rows(made, table, district)):
        if old == new:
            found.same += 1
            continue
        if old is None:
            found.missing += 1
        elif new is None:
            found.extra += 1
        else:
            found.differing += 1
        if on_difference is not None:
            on_difference(old, new)
    return found


def key_of(table: sa.Table) -> Callable[[Row], Row]:
    """What takes the primary key out of a row."""
    columns = list(table.columns)
    return itemgetter(*(columns.index(column) for column in table.primary_key))


def _pairs(table: sa.Table, live: Iterator[Row], made: Iterator[Row]) -> Iterator[Pair]:
    key = key_of(table)
    old, new = next(live, None), next(made, None)
    while old is not None or new is not None:
        if new is None or (old is not None and key(old) < key(new)):
            yield old, None
            old = next(live, None)
        elif old is None or key(new) < key(old):
            yield None, new
            new = next(made, None)
        else:
            yield old, new
            old, new = next(live, None), next(made, None)


def _rows(connection: sa.Connection, table: sa.Table, district: DistrictId) -> Iterator[Row]:
    query = (
        sa.select(table)
        .where(table.c.district_id == district)
        .order_by(*(_by_bytes(connection, column) for column in table.primary_key))
    )
    result = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    return (tuple(row) for row in result)


def _by_bytes(connection: sa.Connection, column: sa.Column) -> sa.ColumnElement:
    """In the order in which Python compares: PostgreSQL's own would be that of a language."""
    if is_sqlite(connection) or not isinstance(column.type, sa.String):
        return column
    return sa.collate(column, "C")
