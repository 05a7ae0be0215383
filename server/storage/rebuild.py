"""Making every projection again from the log, beside the live ones, and comparing: what a projector did wrong shows.

In one read snapshot the log is projected, up to the live projector's cursor, into an encrypted database that is thrown
away; then table is compared with table. With `write` the live tables are mended, in one transaction that holds the
projector back.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from anganwadi.ids import DistrictId
from server.storage import log as event_log
from server.storage import projection, projector
from server.storage.comparison import Differences, Row, compare, key_of
from server.storage.engine import KEY_BYTES, CipherFile, snapshot, upsert, writing
from server.storage.progress import Progress, unseen
from server.storage.projection import PROJECTIONS

_BATCH = 5000


def rebuild(
    engine: sa.Engine,
    district: DistrictId,
    *,
    write: bool = False,
    progress: Progress = unseen,
    scratch: Path | None = None,
) -> list[Differences]:
    """Make all projections again and say how the live ones differ; with `write`, mend them.

    `scratch` is the folder for the database that is thrown away, the system's temporary one if None.
    """
    with _scratch(scratch) as made:
        with snapshot(engine) as live:
            reached = projector.cursor(live, district)
            _project(live, made, district, 0, reached, progress)
            found = [_compared(live, made, district, n, progress) for n in range(len(PROJECTIONS))]
        if write and any(each.any for each in found):
            _mend(engine, made, district, reached, progress)
    return found


@contextmanager
def _scratch(folder: Path | None) -> Iterator[sa.Engine]:
    with tempfile.TemporaryDirectory(prefix="aangan-rebuild-", dir=folder) as inside:
        made = CipherFile(Path(inside) / "made.db", secrets.token_hex(KEY_BYTES)).open_scratch()
        try:
            for table in PROJECTIONS:
                table.create(made)
            yield made
        finally:
            made.dispose()


def _project(
    live: sa.Connection, made: sa.Engine, district: DistrictId, start: int, end: int, progress: Progress
) -> None:
    """Project the events after `start` up to `end` into `made`."""
    at = start
    while at < end:
        progress("events", at - start, end - start)
        entries = [e for e in event_log.after(live, district, at, _BATCH) if e.position <= end]
        if not entries:
            break
        with writing(made) as connection:
            projection.write(connection, projection.gather(district, entries))
        at = entries[-1].position
    progress("events", end - start, end - start)


def _compared(
    live: sa.Connection, made: sa.Engine, district: DistrictId, n: int, progress: Progress
) -> Differences:
    progress("tables", n, len(PROJECTIONS))
    with made.connect() as other:
        found = compare(live, other, PROJECTIONS[n], district)
    progress("tables", n + 1, len(PROJECTIONS))
    return found


def _mend(engine: sa.Engine, made: sa.Engine, district: DistrictId, reached: int, progress: Progress) -> None:
    """Put the live tables right. The cursor is held, so that the projector writes nothing meanwhile; what it projected
    since is projected here too."""
    with writing(engine) as connection:
        now = projector.cursor(connection, district, locked=True)
        with snapshot(engine) as live:
            _project(live, made, district, reached, now, progress)
            for table in PROJECTIONS:
                mender = _Mender(connection, table)
                with made.connect() as other:
                    compare(live, other, table, district, mender.note)
                mender.apply()


class _Mender:
    """Gathers differences of one table and writes them, many at a time."""

    def __init__(self, connection: sa.Connection, table: sa.Table) -> None:
        self._connection = connection
        self._table = table
        self._key = key_of(table)
        self._names = [column.name for column in table.columns]
        self._wanted: list[Row] = []
        self._extra: list[Row] = []

    def note(self, old: Row | None, new: Row | None) -> None:
        if new is not None:
            self._wanted.append(new)
        elif old is not None:
            self._extra.append(self._key(old))
        if len(self._wanted) + len(self._extra) >= _BATCH:
            self.apply()

    def apply(self) -> None:
        upsert(
            self._connection, self._table, [dict(zip(self._names, row, strict=True)) for row in self._wanted]
        )
        if self._extra:
            keys = list(self._table.primary_key)
            at_key = sa.and_(*(column == sa.bindparam(f"at_{column.name}") for column in keys))
            self._connection.execute(
                sa.delete(self._table).where(at_key),
                [{f"at_{c.name}": value for c, value in zip(keys, key, strict=True)} for key in self._extra],
            )
        self._wanted.clear()
        self._extra.clear()
