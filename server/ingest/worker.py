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
from sqlalchemy.exc import OperationalError

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt, topics
from anganwadi.wire.keys import PrivateKeys
from server.ingest.acceptance import Acceptance, Gap, Quarantined
from server.storage import origins, quarantine
from server.storage.engine import writing
from server.storage.origins import OriginState

MAX_GATHERED = 200
"""Frames stored in one transaction, at most."""

FIRST_REST_S, LONGEST_REST_S = 0.5, 10.0
"""How long the worker rests before it tries a failing database again: at first, at most."""

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
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Store what is queued, then end; a database that fails now is not waited for."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(timeout=30)

    def submit(self, message: Inbound) -> None:
        self._queue.put(message)

    def receipt(self, origin: OriginState, generation: int) -> None:
        """Publish a signed receipt of how far `origin` is stored."""
        signed = receipt.sign(origins.receipt_for(origin, generation, _now_ms()), self._server)
        self._publish(topics.down(origin.district, origin.origin, "receipt"), signed)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

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
        """Store these, however often the database fails; only a stop gives up, and then nothing is acknowledged."""
        rest = FIRST_REST_S
        while True:
            try:
                self._store(gathered)
            except Exception:
                log.exception("ingest_failed", frames=len(gathered))
            else:
                return
            if self._stopping.wait(rest):
                return
            rest = min(2 * rest, LONGEST_REST_S)

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
            self._quarantine(connection, message, str(reason), now_ms, reason.device)
            return None
        except Gap as gap:
            FRAMES.labels("gap").inc()
            log.info(
                "frame_ahead_of_a_gap", origin=gap.origin.origin, stored_through=gap.origin.stored_through
            )
            return gap.origin
        except OperationalError:
            raise  # the database, not the frame: all of it is tried again
        except Exception as error:  # one frame must not stop the others
            log.exception("frame_not_understood")
            self._quarantine(
                connection, message, f"could not be stored: {type(error).__name__}", now_ms, None
            )
            return None
        FRAMES.labels("stored" if stored.new else "duplicate").inc()
        EVENTS.inc(stored.new)
        return stored.origin

    def _quarantine(
        self,
        connection: sa.Connection,
        message: Inbound,
        reason: str,
        now_ms: int,
        device: OriginState | None,
    ) -> None:
        FRAMES.labels("quarantined").inc()
        log.warning("frame_quarantined", reason=reason)
        if device is not None:
            quarantine.keep(connection, self._district, message.payload, reason, now_ms, device)
        else:
            quarantine.note(
                connection, self._district, message.payload, reason, now_ms, _claimed(message.topic)
            )


def _claimed(topic: str) -> Origin | None:
    try:
        return topics.parse_up(topic).origin
    except topics.BadTopic:
        return None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
