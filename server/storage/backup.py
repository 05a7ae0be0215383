"""Backing up while the server runs: a consistent, encrypted copy, which then makes everything in it safe.

The tables are copied as of one moment into a database of its own, under a temporary name; the file is finished with
its manifest, put on the disk, renamed. Only then `safe_through` of every origin is moved on, by which kiosks forget.
"""

import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import sqlalchemy as sa
import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy.exc import OperationalError

from anganwadi.ids import DistrictId
from anganwadi.wire.keys import Signer
from provisioning.files import sync_folder
from server.storage import backup_file, copying, migrations, origins, tables
from server.storage.backup_file import Manifest, OriginMark
from server.storage.engine import KEY_BYTES, CipherFile, writing
from server.storage.progress import Progress, unseen

NOT_COPIED = frozenset({"sessions"})
"""Whoever was logged in when a backup was made need not be when it is restored."""

SERVER_FILES = "server_files"
"""The table of a backup, beside those of the schema, that holds the server's own key files: without them what kiosks
sealed to the server could not be opened on a new machine."""

_TRIES = 3
_OLD_S = 86_400

log = structlog.get_logger(__name__)


class BackupFailed(RuntimeError):
    """No backup was made; the text says what to do."""


class Made(msgspec.Struct, frozen=True):
    """A backup that was made, and the older ones deleted for it."""

    path: Path
    manifest: Manifest
    pruned: tuple[str, ...]


def make(
    engine: sa.Engine,
    district: DistrictId,
    server: Signer,
    recovery: X25519PublicKey,
    folder: Path,
    *,
    server_files: Mapping[str, bytes],
    keep: int | None = None,
    progress: Progress = unseen,
) -> Made:
    """Make a backup in `folder`, which must be there; then delete all but the newest `keep`.

    Raises:
        BackupFailed: no folder, another schema, no space; or somebody was erased each time while it was made.
    """
    if not folder.is_dir():
        raise BackupFailed(f"{folder} is not there: mount the backup disk, or make the folder")
    if not migrations.is_current(engine):
        raise BackupFailed("the database is not at this version: run `python -m server migrate`")
    for _ in range(_TRIES):
        path, manifest, erased = _write(engine, district, server, recovery, folder, server_files, progress)
        if _publish(engine, manifest, path, erased):
            return Made(path, manifest, _prune(engine, district, folder, keep))
        path.unlink()
    raise BackupFailed("people were erased while it was made: make it again")


def _write(
    engine: sa.Engine,
    district: DistrictId,
    server: Signer,
    recovery: X25519PublicKey,
    folder: Path,
    server_files: Mapping[str, bytes],
    progress: Progress,
) -> tuple[Path, Manifest, int]:
    backup_id, made_ms = str(uuid4()), time.time_ns() // 1_000_000
    path = folder / _name(district, made_ms, backup_id)
    partial = path.with_name(f".{path.name}.partial")
    file = CipherFile(partial, secrets.token_hex(KEY_BYTES))
    try:
        _copy(engine, district, file, server_files, progress)
        manifest, erased = _describe(file, district, backup_id, made_ms, recovery, progress)
        backup_file.finish(partial, manifest, server)
        partial.replace(path)
        sync_folder(folder)
    except (OSError, OperationalError) as error:
        raise BackupFailed(
            f"the backup could not be written to {folder}: {getattr(error, 'orig', error)}"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return path, manifest, erased


def _copy(
    engine: sa.Engine,
    district: DistrictId,
    file: CipherFile,
    server_files: Mapping[str, bytes],
    progress: Progress,
) -> None:
    made = file.open_scratch()
    migrations.migrate(made)
    with made.begin() as connection:
        connection.exec_driver_sql(
            f"create table {SERVER_FILES} (name text primary key, content blob not null)"
        )
        for name, content in server_files.items():
            connection.exec_driver_sql(f"insert into {SERVER_FILES} values (?, ?)", (name, content))  # noqa: S608
    made.dispose()
    names = [table.name for table in tables.metadata.sorted_tables if table.name not in NOT_COPIED]
    copying.to_file(engine, file, district, names, progress)


def _describe(
    file: CipherFile,
    district: DistrictId,
    backup_id: str,
    made_ms: int,
    recovery: X25519PublicKey,
    progress: Progress,
) -> tuple[Manifest, int]:
    """The manifest of what was copied, read from the copy, and how many people are erased in it."""
    made = file.open_scratch()
    with made.connect() as connection:
        generation = origins.generation(connection, district)
        schema = migrations.version_of(connection)
        count = connection.execute(sa.select(sa.func.count()).select_from(tables.events)).scalar_one()
        erased = _erased(connection, district)
        marks = [OriginMark(*row) for row in connection.execute(_MARKS)]
    made.dispose()
    size = file.path.stat().st_size
    sealed, recovery_id = backup_file.seal_key(file.key, recovery, backup_id)
    manifest = Manifest(
        backup_id=backup_id,
        district=district,
        generation=generation,
        made_ms=made_ms,
        schema=str(schema),
        events=count,
        origins=tuple(marks),
        size=size,
        sha256=backup_file.digest(file.path, size, progress),
        recovery_id=recovery_id,
        sealed_key=sealed,
    )
    return manifest, erased


_MARKS = sa.select(
    tables.origins.c.origin,
    tables.origins.c.epoch,
    tables.origins.c.stored_through,
    tables.origins.c.chain_head,
).order_by(tables.origins.c.origin, tables.origins.c.epoch)


def _publish(engine: sa.Engine, manifest: Manifest, path: Path, erased: int) -> bool:
    """Make safe what is in the backup. False, and nothing is, where somebody was erased since it was begun: she would
    be in a backup made after her erasure.

    Raises:
        BackupFailed: the database is another one by now.
    """
    with writing(engine) as connection:
        if origins.generation(connection, manifest.district) != manifest.generation:
            raise BackupFailed("the server was restored while the backup was made: make it again")
        if _erased(connection, manifest.district) != erased:
            return False
        for mark in manifest.origins:
            connection.execute(_make_safe(manifest.district, mark))
        connection.execute(
            sa.insert(tables.backups).values(
                district_id=manifest.district,
                backup_id=manifest.backup_id,
                generation=manifest.generation,
                made_ms=manifest.made_ms,
                name=path.name,
                size=path.stat().st_size,
                events=manifest.events,
            )
        )
    log.info("backup_made", events=manifest.events, size=manifest.size)
    return True


def _erased(connection: sa.Connection, district: DistrictId) -> int:
    query = sa.select(sa.func.count()).where(tables.erased.c.district_id == district)
    return connection.execute(query).scalar_one()


def _make_safe(district: DistrictId, mark: OriginMark) -> sa.Update:
    of = tables.origins.c
    return (
        sa.update(tables.origins)
        .where(of.district_id == district, of.origin == mark.origin, of.epoch == mark.epoch)
        .where(of.safe_through < mark.stored_through)
        .values(safe_through=mark.stored_through)
    )


def _name(district: DistrictId, made_ms: int, backup_id: str) -> str:
    made = datetime.fromtimestamp(made_ms / 1000, UTC)
    return f"aangan-{district}-{made:%Y%m%dT%H%M%S}{made.microsecond // 1000:03}Z-{backup_id[:8]}.backup"


def listed(folder: Path, district: DistrictId) -> list[Path]:
    """The district's backups in `folder`, oldest first."""
    ours = re.compile(rf"aangan-{re.escape(district)}-\d{{8}}T\d{{9}}Z-[0-9a-f]{{8}}\.backup")
    return sorted(path for path in folder.iterdir() if ours.fullmatch(path.name))


def _prune(engine: sa.Engine, district: DistrictId, folder: Path, keep: int | None) -> tuple[str, ...]:
    """Delete all but the newest `keep` backups, and what backups cut short left behind."""
    for partial in folder.glob(f".aangan-{district}-*.partial"):
        with suppress(FileNotFoundError):
            if time.time() - partial.stat().st_mtime > _OLD_S:
                partial.unlink()
    if keep is None:
        return ()
    old = listed(folder, district)[: -max(1, keep)]
    for path in old:
        path.unlink()
    names = tuple(path.name for path in old)
    with writing(engine) as connection:
        of = tables.backups.c
        connection.execute(sa.delete(tables.backups).where(of.district_id == district, of.name.in_(names)))
    return names
