"""Reaching the database: a SQLCipher file on a district's box, PostgreSQL for a state; one schema for both.

Writers take the write lock at their first statement (`writing`); long readers read everything as of one moment
(`snapshot`). What is deleted is overwritten (`secure_delete`), since a person may be erased.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlcipher3 import dbapi2 as sqlcipher

from server.settings import Database

KEY_BYTES = 32

_BUSY_MS = 10_000
_WAL_PAGES = 8_000
"""Pages of 4 KiB in the write-ahead log after which they are copied into the database: while a district sends a backlog
the same pages of an index change again and again."""
_VARIABLES = 9_000
"""Values a statement; SQLite takes 32,766 at most."""


DATABASE_FAILED = (OperationalError, TimeoutError)
"""What is raised where the database fails, whatever it was given: it is down, full or locked, or all connections to it
are taken. The same work may succeed later."""


class DatabaseUnusable(RuntimeError):
    """The database cannot be opened; the text says what to do."""


@dataclass(frozen=True)
class CipherFile:
    """A SQLCipher file and its key, 32 bytes as 64 hex digits."""

    path: Path
    key: str = field(repr=False)

    def open(self) -> sa.Engine:
        """An engine that loses nothing: WAL, a full sync at every commit."""
        return self._engine(
            "pragma journal_mode = wal",
            "pragma synchronous = full",
            f"pragma wal_autocheckpoint = {_WAL_PAGES}",
        )

    def open_scratch(self) -> sa.Engine:
        """An engine for a file that is thrown away, or synced by whoever made it: fast, and nothing to roll back."""
        return self._engine("pragma journal_mode = off", "pragma synchronous = off")

    def uri(self, *, read_only: bool = False) -> str:
        """SQLite's name for the file; `read_only` takes it as it is, without locks and without any file beside it."""
        return self.path.absolute().as_uri() + ("?immutable=1" if read_only else "")

    def open_read_only(self) -> sa.Engine:
        """An engine for a file that nobody writes."""
        return self._engine(read_only=True)

    def _engine(self, *pragmas: str, read_only: bool = False) -> sa.Engine:
        def opened() -> sqlcipher.Connection:
            connection = sqlcipher.connect(
                self.uri(read_only=read_only), uri=True, check_same_thread=False, isolation_level=None
            )
            connection.execute(f"pragma key = \"x'{self.key}'\"")
            connection.execute(f"pragma busy_timeout = {_BUSY_MS}")
            for pragma in pragmas:
                connection.execute(pragma)
            connection.execute("pragma secure_delete = on")
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


def connect(database: Database) -> sa.Engine:
    """An engine for the configured database. SQLCipher: WAL, a full sync at every commit, key from its file.

    Raises:
        DatabaseUnusable: no database configured, or the key file is missing or malformed.
    """
    if database.url is not None:
        return sa.create_engine(database.url, hide_parameters=True)
    return configured_file(database).open()


@contextmanager
def opened(database: Database) -> Iterator[sa.Engine]:
    """As `connect`, for as long as a command takes; nothing stays open."""
    engine = connect(database)
    try:
        yield engine
    finally:
        engine.dispose()


def configured_file(database: Database) -> CipherFile:
    """The SQLCipher file of these settings.

    Raises:
        DatabaseUnusable: none is configured, or the key file is missing or malformed.
    """
    if database.path is None or database.key_file is None:
        raise DatabaseUnusable("no database: set database.url, or database.path and database.key_file")
    return CipherFile(database.path, _read_key(database.key_file))


def _read_key(key_file: Path) -> str:
    try:
        key = key_file.read_text().strip()
        if len(bytes.fromhex(key)) != KEY_BYTES:
            raise ValueError
    except (OSError, ValueError) as error:
        raise DatabaseUnusable(f"{key_file} must hold the database key: 64 hex digits") from error
    return key


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


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads: everything as it was when this began, whatever is written meanwhile."""
    isolation = {} if is_sqlite(engine) else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**isolation) as connection, connection.begin():
        pin(connection)
        yield connection


def pin(connection: sa.Connection) -> None:
    """Let the open transaction see the database as it is now: SQLite chooses the moment at the first read."""
    if is_sqlite(connection):
        connection.exec_driver_sql("select count(*) from sqlite_master").all()


def is_sqlite(bind: sa.Engine | sa.Connection) -> bool:
    """Whether this is a SQLCipher file; else it is PostgreSQL."""
    return bind.dialect.name == "sqlite"


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, object]],
    first_wins: Collection[str] = (),
) -> None:
    """Insert rows of the same columns, each of another primary key; where a key is taken, replace the columns given,
    but for those of `first_wins`, which stay as they were once set. Python's column defaults are not applied."""
    if rows:
        columns = tuple(rows[0])
        values = itemgetter(*columns)  # a tuple: every table has more than one column
        conflict = _on_conflict(table, columns, frozenset(first_wins))
        insert(connection, table.name, columns, [values(row) for row in rows], conflict)


def insert(
    connection: sa.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    conflict: str = "",
) -> None:
    """Insert rows, their values handed to the driver as they are: many a statement, which neither SQLAlchemy's nor the
    driver's way of one row after the other comes near. `conflict` ends the statement."""
    at_once = max(1, _VARIABLES // len(columns))
    mark = "?" if is_sqlite(connection) else "%s"
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        statement = _inserting(table, columns, len(part), mark, conflict)
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(part)))


@lru_cache(maxsize=256)
def _inserting(table: str, columns: tuple[str, ...], count: int, mark: str, conflict: str) -> str:
    row = f"({', '.join([mark] * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)} {conflict}"  # noqa: S608 - our own names


@lru_cache(maxsize=64)
def _on_conflict(table: sa.Table, columns: tuple[str, ...], first_wins: frozenset[str]) -> str:
    keys = [column.name for column in table.primary_key]
    changed = [
        f"{name} = coalesce({table.name}.{name}, excluded.{name})"
        if name in first_wins
        else f"{name} = excluded.{name}"
        for name in columns
        if name not in keys
    ]
    return f"ON CONFLICT ({', '.join(keys)}) DO " + (
        f"UPDATE SET {', '.join(changed)}" if changed else "NOTHING"
    )
