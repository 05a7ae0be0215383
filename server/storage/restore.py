"""Restoring a backup: the database as it was, in a new life of the server, which the kiosks then fill up.

The backup is proven, copied into a new file under the server's own key, brought to the newest schema, and given a new
generation; `safe_through` is what the backup holds, so that kiosks send again what came after it. Whoever was erased
since is erased again. Only then the new file takes the old one's place, in one step.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.exc import DBAPIError

from anganwadi.events import Proof
from anganwadi.ids import NOBODY, DistrictId
from anganwadi.wire.keys import Verifier
from provisioning.files import sync_folder
from server.settings import Database
from server.storage import backup_file, copying, erasure, migrations, news, scrubbing, tables, vault
from server.storage.backup import NOT_COPIED, SERVER_FILES
from server.storage.backup_file import BadBackup, Manifest
from server.storage.engine import CipherFile, configured_file, connect, upsert, writing
from server.storage.erasure_register import Erasure
from server.storage.progress import Progress, unseen

ERASED_AGAIN = "erased before the server was restored from a backup"

_BESIDE = ("-wal", "-shm")

log = structlog.get_logger(__name__)


class NotRestored(RuntimeError):
    """The restore was not done, and nothing was changed; the text says what to do."""


class Opened(msgspec.Struct, frozen=True):
    """A backup that is proven whole, and its database with its key."""

    manifest: Manifest
    file: CipherFile


class Restored(msgspec.Struct, frozen=True):
    """What was restored. `set_aside` is where the old database lies, None where there was none."""

    manifest: Manifest
    generation: int
    erased_again: int
    set_aside: Path | None


def open_backup(
    path: Path,
    district: DistrictId,
    recovery: X25519PrivateKey,
    server: Verifier,
    progress: Progress = unseen,
) -> Opened:
    """Prove that a backup is this district's and whole, and open it.

    Raises:
        BadBackup: it is not, or it cannot be opened with this key or by this version.
    """
    manifest = backup_file.read_manifest(path, server, district)
    backup_file.verify(path, manifest, progress)
    if not migrations.is_known(manifest.schema):
        raise BadBackup(f"{path} was made by a later version of the server: install that one, then restore")
    file = backup_file.unlock(path, manifest, recovery)
    engine = file.open_read_only()
    try:
        with engine.connect() as connection:
            _check_events(connection, manifest)
    except DBAPIError as error:
        raise BadBackup(f"{path} does not open: take another backup") from error
    finally:
        engine.dispose()
    return Opened(manifest, file)


def server_files(backup: Opened) -> dict[str, bytes]:
    """The server's own key files as they were."""
    engine = backup.file.open_read_only()
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"select name, content from {SERVER_FILES}").all()  # noqa: S608
    engine.dispose()
    return {row.name: row.content for row in found}


def restore(
    database: Database,
    backup: Opened,
    erasures: Iterable[Erasure],
    *,
    force: bool = False,
    now: datetime | None = None,
    progress: Progress = unseen,
) -> Restored:
    """Put a backup in the place of the configured database; the server must be stopped. `erasures` are those of the
    register. A database that holds something is replaced only with `force`, and set aside.

    Raises:
        NotRestored: there is a database already, or the server is running.
        DatabaseUnusable: no database is configured, or its key is missing.
    """
    now = now or datetime.now(UTC)
    if database.url is not None:
        engine = connect(database)
        if _holds_something(engine):
            raise NotRestored("the database holds something: make an empty one and give its URL")
        again, set_aside = _fill(engine, backup, erasures, now, progress), None
    else:
        target = configured_file(database)
        if target.path.exists() and not force and not _is_empty(target):
            raise NotRestored(
                f"{target.path} holds something: `--force` sets it aside and puts the backup there"
            )
        _close(target)
        fresh = CipherFile(target.path.with_name(target.path.name + ".restoring"), target.key)
        fresh.path.unlink(missing_ok=True)
        again = _fill(fresh.open_scratch(), backup, erasures, now, progress)
        _sync(fresh.path)
        set_aside = _set_aside(target, now)
        fresh.path.replace(target.path)
        sync_folder(target.path.parent)
    generation = _generation(backup.manifest, now)
    log.info("restored", generation=generation, events=backup.manifest.events)
    return Restored(backup.manifest, generation, again, set_aside)


def _generation(manifest: Manifest, now: datetime) -> int:
    """Higher than any life of the server before, also where one backup is restored twice."""
    return max(manifest.generation + 1, int(now.timestamp()))


def _fill(
    engine: sa.Engine, backup: Opened, erasures: Iterable[Erasure], now: datetime, progress: Progress
) -> int:
    """Make the database; how many were erased again."""
    manifest = backup.manifest
    migrations.migrate(engine, manifest.schema)
    copying.from_file(backup.file, engine, manifest.district, _tables_of(backup.file), progress)
    migrations.migrate(engine)
    with writing(engine) as connection:
        _check_events(connection, manifest)
        again = _erase_again(connection, manifest.district, erasures, now)
        _begin_new_life(connection, manifest, backup.file.path, now)
    if again:
        scrubbing.scrub(engine, erasure.HELD_IN)
    engine.dispose()
    return again


def _tables_of(file: CipherFile) -> list[str]:
    engine = file.open_read_only()
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return sorted(names - NOT_COPIED - {SERVER_FILES, "alembic_version"})


def _check_events(connection: sa.Connection, manifest: Manifest) -> None:
    count = sa.select(sa.func.count()).select_from(tables.events)
    here = tables.events.c.district_id == manifest.district
    if connection.execute(count.where(here)).scalar_one() != manifest.events:
        raise BadBackup("the backup does not hold the events its manifest speaks of: take another backup")


def _erase_again(
    connection: sa.Connection, district: DistrictId, erasures: Iterable[Erasure], now: datetime
) -> int:
    again = 0
    for each in erasures:
        gone = vault.was_erased(connection, district, each.person_id)
        if not gone and erasure.is_held(connection, district, each.person_id):
            erasure.erase_within(
                connection, district, each.person_id, ERASED_AGAIN, by=NOBODY, proof=Proof.NONE, now=now
            )
            again += 1
        else:
            erasure.forget(connection, district, each.person_id, each.erased_ms)
    return again


def _begin_new_life(connection: sa.Connection, manifest: Manifest, path: Path, now: datetime) -> None:
    origins = tables.origins
    for mark in manifest.origins:
        connection.execute(
            sa.update(origins)
            .where(origins.c.district_id == manifest.district)
            .where(origins.c.origin == mark.origin, origins.c.epoch == mark.epoch)
            .values(safe_through=mark.stored_through)
        )
    news.tell(connection, manifest.district, None)
    generation = _generation(manifest, now)
    upsert(connection, tables.server_state, [{"district_id": manifest.district, "generation": generation}])
    row: dict[str, Any] = {
        "district_id": manifest.district,
        "backup_id": manifest.backup_id,
        "generation": manifest.generation,
        "made_ms": manifest.made_ms,
        "name": path.name,
        "size": path.stat().st_size,
        "events": manifest.events,
    }
    upsert(connection, tables.backups, [row])


def _is_empty(file: CipherFile) -> bool:
    engine = file.open()
    try:
        return not _holds_something(engine)
    except DBAPIError:
        return False  # damaged, or under another key
    finally:
        engine.dispose()


def _holds_something(engine: sa.Engine) -> bool:
    """Whether there is anything but the server's own enrolment, which `migrate` makes."""
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        for table in tables.metadata.sorted_tables:
            query = sa.select(sa.literal(1)).select_from(table).limit(1)
            if table is tables.origins:
                query = query.where(tables.origins.c.centre_id.is_not(None))
            if table.name in there and connection.execute(query).first() is not None:
                return True
    return False


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _set_aside(target: CipherFile, now: datetime) -> Path | None:
    """Move the old database, with what lies beside it, out of the way.

    Raises:
        NotRestored: the server has it open.
    """
    if not target.path.exists():
        return None
    _close(target)
    aside = target.path.with_name(f"{target.path.name}.{now:%Y%m%dT%H%M%SZ}.old")
    for suffix in ("", *_BESIDE):
        beside = target.path.with_name(target.path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def _close(target: CipherFile) -> None:
    """Take the write-ahead file into the database, which works only where nobody else has it open. A damaged one stays
    as it is.

    Raises:
        NotRestored: the server has it open.
    """
    if not target.path.exists():
        return
    engine = target.open()
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("pragma busy_timeout = 2000")
            driver.execute("pragma journal_mode = delete")
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        if "locked" in str(error):
            raise NotRestored("the server is running: stop it, then restore") from error
        log.warning("old_database_damaged")
    finally:
        engine.dispose()
