"""Many rows into one table, or changed in it, as fast as the database takes them.

SQLAlchemy's own way costs more a row than the database does. SQLite gets long statements of many rows: it works
without Python's lock from a statement's start to its end, but asks for the lock back after every one, and waits for it
where another thread is busy. PostgreSQL gets COPY.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_LENGTHS = (2000, 400, 80, 16, 4, 1)
"""Rows a statement. Few lengths, since the driver keeps statements prepared; SQLite takes 32,766 values in one."""

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
    for start, length in _pieces(count):
        flat = _flat([column[start : start + length] for column in columns.values()])
        connection.exec_driver_sql(_insert(table.name, names, length), tuple(flat))


def update(
    connection: sa.Connection, table: sa.Table, keys: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> None:
    """Change rows of `table`: in each of `rows` the columns `keys` say which, the others what to.

    Raises:
        sqlalchemy.exc.OperationalError: the database failed.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        which = [table.c[name] == sa.bindparam(f"key_{name}") for name in keys]
        changed = {name: sa.bindparam(f"new_{name}") for name in names if name not in keys}
        given = [{f"{'key' if name in keys else 'new'}_{name}": row[name] for name in names} for row in rows]
        connection.execute(sa.update(table).where(*which).values(changed), given)
        return
    for start, length in _pieces(len(rows)):
        flat = [row[name] for row in rows[start : start + length] for name in names]
        connection.exec_driver_sql(_update(table.name, names, tuple(keys), length), tuple(flat))


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    """Where statements begin and how long they are, to deal with `count` rows."""
    start = 0
    for length in _LENGTHS:
        while count - start >= length:
            yield start, length
            start += length


@lru_cache(maxsize=64)
def _insert(table: str, names: tuple[str, ...], count: int) -> str:
    """The statement that inserts `count` rows; the driver keeps the latest ones prepared, by their text."""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {_rows(names, count)}"  # noqa: S608 - our own names


@lru_cache(maxsize=64)
def _update(table: str, names: tuple[str, ...], keys: tuple[str, ...], count: int) -> str:
    """The statement that changes `count` rows, which stand in it as a table of their own."""
    changed = ", ".join(f"{name} = given.{name}" for name in names if name not in keys)
    which = " AND ".join(f"{table}.{name} = given.{name}" for name in keys)
    given = f"WITH given ({', '.join(names)}) AS (VALUES {_rows(names, count)})"
    return f"{given} UPDATE {table} SET {changed} FROM given WHERE {which}"  # noqa: S608 - our own names


def _rows(names: tuple[str, ...], count: int) -> str:
    return ", ".join([f"({', '.join('?' * len(names))})"] * count)


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
