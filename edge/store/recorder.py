"""Accepting an event: hashed into the chain, sealed, fsynced; then gathered with others into a batch.

The journal (readable under DK) is written before the outbox, so that after a crash it holds at least what the outbox
holds. What it holds beyond is dropped at the next log-in, also where the number was given to an event since that was
recorded with nobody logged in (`Outbox.unjournalled`).
"""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
import structlog

from anganwadi import events
from anganwadi.events import PersonRecord
from anganwadi.ids import DistrictId, Origin, PersonId
from anganwadi.wire import chain, frame
from anganwadi.wire.announcement import FIRST_NUMBER
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from anganwadi.wire.login import Notice
from edge.store.centre import CentreStore, JournalRow
from edge.store.outbox import Outbox, OutboxFrame, StoreError
from edge.store.server_keys import KnownServer, Sealing

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
    server: PublicKeys | KnownServer

    @property
    def sealing(self) -> Sealing:
        """The server's keys at this moment, and the number of the sealing key: read once for each frame."""
        if isinstance(self.server, KnownServer):
            return self.server.sealing
        return Sealing(FIRST_NUMBER, self.server)

    @property
    def genesis(self) -> bytes:
        return chain.genesis(self.district, self.origin, self.epoch)


class _Open(msgspec.Struct, frozen=True):
    """An accepted event that waits for its batch, readable, in RAM only: its place, its bytes, the chain before it."""

    sequence: int
    raw: bytes
    before: bytes
    recorded_ms: int


class Recorder:
    """Turns events into sealed frames in the outbox. Thread-safe."""

    def __init__(self, outbox: Outbox, identity: Identity, batch_events: int, batch_seconds: float) -> None:
        self._outbox = outbox
        self._identity = identity
        self._batch_events = batch_events
        self.batch_seconds = batch_seconds
        """How long an event waits for others; the district may change it while the kiosk runs."""
        self._lock = threading.RLock()
        self._open_batch: list[_Open] = []
        self._opened_at = 0.0

    def record(
        self, happened: Sequence[events.Event], day: date, journal: CentreStore | None
    ) -> list[Accepted]:
        """Accept events, all or none. When this returns each is sealed by itself and fsynced.

        `journal` is None where nobody is logged in: such events cannot be read back here.

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
            clock = self._outbox.clock.read()
            singles = [
                self._seal(sequence, [raw], before, clock)
                for sequence, raw, before in zip(sequences, raws, befores, strict=True)
            ]
            if journal is not None:
                self._write_journal(journal, day, zip(sequences, happened, raws, strict=True))
            try:
                self._outbox.put(singles, journalled=journal is not None)
            except StoreError:
                if journal is not None:
                    _take_back(journal, sequences)
                raise
            if not self._open_batch:
                self._opened_at = time.monotonic()
            self._open_batch += [
                _Open(sequence, raw, before, clock.wall_ms)
                for sequence, raw, before in zip(sequences, raws, befores, strict=True)
            ]
            if len(self._open_batch) >= self._batch_events:
                self._flush_if_possible()
        return [
            Accepted(sequence, events.event_type(event.body), event.at)
            for sequence, event in zip(sequences, happened, strict=True)
        ]

    def adopt(self, announced: bytes) -> bool:
        """Seal to a newly announced key from now on; whether it was adopted. What was sealed to the old one is in the
        outbox by then: whoever sees the new key's number sees those frames too."""
        server = self._identity.server
        with self._lock:
            return isinstance(server, KnownServer) and server.take(announced)

    def flush(self) -> None:
        """Replace the open singles by batches, ready to go up, and forget the readable copy of them.

        Raises:
            StoreError: what is not packed yet could not be; it stays open.
        """
        with self._lock:
            while self._open_batch:
                part = self._open_batch[: self._batch_events]
                self._outbox.replace(self._pack(part))
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
            due = bool(self._open_batch) and time.monotonic() - self._opened_at >= self.batch_seconds
            if due:
                self.flush()
            return due

    def _write_journal(
        self, journal: CentreStore, day: date, happened: Iterable[tuple[int, events.Event, bytes]]
    ) -> None:
        try:
            journal.append([JournalRow(n, day, _whose_record(event), raw) for n, event, raw in happened])
        except StoreError as error:
            if error.full:
                self._outbox.health.note(Notice.DISK_FULL)
            raise

    def _befores(self, head: bytes, raws: Sequence[bytes]) -> list[bytes]:
        befores = [head]
        for raw in raws[:-1]:
            befores.append(chain.extend(befores[-1], [chain.event_hash(raw)]))
        return befores

    def _pack(self, part: Sequence["_Open"]) -> OutboxFrame:
        """One frame of several open events; it counts as recorded when the first of them was."""
        raws = [each.raw for each in part]
        packed = self._seal(part[0].sequence, raws, part[0].before, self._outbox.clock.read())
        return msgspec.structs.replace(packed, recorded_ms=part[0].recorded_ms)

    def _seal(self, first: int, raws: Sequence[bytes], before: bytes, clock: frame.Clock) -> OutboxFrame:
        who = self._identity
        sealing = who.sealing
        header = frame.Header(
            key_id=sealing.keys.seal_id,
            district=who.district,
            origin=who.origin,
            epoch=who.epoch,
            first_sequence=first,
            count=len(raws),
            chain_before=before,
            clock=clock,
        )
        return OutboxFrame(
            first_sequence=first,
            last_sequence=first + len(raws) - 1,
            frame=frame.make(header, raws, sealing.keys, who.device),
            chain_after=chain.extend(before, [chain.event_hash(raw) for raw in raws]),
            recorded_ms=clock.wall_ms,
            key_number=sealing.number,
        )


def _take_back(journal: CentreStore, sequences: Sequence[int]) -> None:
    """Forget in the journal what was not accepted after all."""
    try:
        journal.drop(sequences)
    except StoreError as error:
        # The next events take their places, the next log-in drops the others.
        log.warning("journal_not_taken_back", reason=str(error))


def _whose_record(event: events.Event) -> PersonId | None:
    """Whose identity or face the event carries; None for one that carries ids only."""
    return event.body.person_id if isinstance(event.body, PersonRecord) else None
