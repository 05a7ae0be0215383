"""Opening a store that is only a cache of what the server has: one that is damaged is removed and made anew."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from sqlcipher3 import dbapi2 as sqlcipher
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

log = structlog.get_logger(__name__)


def open_cache(
    path: Path, connect: Callable[[], Any], migrations: Migrations, *settings: str, what: str
) -> Database:
    """Open or make the file at `path` by `connect`, set the pragmas `settings` and bring it up to date; `what` is the
    store's name in the log. A file that another key was used for counts as damaged.

    Raises:
        sqlite3.Error, sqlcipher3.dbapi2.Error, OSError: it cannot be opened or made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _begin(connect(), migrations, settings)
    except (sqlite3.DatabaseError, sqlcipher.DatabaseError) as error:
        if not any(sign in str(error) for sign in ("not a database", "malformed")):
            raise
    log.warning("cache_replaced", store=what, reason="does not open, or is damaged")
    for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        leftover.unlink(missing_ok=True)
    return _begin(connect(), migrations, settings)


def _begin(connection: Any, migrations: Migrations, settings: tuple[str, ...]) -> Database:
    try:
        db = Database(connection)
        db.execute("select count(*) from sqlite_master").fetchone()
        for setting in ("journal_mode = wal", "secure_delete = on", *settings):
            db.execute(f"pragma {setting}")
        if db.execute("pragma quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("malformed")
        migrations.apply(db)
    except BaseException:
        connection.close()
        raise
    return db
