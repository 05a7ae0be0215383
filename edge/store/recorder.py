"""Accepting an event: hashed into the chain, sealed, fsynced; then gathered with others into a batch.

The journal (readable under DK) is written before the outbox, so that after a crash it holds at least what the outbox
holds; what it holds beyond is dropped at the next log-in.
"""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime

import msgspec
import structlog

from anganwadi import events
from anganwadi.events import PersonRecord
from anganwadi.ids import DistrictId, Origin, PersonId
from anganwadi.wire import chain, frame
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from edge.store.centre import CentreStore, JournalRow
from edge.store.clock import read_clock
from edge.store.outbox import Outbox, OutboxFrame, StoreError

log = structlog.get_logger(__name__)


class Accepted(msgspec.Struct, frozen=True):
    """An event that is sealed and on the disk: its place in the origin's chain, its type, its time."""

    sequence: int
    type: str
    at: datetime


class Identity(msgspec.Struct, frozen=True):
    """Who this kiosk is on the wire, and whom it seals to."""

    district: DistrictId
    origin: Origin
    epoch: int
    device: PrivateKeys
    server: PublicKeys

    @property
    def genesis(self) -> bytes:
        return chain.genesis(self.district, self.origin, self.epoch)


class Recorder:
    """Turns events into sealed frames in the outbox. Thread-safe."""

    def __init__(self, outbox: Outbox, identity: Identity, batch_events: int, batch_seconds: float) -> None:
        self._outbox = outbox
        self._identity = identity
        self._batch_events = batch_events
        self._batch_seconds = batch_seconds
        self._lock = threading.RLock()
        self._open_batch: list[tuple[int, bytes, bytes]] = []  # sequence, raw event, chain before it
        self._opened_at = 0.0

    def record(self, happened: Sequence[events.Event], day: date, journal: CentreStore) -> list[Accepted]:
        """Accept events, all or none. When this returns each is sealed by itself and fsynced.

        Raises:
            StoreError: nothing was accepted; the text says what to do.
        """
        if not happened:
            return []
        with self._lock:
            state = self._outbox.state()
            raws = [events.encode(event) for event in happened]
            sequences = range(state.recorded + 1, state.recorded + 1 + len(raws))
            befores = self._befores(state.chain_head, raws)
            singles = [
                self._seal(sequence, [raw], before)
                for sequence, raw, before in zip(sequences, raws, befores, strict=True)
            ]
            journal.append(
                [
                    JournalRow(sequence, day, _whose_record(event), raw)
                    for sequence, event, raw in zip(sequences, happened, raws, strict=True)
                ]
            )
            self._outbox.put(singles)
            if not self._open_batch:
                self._opened_at = time.monotonic()
            self._open_batch.extend(zip(sequences, raws, befores, strict=True))
            if len(self._open_batch) >= self._batch_events:
                self._flush_if_possible()
        return [
            Accepted(sequence, events.event_type(event.body), event.at)
            for sequence, event in zip(sequences, happened, strict=True)
        ]

    def flush(self) -> None:
        """Replace the open singles by batches, ready to go up, and forget the readable copy of them.

        Raises:
            StoreError: what is not packed yet could not be; it stays open.
        """
        with self._lock:
            while self._open_batch:
                part = self._open_batch[: self._batch_events]
                self._outbox.replace(self._seal(part[0][0], [raw for _, raw, _ in part], part[0][2]))
                del self._open_batch[: len(part)]

    def let_go(self) -> None:
        """Flush, and forget the readable copy in any case: what cannot be packed goes up as it is."""
        with self._lock:
            try:
                self.flush()
            except StoreError:
                log.exception("batch_not_packed")
                self._release()

    def _release(self) -> None:
        """Forget the readable copy; the singles go up as they are, at the latest after the next start."""
        self._open_batch.clear()
        try:
            self._outbox.release()
        except StoreError:
            log.exception("singles_not_released")

    def _flush_if_possible(self) -> None:
        """Accepted events are accepted, packed or not; the link tries again."""
        try:
            self.flush()
        except StoreError:
            log.exception("batch_not_packed")

    def flush_if_due(self) -> bool:
        """Flush once the oldest open event has waited `batch_seconds`. Returns whether it did."""
        with self._lock:
            due = bool(self._open_batch) and time.monotonic() - self._opened_at >= self._batch_seconds
            if due:
                self.flush()
            return due

    def _befores(self, head: bytes, raws: Sequence[bytes]) -> list[bytes]:
        befores = [head]
        for raw in raws[:-1]:
            befores.append(chain.extend(befores[-1], [chain.event_hash(raw)]))
        return befores

    def _seal(self, first: int, raws: Sequence[bytes], before: bytes) -> OutboxFrame:
        who = self._identity
        header = frame.Header(
            key_id=who.server.seal_id,
            district=who.district,
            origin=who.origin,
            epoch=who.epoch,
            first_sequence=first,
            count=len(raws),
            chain_before=before,
            clock=read_clock(),
        )
        return OutboxFrame(
            first_sequence=first,
            last_sequence=first + len(raws) - 1,
            frame=frame.make(header, raws, who.server, who.device),
            chain_after=chain.extend(before, [chain.event_hash(raw) for raw in raws]),
        )


def _whose_record(event: events.Event) -> PersonId | None:
    """Whose identity or face the event carries; None for one that carries ids only."""
    return event.body.person_id if isinstance(event.body, PersonRecord) else None
