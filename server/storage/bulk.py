"""Many rows into one table as fast as the database takes them, from columns of values.

SQLAlchemy's own way costs more a row than the database does. SQLite gets long statements of many rows, which run
without Python's lock; PostgreSQL gets COPY.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_VARIABLES = 9000
"""Values a statement; SQLite takes 32,766 at most."""

_COPIED_AS = {
    sa.BigInteger: "int8",
    sa.Integer: "int4",
    sa.String: "text",
    sa.Text: "text",
    sa.LargeBinary: "bytea",
}


def insert(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[object]]) -> None:
    """Insert rows into `table`, given column by column, all of one length.

    Raises:
        sqlalchemy.exc.OperationalError: the database failed.
        sqlalchemy.exc.IntegrityError: a key is taken.
    """
    count = len(next(iter(columns.values())))
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns)
        return
    names = tuple(columns)
    at_once = _VARIABLES // len(names)
    for start in range(0, count, at_once):
        flat = _flat([column[start : start + at_once] for column in columns.values()])
        connection.exec_driver_sql(_statement(table.name, names, len(flat) // len(names)), tuple(flat))


@lru_cache(maxsize=64)
def _statement(table: str, names: tuple[str, ...], count: int) -> str:
    """The statement that inserts `count` rows; the driver keeps the latest ones prepared, by their text."""
    row = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - our own names


def _flat(columns: list[Sequence[object]]) -> list[object]:
    """The values row by row; filled in column by column, which Python does in C."""
    width = len(columns)
    flat: list[object] = [None] * (width * len(columns[0]))
    for n, column in enumerate(columns):
        flat[n::width] = column
    return flat


def _copy(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[object]]) -> None:
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN WITH (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([_copied_as(table.c[name]) for name in columns])
            for row in zip(*columns.values(), strict=True):
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            statement,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            dialect=connection.dialect,
        ) from error


def _copied_as(column: sa.Column[Any]) -> str:
    return next(name for kind, name in _COPIED_AS.items() if isinstance(column.type, kind))
