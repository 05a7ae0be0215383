"""The sealed outbox: what a worker saw accepted, in frames only the server can open, until the server has it safe.

A frame is put here, fsynced, before the page says "saved". Singles are replaced by the batch that holds the same
events. Nothing leaves but on a verified receipt (`edge.store.receipts`).

The file is plain SQLite: every frame in it is sealed already, and what stands beside the frames are numbers and hashes.
SQLCipher is for what can be read, the centre's data (`edge.store.centre`); an outbox under the data key would be shut
to a kiosk that records with nobody logged in.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlite_utils import Database

from anganwadi.wire.gap import GapReason, GapRecord
from anganwadi.wire.keys import PublicKeys
from anganwadi.wire.login import Notice
from anganwadi.wire.receipt import VerifiedReceipt
from edge.store import receipts
from edge.store.clock import CentreClock
from edge.store.errors import ReceiptRejected, StoreError
from edge.store.faults import is_damage, is_full
from edge.store.health import Health
from edge.store.outbox_file import OutboxFile
from edge.store.outbox_rows import OutboxFrame, OutboxState, insert, read_pending, read_state

__all__ = ["Outbox", "OutboxFrame", "OutboxState", "ReceiptRejected", "StoreError"]

T = TypeVar("T")


class Outbox:
    """The outbox of one origin and epoch. Thread-safe.

    `health` hears what is wrong, `clock` is the centre's time: it knows what was recorded here and what receipts say.
    """

    def __init__(
        self,
        path: Path,
        genesis: bytes,
        *,
        epoch: int = 1,
        device: PublicKeys | None = None,
        health: Health | None = None,
        clock: CentreClock | None = None,
    ) -> None:
        """Open or make the file at `path`; `genesis` is the chain's hash before the first event of `epoch`.

        Frames left as singles by a crash become ready to go up as they are. `device` are the keys that every frame
        here must be signed with; None takes that on trust, so that rot within a frame goes unseen.

        Raises:
            StoreError: the file cannot be opened or written.
        """
        self._lock = threading.RLock()
        self._genesis = genesis
        self._epoch = epoch
        self.health = health or Health()
        self.clock = clock or CentreClock(self.health)
        self._fresh: list[OutboxFrame] = []
        try:
            self._file = OutboxFile(path, genesis, device, self.health, self.clock.read().wall_ms)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the outbox at {path} cannot be opened ({error}): free space or replace the card",
                full=is_full(error),
            ) from error
        self._recall_time()
        self._note_losses()

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def state(self) -> OutboxState:
        return self._attempt("not read", self._state)

    def put(self, singles: Sequence[OutboxFrame], *, journalled: bool = True) -> None:
        """Keep freshly sealed single events, all or none. When this returns they are on the disk. `journalled`
        says that the centre's journal has them.

        Raises:
            StoreError: they are not; the text says what to do.
        """

        with self._lock:
            state = self._write("not saved", lambda: self._keep(singles, journalled))
            self.health.clear(Notice.DISK_FULL)
            self._file.mark(state.mark)
            self._fresh += singles
            self.clock.recorded(max(each.recorded_ms for each in singles))

    def replace(self, batch: OutboxFrame) -> None:
        """Put `batch` in the place of the singles it holds, in one transaction, ready to go up.

        Raises:
            StoreError: it could not be written; the singles stand as they were.
        """

        def pack() -> None:
            self._db.execute(
                "delete from frames where first_sequence >= ? and last_sequence <= ?",
                [batch.first_sequence, batch.last_sequence],
            )
            insert(self._db, batch, ready=True)

        with self._lock:
            self._write("not packed", pack, precious=True)
            self._fresh = [each for each in self._fresh if each.first_sequence > batch.last_sequence]

    def release(self) -> None:
        """Let every single go up as it is: nobody can make a batch of them any more.

        Raises:
            StoreError: it could not be written; the next start releases them.
        """
        with self._lock:
            self._fresh = []
            self._write(
                "not released", lambda: self._db.execute("update frames set ready = 1"), precious=True
            )

    def pending(self, limit: int, *, newest_first: bool = False) -> list[OutboxFrame]:
        """Frames the server has neither receipted nor holds in waiting: the oldest, or the newest, in that order."""
        return self._attempt("not read", lambda: read_pending(self._db, limit, newest_first=newest_first))

    def unjournalled(self) -> list[int]:
        """The numbers of events that are in no journal, since `journal_is_tidy`: what one has under them, a crash kept
        from being accepted."""
        rows = self._attempt("not read", lambda: self._db.execute("select * from unjournalled").fetchall())
        return [row[0] for row in rows]

    def journal_is_tidy(self, numbers: Sequence[int]) -> None:
        """The journal has nothing under these numbers any more.

        Raises:
            StoreError: that could not be written down; they are told again.
        """

        def forget() -> None:
            for number in numbers:
                self._db.execute("delete from unjournalled where sequence = ?", [number])

        if numbers:
            self._write("not tidied", forget, precious=True)

    def gap(self) -> GapRecord | None:
        """The first range of lost events that the server has not receipted, to be sent as a `gap` letter; or None."""
        row = self._read(
            "select max(first, stored_through + 1), last, chain_after, reason, at_ms from gaps, origin_state"
            " where last > stored_through order by first limit 1"
        )
        if row is None:
            return None
        first, last, chain_after, reason, at_ms = row
        return GapRecord(self._epoch, first, last, chain_after, GapReason(reason), at_ms)

    def apply(self, receipt: VerifiedReceipt) -> bool:
        """Take note of a verified receipt and forget what is safe. Returns whether it said anything new.

        Raises:
            ReceiptRejected: it is older than one already applied, receipts what was never recorded, or its chain
                head is not ours. Nothing was forgotten, and sending goes on.
            StoreError: it could not be written down; the next one says the same again.
        """

        def take() -> tuple[OutboxState, bool]:
            before = self._state()
            news = receipts.apply(
                self._db,
                receipt,
                before,
                overtaken=receipt.server_ms < self._heard_ms,
                at_ms=self.clock.read().wall_ms,
            )
            return before, news

        with self._lock:
            try:
                before, news = self._write("receipt not applied", take, precious=True)
            except receipts.Forked:
                self.health.note(Notice.FORKED)
                raise
            if receipt.generation > before.generation:
                self._file.mark(self.state().mark)
            if receipt.server_ms > self._heard_ms:
                self._heard_ms = receipt.server_ms
                self.clock.heard(receipt.server_ms)
            self._note_losses()
            return news

    # --- how it is done -------------------------------------------------------------------------------------------

    @property
    def _db(self) -> Database:
        return self._file.db

    def _state(self) -> OutboxState:
        return msgspec.structs.replace(read_state(self._db), genesis=self._genesis)

    def _keep(self, singles: Sequence[OutboxFrame], journalled: bool) -> OutboxState:
        if self._file.stopped:
            raise StoreError(
                "not saved: the card was damaged, and this kiosk cannot tell which events it recorded. Ask the"
                " district to enrol it anew; what it still has goes up"
            )
        if singles[0].first_sequence != self._state().recorded + 1:
            raise StoreError("not saved: other events came first, try again")
        for single in singles:
            insert(self._db, single, ready=False)
            if not journalled:
                self._db.execute("insert into unjournalled values (?)", [single.first_sequence])
        self._db.execute(
            "update origin_state set recorded = ?, chain_head = ?",
            [singles[-1].last_sequence, singles[-1].chain_after],
        )
        return self._state()

    def _recall_time(self) -> None:
        self._heard_ms, recorded_ms = self._read(
            "select server_ms, ifnull((select max(recorded_ms) from frame_facts), 0) from origin_state"
        )
        self.clock.recall(self._heard_ms, recorded_ms)

    def _note_losses(self) -> None:
        (self.health.note if self.gap() else self.health.clear)(Notice.EVENTS_LOST)

    def _read(self, sql: str) -> Any:
        """The first row of what `sql` selects."""
        return self._attempt("not read", lambda: self._db.execute(sql).fetchone())

    def _write(self, what: str, action: Callable[[], T], *, precious: bool = False) -> T:
        """Do something in one transaction. A `precious` one, by which the card empties, may use the reserve."""

        def transaction() -> T:
            with self._db.atomic():
                return action()

        remedies = [self._file.fold_log, self._file.reserve.give_up] if precious else [self._file.fold_log]
        with self._lock:
            done = self._attempt(what, transaction, remedies)
            self._file.reserve.make()
            return done

    def _attempt(
        self, what: str, action: Callable[[], T], remedies: Sequence[Callable[[], object]] = ()
    ) -> T:
        """Do something; again after a damaged file was mended, or after each of the `remedies` for a full card."""
        left, mended = list(remedies), False
        with self._lock:
            while True:
                try:
                    return action()
                except sqlite3.Error as error:
                    full = is_full(error)
                    if full and left:
                        left.pop(0)()
                    elif is_damage(error) and not mended:
                        self._mend(what)
                        mended = True
                    else:
                        raise self._failed(what, error) from error

    def _mend(self, what: str) -> None:
        try:
            self._file.mend(self._fresh, self.clock.read().wall_ms)
        except (sqlite3.Error, OSError) as error:
            raise self._failed(what, error) from error
        self._note_losses()

    def _failed(self, what: str, error: Exception) -> StoreError:
        if is_full(error):
            self.health.note(Notice.DISK_FULL)
            return StoreError(f"{what}: the card is full. Free space on it, then try again", full=True)
        return StoreError(f"{what} ({error}): free space on the card and try again, or replace it")
