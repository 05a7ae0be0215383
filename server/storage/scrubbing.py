"""Leaving nothing of what was deleted in the database's files.

`secure_delete` overwrites a deleted row, but not the copies that earlier moves of rows between pages left behind. So
the tables that held somebody are written anew: every page of theirs is overwritten, the rows that stay go into fresh
ones. Then the write-ahead file, which holds older pages, is emptied. Nobody else can write meanwhile: about 5 seconds
for 100,000 people.
"""

import re
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from server.storage.engine import is_sqlite, writing

_AGAIN_S, _PATIENCE_MS = 0.2, 500
_CACHE_KIB = 64 << 10
_COPY = "rewritten"


class StillRead(RuntimeError):
    """Somebody reads an older state of the database, so that its remains cannot be removed yet; try again later."""


def scrub(engine: sa.Engine, tables: Sequence[sa.Table], limit_s: float = 30.0) -> None:
    """Remove what is left of rows deleted from these tables. Readers are waited for, `limit_s` at most.

    Raises:
        StillRead: they did not end.
    """
    if is_sqlite(engine):
        with writing(engine) as connection:
            _rewrite(connection, [table.name for table in tables])
        _settle(engine, limit_s)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.exec_driver_sql(f"vacuum full {table.name}")


def _rewrite(connection: sa.Connection, names: Sequence[str]) -> None:
    """Copy each table into one of the same form, empty it, copy it back: three times page by page, not row by row."""
    usual = connection.exec_driver_sql("pragma cache_size").scalar_one()
    connection.exec_driver_sql(f"pragma cache_size = -{_CACHE_KIB}")
    for name in names:
        for statement in _alike(connection, name):
            connection.exec_driver_sql(statement)
        for statement in (
            f"insert into {_COPY} select * from {name}",  # noqa: S608 - our own names
            f"delete from {name}",  # noqa: S608 - without a condition every page is overwritten
            f"insert into {name} select * from {_COPY}",  # noqa: S608
            f"drop table {_COPY}",
        ):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"pragma cache_size = {usual}")


def _alike(connection: sa.Connection, name: str) -> list[str]:
    """What makes a table like `name`, with like indices: only then SQLite copies pages."""
    made = connection.exec_driver_sql(
        "select sql from sqlite_master where tbl_name = ? and sql is not null order by type desc", (name,)
    )
    return [
        re.sub(
            rf'(create table |create (?:unique )?index )"?(\w+)"?( on "?{name}"?)?',
            lambda found: f"{found[1]}{_COPY}" + (f"_{found[2]} on {_COPY}" if found[3] else ""),
            statement,
            count=1,
            flags=re.IGNORECASE,
        )
        for statement in made.scalars()
    ]


def _settle(engine: sa.Engine, limit_s: float) -> None:
    until = time.monotonic() + limit_s
    while not _empty_write_ahead(engine):
        if time.monotonic() > until:
            raise StillRead(
                "done, but a long reader (a backup, a report) keeps older pages in the encrypted write-ahead file: run"
                " this again when it has ended"
            )
        time.sleep(_AGAIN_S)


def _empty_write_ahead(engine: sa.Engine) -> bool:
    """Whether it could be emptied. Nobody waits long for this: writers are held back while it waits for readers."""
    connection = engine.raw_connection()
    driver: Any = connection.driver_connection
    ((usual,),) = driver.execute("pragma busy_timeout")
    try:
        driver.execute(f"pragma busy_timeout = {_PATIENCE_MS}")
        ((busy, _, _),) = driver.execute("pragma wal_checkpoint(truncate)")
    except engine.dialect.loaded_dbapi.OperationalError:  # locked: as busy
        return False
    finally:
        driver.execute(f"pragma busy_timeout = {usual}")
        connection.close()
    return not busy
