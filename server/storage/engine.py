"""Reaching the database: a SQLCipher file on a district's box, PostgreSQL for a state; one schema for both."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlcipher3 import dbapi2 as sqlcipher

from server.settings import Database

_BUSY_MS = 10_000


class DatabaseUnusable(RuntimeError):
    """The database cannot be opened; the text says what to do."""


def connect(database: Database) -> sa.Engine:
    """An engine for the configured database. SQLCipher: WAL, a full sync at every commit, key from its file.

    Raises:
        DatabaseUnusable: no database configured, or the key file is missing or malformed.
    """
    if database.url is not None:
        return sa.create_engine(database.url, hide_parameters=True)
    if database.path is None or database.key_file is None:
        raise DatabaseUnusable("no database: set database.url, or database.path and database.key_file")
    return _sqlcipher(database.path, _read_key(database.key_file))


def _read_key(key_file: Path) -> str:
    try:
        key = key_file.read_text().strip()
        if len(bytes.fromhex(key)) != 32:
            raise ValueError
    except (OSError, ValueError) as error:
        raise DatabaseUnusable(f"{key_file} must hold the database key: 64 hex digits") from error
    return key


def _sqlcipher(path: Path, key: str) -> sa.Engine:
    def opened() -> sqlcipher.Connection:
        connection = sqlcipher.connect(str(path), check_same_thread=False, isolation_level=None)
        connection.execute(f"pragma key = \"x'{key}'\"")
        connection.execute(f"pragma busy_timeout = {_BUSY_MS}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma temp_store = memory")
        return connection

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        module=sqlcipher,
        creator=opened,
        poolclass=sa.pool.QueuePool,
        pool_size=8,
        hide_parameters=True,  # errors would else carry names into the logs
    )
    begin_explicitly(engine)
    return engine


def begin_explicitly(engine: sa.Engine) -> None:
    """Make SQLite transactions real: the driver's own late BEGIN is off, ours takes the write lock where asked."""

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: it holds the write lock from its first statement, commits or rolls back at its end."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: list[dict[str, object]],
    first_wins: Collection[str] = (),
) -> None:
    """Insert rows; where the primary key is taken, replace the columns given. Later rows win, but for the columns of
    `first_wins`, which stay as they were once set."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {
        name: sa.func.coalesce(table.c[name], statement.excluded[name])
        if name in first_wins
        else statement.excluded[name]
        for name in rows[0]
        if name not in keys
    }
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    connection.execute(statement, rows)
