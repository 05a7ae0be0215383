"""The outbox's file, and what stands beside it under the same name.

    outbox.db            the store
    outbox.mark          how many events were accepted (`edge.store.mark`)
    outbox.reserve       space kept back for a full card (`edge.store.reserve`)
    outbox.damaged-1.db  a damaged store, set aside and never deleted (`edge.store.aside`)

Opening looks at every page and proves every frame. A damaged file is set aside, and a new one is made of what could be
read (`edge.store.salvage`).
"""

import itertools
import sqlite3
from collections.abc import Container, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import structlog
from sqlite_utils import Database

from anganwadi.wire.gap import GapReason
from anganwadi.wire.keys import PublicKeys
from anganwadi.wire.login import Notice
from edge.store import carve
from edge.store.aside import Place
from edge.store.errors import StoreError
from edge.store.faults import is_damage
from edge.store.health import Health
from edge.store.mark import Mark, MarkFile
from edge.store.outbox_rows import (
    OutboxFrame,
    OutboxState,
    insert,
    insert_facts,
    read_bare_state,
    read_state,
)
from edge.store.outbox_schema import migrations
from edge.store.reserve import Reserve
from edge.store.salvage import Found, Lost, Salvaged, cover, prove, salvage, sort_out

_STOPPED = b""
"""Stands for the genesis where the kiosk must not record under this enrolment any more. A version that does not know of
it finds that the outbox belongs to another enrolment, and refuses it, which is what it should do."""

log = structlog.get_logger(__name__)


class _Damaged(Exception):
    """The file can be read, but does not say what it should."""


class OutboxFile:
    """One outbox's file. Not thread-safe: the outbox holds its lock."""

    def __init__(
        self, path: Path, genesis: bytes, device: PublicKeys | None, health: Health, at_ms: int
    ) -> None:
        """Open, mend or make it; `at_ms` is what gap records say as their time.

        Raises:
            StoreError: it belongs to another enrolment.
            sqlite3.Error, OSError: it cannot be opened, mended or made.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._place = Place(path)
        self._genesis = genesis
        self._device = device
        self._health = health
        self.stopped = False
        self.reserve = Reserve(path.with_suffix(".reserve"))
        self._marks = MarkFile(path.with_suffix(".mark"))
        try:
            self.db = self._open(at_ms)
        except (sqlite3.Error, OSError):  # a full card has no room for a log either
            if not self.reserve.give_up():
                raise
            self.db = self._open(at_ms)
        self.reserve.make()
        if self._place.damaged():
            health.note(Notice.STORE_DAMAGED)

    def close(self) -> None:
        self.db.close()
        self._marks.close()

    def mark(self, mark: Mark) -> None:
        """Write down how far the outbox is. A card that does not take it leaves the outbox as it is, and is noted."""
        try:
            self._marks.write(mark)
        except OSError as error:
            log.warning("mark_not_written", reason=error.strerror)
            self._health.note(Notice.STORE_DAMAGED)

    def fold_log(self) -> None:
        """Bring what is in the log into the file, so that the log's own space can be written over."""
        with suppress(sqlite3.Error):  # the file may have to grow for it, and not be able to
            self.db.execute("pragma wal_checkpoint(passive)").fetchall()

    def mend(self, fresh: Sequence[OutboxFrame], at_ms: int) -> None:
        """Set the damaged file aside while running, and go on with what can be read of it and the `fresh` singles,
        which RAM still has and which wait for their batch.

        Raises:
            sqlite3.Error, OSError: no new one could be made. Nothing is recorded then until the next start.
        """
        log_file = carve.read(self._place.log)
        self.db.close()
        self.db = self._salvage(log_file, fresh, at_ms)
        self._health.note(Notice.STORE_DAMAGED)

    # --- opening --------------------------------------------------------------------------------------------------

    def _open(self, at_ms: int) -> Database:
        self._place.finish()
        mark = self._own_mark()
        log_file = carve.read(self._place.log)  # opening it, SQLite drops what it would not take
        db = None
        try:
            db = _connect(self._place.path)
            return self._begin(db, self._prove_all(db, mark), at_ms)
        except (sqlite3.Error, _Damaged) as error:
            if db is not None:
                db.close()
            if not isinstance(error, _Damaged) and not is_damage(error):
                raise
            log.warning("outbox_damaged", reason=str(error))
            return self._salvage(log_file, (), at_ms)
        except BaseException:
            if db is not None:
                db.close()
            raise

    def _prove_all(self, db: Database, mark: Mark | None) -> list[Found]:
        """Every frame in the file, each proven.

        Raises:
            _Damaged: something is not as it was written, or events are missing that were accepted.
        """
        if db.execute("pragma quick_check").fetchone()[0] != "ok":
            raise _Damaged("quick_check")
        if not {"origin_state", "frames"} <= set(db.table_names()):
            if mark is not None and mark.recorded:
                raise _Damaged("empty")
            return []
        state = read_bare_state(db)
        if state is None:
            raise _Damaged("no state")
        if state.genesis not in (self._genesis, _STOPPED):
            self._refuse_another(mark)
        if mark is not None and _contradicts(mark, state):
            raise _Damaged("ends before what was accepted")
        found: list[Found] = []
        for row in db.execute("select * from frames order by first_sequence"):
            proven = prove(row, self._genesis, self._device)
            if proven is None:
                raise _Damaged("a frame is not as it was written")
            found.append(proven)
        _check_links(found, state)
        return found

    def _refuse_another(self, mark: Mark | None) -> None:
        if mark is not None:
            raise _Damaged("not the enrolment that was recorded under")
        raise StoreError(
            f"the outbox at {self._place.path} belongs to another kiosk or enrolment: move it and the files beside it"
            " of that name away and keep them, its events may not all be on the server"
        )

    def _begin(self, db: Database, found: Sequence[Found], at_ms: int) -> Database:
        """Bring a sound file up to this version, and let what a crash left go up."""
        migrations.apply(db)
        with db.atomic():
            db.execute(
                "insert into origin_state values (1, 0, ?, ?, 0, 0, 0, 0) on conflict do nothing",
                [self._genesis, self._genesis],
            )
            db.execute("update frames set ready = 1")
            _fill_in_facts(db, found)
            state = read_state(db).mark
            _write_gaps(db, cover(found, state)[1], GapReason.FORGOTTEN, at_ms)
        self.stopped = state.genesis == _STOPPED
        if self.stopped:
            self._marks.write(None)
        elif self._own_mark() != state:
            self._marks.write(state)
        return db

    # --- mending --------------------------------------------------------------------------------------------------

    def _salvage(self, log_file: bytes, fresh: Sequence[OutboxFrame], at_ms: int) -> Database:
        in_ram = [
            [each.first_sequence, each.last_sequence, each.frame, each.chain_after, 0] for each in fresh
        ]
        carved = carve.rows(carve.read(self._place.path), log_file)
        found, claims = sort_out(itertools.chain(in_ram, carved), self._genesis, self._device)
        saved = salvage(found.values(), claims, self._own_mark(), self._genesis, exact=self._marks.whole)
        log.warning(
            "outbox_salvaged",
            events=sum(each.last_sequence - each.first_sequence + 1 for each in saved.frames),
            lost=[(each.first, each.last) for each in saved.lost],
            certain=saved.certain,
        )
        self.reserve.give_up()
        self._write_anew(saved, {each.first_sequence for each in fresh}, at_ms)
        self._place.renew(log_file)
        self.stopped = not saved.certain
        if saved.certain:
            self._marks.write(saved.state)
        else:
            self._marks.write(None)
        self.reserve.make()
        return _connect(self._place.path)

    def _write_anew(self, saved: Salvaged, fresh: Container[int], at_ms: int) -> None:
        self._place.making.unlink(missing_ok=True)
        db = Database(sqlite3.connect(self._place.making))
        state = saved.state
        try:
            db.execute("pragma synchronous = full")
            migrations.apply(db)
            with db.atomic():
                db.execute(
                    "insert into origin_state values (1, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        state.recorded,
                        self._genesis if saved.certain else _STOPPED,
                        state.chain_head,
                        state.generation,
                        state.stored_through,
                        state.safe_through,
                        state.server_ms,
                    ],
                )
                for each in saved.frames:
                    insert(db, each, ready=each.first_sequence not in fresh)
                _write_gaps(db, saved.lost, GapReason.DAMAGED, at_ms)
        finally:
            db.close()

    def _own_mark(self) -> Mark | None:
        mark = self._marks.mark
        return mark if mark is not None and mark.genesis == self._genesis else None


def _connect(path: Path) -> Database:
    db = Database(sqlite3.connect(path, check_same_thread=False))
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
    except BaseException:
        db.close()
        raise
    return db


def _contradicts(mark: Mark, state: OutboxState) -> bool:
    """Whether the mark says more than the file, or another hash at the same place. It may say less: a power cut came
    between the two, or an older version wrote the file."""
    if mark.recorded == state.recorded:
        return mark.chain_head != state.chain_head
    return mark.recorded > state.recorded


def _check_links(found: Sequence[Found], state: OutboxState) -> None:
    """Each frame's hash after is the next one's hash before, and the last one's is the chain's head."""
    for before, after in pairwise(found):
        adjacent = before.kept.last_sequence + 1 == after.kept.first_sequence
        if adjacent and before.kept.chain_after != after.chain_before:
            raise _Damaged("a hash in the chain is not as it was written")
    last = found[-1].kept if found else None
    if last and last.last_sequence == state.recorded and last.chain_after != state.chain_head:
        raise _Damaged("the chain's head is not as it was written")


def _fill_in_facts(db: Database, found: Sequence[Found]) -> None:
    """Tell of frames that an older version wrote what this one knows of its own."""
    known = set(db.execute("select first_sequence, last_sequence from frame_facts").fetchall())
    for each in (one.kept for one in found):
        if (each.first_sequence, each.last_sequence) not in known:
            insert_facts(db, each)


def _write_gaps(db: Database, lost: Sequence[Lost], reason: GapReason, at_ms: int) -> None:
    """Put these in the place of the gaps there; one that was known keeps its reason and time."""
    known = {first: told for first, *told in db.execute("select first, reason, at_ms from gaps").fetchall()}
    db.execute("delete from gaps")
    for each in lost:
        told = known.get(each.first, [reason, at_ms])
        db.execute(
            "insert into gaps values (?, ?, ?, ?, ?)", [each.first, each.last, each.chain_after, *told]
        )
