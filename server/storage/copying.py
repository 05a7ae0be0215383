"""Copying whole tables between databases: into a backup and out of it again.

Both being SQLCipher files, SQLite copies page by page inside one connection, a million events in about 4 seconds. From
and to PostgreSQL rows are streamed, at a few times that. The columns of both tables must be the same; `migrations`
sees to that.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from anganwadi.ids import DistrictId
from server.storage.engine import CipherFile, insert, is_sqlite, pin, snapshot, writing
from server.storage.progress import Progress

_AT_ONCE = 5000
_STEPS = 200_000
"""After so many steps of SQLite's machine the progress is told."""


def to_file(
    source: sa.Engine, file: CipherFile, district: DistrictId, tables: Sequence[str], progress: Progress
) -> None:
    """Copy a district's tables, all as of one moment, into the empty ones of `file`. Writers of `source` go on
    meanwhile. A SQLCipher file holds one district and is copied whole."""
    if is_sqlite(source):
        with _attached(source, file.uri(), file.key) as connection:
            _within(connection, "main", "other", tables, progress)
        return
    made = file.open_scratch()
    with snapshot(source) as connection, made.connect() as other, other.begin():
        _across(connection, other, district, tables, progress)
    made.dispose()


def from_file(
    file: CipherFile, target: sa.Engine, district: DistrictId, tables: Sequence[str], progress: Progress
) -> None:
    """Copy a district's tables of `file`, which nobody writes, into the empty ones of `target`, in one transaction."""
    if is_sqlite(target):
        with _attached(target, file.uri(read_only=True), file.key) as connection:
            _within(connection, "other", "main", tables, progress)
        return
    read = file.open_read_only()
    with snapshot(read) as connection, writing(target) as other:
        _across(connection, other, district, tables, progress)
    read.dispose()


@contextmanager
def _attached(engine: sa.Engine, uri: str, key: str) -> Iterator[sa.Connection]:
    """A connection that sees another file as the schema `other`, written without syncing."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("attach ? as other key ?", (uri, f"x'{key}'"))
        try:
            driver.execute("pragma other.journal_mode = off")
            driver.execute("pragma other.synchronous = off")
            yield connection
        finally:
            driver.set_progress_handler(None, 0)
            driver.execute("detach other")


def _within(
    connection: sa.Connection, source: str, target: str, tables: Sequence[str], progress: Progress
) -> None:
    driver: Any = connection.connection.driver_connection
    with connection.begin():
        pin(connection)
        driver.set_progress_handler(_watching(driver, source, target, progress), _STEPS)
        for table in tables:
            connection.exec_driver_sql(_copying(driver, source, target, table))
        driver.set_progress_handler(None, 0)


def _copying(driver: Any, source: str, target: str, table: str) -> str:
    """The statement that copies a table. `select *` into an empty one is what SQLite copies page by page; but that goes
    by place, not by name, so the columns must stand in the same order."""
    there, here = (
        [row[1] for row in driver.execute(f"pragma {schema}.table_info({table})")]
        for schema in (target, source)
    )
    names = "*" if there == here else ", ".join(there)
    into = f"{target}.{table}" if there == here else f"{target}.{table} ({names})"
    return f"insert into {into} select {names} from {source}.{table}"  # noqa: S608 - our own names


def _watching(driver: Any, source: str, target: str, progress: Progress) -> Callable[[], int]:
    """Tells how far the target's file has grown towards the size of the source's."""
    ((pages,),) = driver.execute(f"pragma {source}.page_count")
    ((page_bytes,),) = driver.execute(f"pragma {source}.page_size")  # SQLCipher says it as text
    total = int(pages) * int(page_bytes)
    (growing,) = (Path(row[2]) for row in driver.execute("pragma database_list") if row[1] == target)

    def tell() -> int:
        progress("bytes", min(growing.stat().st_size, total), total)
        return 0

    return tell


def _across(
    source: sa.Connection,
    target: sa.Connection,
    district: DistrictId,
    tables: Sequence[str],
    progress: Progress,
) -> None:
    file = source if is_sqlite(source) else target
    reflected = [sa.Table(name, sa.MetaData(), autoload_with=file) for name in tables]
    queries = [sa.select(table).where(table.c.district_id == district) for table in reflected]
    total = sum(
        source.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
        for query in queries
    )
    done = 0
    for table, query in zip(reflected, queries, strict=True):
        names = tuple(column.name for column in table.columns)
        rows = source.execute(query, execution_options={"yield_per": _AT_ONCE})
        for part in rows.partitions():
            insert(target, table.name, names, [tuple(row) for row in part])
            done += len(part)
            progress("rows", done, total)
