"""The ingest worker: gathers what has come, stores it in one transaction, then acknowledges and receipts.

Nothing is acknowledged before its commit; a crash in between makes the broker, or the kiosk, send it again.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError

from anganwadi.ids import DistrictId
from anganwadi.wire import receipt, topics
from anganwadi.wire.keys import PrivateKeys
from server.ingest.acceptance import Acceptance, Gap, Quarantined, is_quarantined, quarantine
from server.storage import origins
from server.storage.engine import writing
from server.storage.origins import OriginState

MAX_GATHERED = 200
"""Frames stored in one transaction, at most."""

EVENTS = Counter("aangan_events_stored", "Events appended to the log")
FRAMES = Counter("aangan_frames", "Frames by what became of them", ["outcome"])
COMMIT = Histogram("aangan_ingest_transaction_seconds", "Time from taking frames to their commit")

log = structlog.get_logger(__name__)


class Inbound(msgspec.Struct, frozen=True):
    """A message as it came, and how to tell the broker that it is dealt with."""

    topic: str
    payload: bytes
    acknowledge: Callable[[], None]


Publish = Callable[[str, bytes], None]


class IngestWorker:
    """Stores frames on a thread of its own; `submit` hands them over."""

    def __init__(
        self,
        engine: sa.Engine,
        district: DistrictId,
        server: PrivateKeys,
        publish: Publish,
        on_stored: Callable[[], None],
        *,
        demo: bool,
    ) -> None:
        self._engine = engine
        self._district = district
        self._server = server
        self._publish = publish
        self._on_stored = on_stored
        self._acceptance = Acceptance(district, server, demo=demo)
        self._queue: queue.Queue[Inbound | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Store what is queued, then end."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def submit(self, message: Inbound) -> None:
        self._queue.put(message)

    def receipt(self, origin: OriginState, generation: int) -> None:
        """Publish a signed receipt of how far `origin` is stored."""
        signed = receipt.sign(origins.receipt_for(origin, generation, _now_ms()), self._server)
        self._publish(topics.down(origin.district, origin.origin, "receipt"), signed)

    def _run(self) -> None:
        while True:
            gathered, ending = self._gather()
            if gathered:
                self._store_until_done(gathered)
            if ending:
                return

    def _gather(self) -> tuple[list[Inbound], bool]:
        gathered: list[Inbound] = []
        message = self._queue.get()
        while message is not None:
            gathered.append(message)
            if len(gathered) == MAX_GATHERED:
                return gathered, False
            try:
                message = self._queue.get_nowait()
            except queue.Empty:
                return gathered, False
        return gathered, True

    def _store_until_done(self, gathered: Sequence[Inbound]) -> None:
        try:
            self._store(gathered)
        except SQLAlchemyError:
            # Unacknowledged: the broker delivers again on the next connection, the kiosk sends again before that.
            log.exception("ingest_failed", frames=len(gathered))
            time.sleep(0.5)

    def _store(self, gathered: Sequence[Inbound]) -> None:
        touched: dict[tuple[str, int], OriginState] = {}
        now_ms = _now_ms()
        with COMMIT.time(), writing(self._engine) as connection:
            generation = origins.generation(connection, self._district)
            for message in gathered:
                stored = self._accept(connection, message, now_ms)
                if stored is not None:
                    touched[stored.origin, stored.epoch] = stored
        for message in gathered:
            message.acknowledge()
        for origin in touched.values():
            self.receipt(origin, generation)
        self._on_stored()

    def _accept(self, connection: sa.Connection, message: Inbound, now_ms: int) -> OriginState | None:
        try:
            with connection.begin_nested():
                stored = self._acceptance.accept(connection, message.topic, message.payload, now_ms)
        except Quarantined as reason:
            FRAMES.labels("quarantined").inc()
            log.warning("frame_quarantined", reason=str(reason))
            if not is_quarantined(connection, self._district, message.payload):
                quarantine(connection, self._district, message.payload, str(reason), now_ms)
            return None
        except Gap:
            FRAMES.labels("gap").inc()
            return None
        FRAMES.labels("stored" if stored.new else "duplicate").inc()
        EVENTS.inc(stored.new)
        return stored.origin


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
