"""The sealed outbox: what a worker saw accepted, in frames only the server can open, until the server has it safe.

A frame is put here, fsynced, before the page says "saved". Singles are replaced by the batch that holds the same
events. Nothing leaves but on a verified receipt.
"""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from anganwadi.wire.receipt import VerifiedReceipt

migrations = Migrations("outbox")


@migrations()
def m001_frames(db: Database) -> None:
    db.execute(
        "create table frames (first_sequence integer primary key, last_sequence integer not null, frame blob not null,"
        " chain_after blob not null, ready integer not null)"
    )
    db.execute(
        "create table origin_state (only integer primary key check (only = 1), recorded integer not null,"
        " genesis blob not null, chain_head blob not null, generation integer not null,"
        " stored_through integer not null, safe_through integer not null, server_ms integer not null)"
    )


class StoreError(RuntimeError):
    """The store could not take or give something; the text says what to do."""


class ReceiptRejected(ValueError):
    """A genuine receipt that does not fit this store; nothing was forgotten on it."""


class OutboxFrame(msgspec.Struct, frozen=True):
    """A sealed frame and where its events stand; `chain_after` is the running hash after its last event."""

    first_sequence: int
    last_sequence: int
    frame: bytes
    chain_after: bytes


class OutboxState(msgspec.Struct, frozen=True):
    """How far this origin is: events recorded, on the server, and in the server's backup."""

    recorded: int
    chain_head: bytes
    generation: int
    stored_through: int
    safe_through: int
    server_ms: int


class Outbox:
    """The outbox of one origin and epoch, in one SQLite file. Thread-safe."""

    def __init__(self, path: Path, genesis: bytes) -> None:
        """Open or make the file at `path`; `genesis` is the chain's hash before the first event.

        Frames left as singles by a crash become ready to go up as they are.

        Raises:
            StoreError: the file cannot be opened or written.
        """
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = Database(sqlite3.connect(path, check_same_thread=False))
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            migrations.apply(self._db)
            with self._db.atomic():
                self._db.execute(
                    "insert into origin_state values (1, 0, ?, ?, 0, 0, 0, 0) on conflict do nothing",
                    [genesis, genesis],
                )
                self._db.execute("update frames set ready = 1")
            self._check_genesis(path, genesis)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the outbox at {path} cannot be opened ({error}): free space or replace the card"
            ) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def state(self) -> OutboxState:
        with self._lock:
            return OutboxState(*self._state_row())

    def put(self, singles: Sequence[OutboxFrame]) -> None:
        """Keep freshly sealed single events, all or none. When this returns they are on the disk.

        Raises:
            StoreError: they are not.
        """
        with self._lock:
            try:
                with self._db.atomic():
                    for single in singles:
                        self._insert(single, ready=False)
                    self._db.execute(
                        "update origin_state set recorded = ?, chain_head = ?",
                        [singles[-1].last_sequence, singles[-1].chain_after],
                    )
            except sqlite3.Error as error:
                raise StoreError(f"not saved ({error}): free space on the card, then try again") from error

    def replace(self, batch: OutboxFrame) -> None:
        """Put `batch` in the place of the singles it holds, in one transaction, ready to go up.

        Raises:
            StoreError: it could not be written; the singles stand as they were.
        """
        with self._lock:
            try:
                with self._db.atomic():
                    self._db.execute(
                        "delete from frames where first_sequence >= ? and last_sequence <= ?",
                        [batch.first_sequence, batch.last_sequence],
                    )
                    self._insert(batch, ready=True)
            except sqlite3.Error as error:
                raise StoreError(f"not packed ({error}): free space on the card") from error

    def release(self) -> None:
        """Let every single go up as it is: nobody can make a batch of them any more.

        Raises:
            StoreError: it could not be written; the next start releases them.
        """
        with self._lock:
            try:
                with self._db.atomic():
                    self._db.execute("update frames set ready = 1")
            except sqlite3.Error as error:
                raise StoreError(f"not released ({error}): free space on the card") from error

    def pending(self, limit: int) -> list[OutboxFrame]:
        """The oldest frames the server has not receipted, in order."""
        with self._lock:
            rows = self._db.execute(
                "select first_sequence, last_sequence, frame, chain_after from frames, origin_state"
                " where ready and last_sequence > stored_through order by first_sequence limit ?",
                [limit],
            ).fetchall()
        return [OutboxFrame(*row) for row in rows]

    def apply(self, receipt: VerifiedReceipt) -> bool:
        """Take note of a verified receipt and forget what is safe. Returns whether it said anything new.

        Raises:
            ReceiptRejected: it is older than one already applied, receipts what was never recorded, or its chain
                head is not ours.
        """
        with self._lock, self._db.atomic():
            now = self.state()
            if receipt.generation < now.generation:
                raise ReceiptRejected("a receipt from before the server was restored")
            if receipt.stored_through > now.recorded or receipt.safe_through > receipt.stored_through:
                raise ReceiptRejected("a receipt for events this kiosk never recorded")
            self._check_head(receipt)
            if receipt.generation == now.generation and (
                receipt.stored_through <= now.stored_through and receipt.safe_through <= now.safe_through
            ):
                return False
            same = receipt.generation == now.generation
            stored = max(receipt.stored_through, now.stored_through) if same else receipt.stored_through
            safe = max(receipt.safe_through, now.safe_through) if same else receipt.safe_through
            self._db.execute(
                "update origin_state set generation = ?, stored_through = ?, safe_through = ?,"
                " server_ms = max(server_ms, ?)",
                [receipt.generation, stored, safe, receipt.server_ms],
            )
            self._db.execute("delete from frames where last_sequence <= ?", [safe])
        return True

    def _check_genesis(self, path: Path, genesis: bytes) -> None:
        if self._db.execute("select genesis from origin_state").fetchone()[0] != genesis:
            raise StoreError(
                f"the outbox at {path} belongs to another kiosk or enrolment: move it away and keep it, its events "
                "may not all be on the server"
            )

    def _check_head(self, receipt: VerifiedReceipt) -> None:
        row = self._db.execute(
            "select chain_after from frames where last_sequence = ?", [receipt.stored_through]
        ).fetchone()
        if row is not None and row[0] != receipt.chain_head:
            raise ReceiptRejected(
                "the server's chain is not this kiosk's: tell the district, the card may be a copy"
            )

    def _insert(self, each: OutboxFrame, *, ready: bool) -> None:
        self._db.execute(
            "insert into frames values (?, ?, ?, ?, ?)",
            [each.first_sequence, each.last_sequence, each.frame, each.chain_after, int(ready)],
        )

    def _state_row(self) -> tuple[int, bytes, int, int, int, int]:
        return self._db.execute(
            "select recorded, chain_head, generation, stored_through, safe_through, server_ms from origin_state"
        ).fetchone()
