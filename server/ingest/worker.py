"""The ingest worker: two threads, one that opens what has come, one that stores it, a group in one transaction.

    submit -> the opener: what is it? -> a group that grows -> the writer: place, commit, acknowledge, receipt

While a group is being written the next one is opened; the database works without Python's lock. What lies between the
two is bounded, and the broker gives no more than its receive maximum before it is acknowledged. Nothing is acknowledged
before its commit; a crash in between makes the broker, or the kiosk, send it again.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence, Set
from functools import partial

import sqlalchemy as sa
import structlog

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt, topics
from anganwadi.wire.keys import ServerSecrets, Signer
from server.ingest import metrics
from server.ingest.acquaintance import Acquaintance
from server.ingest.between import Between
from server.ingest.inbound import Inbound, Publish
from server.ingest.opening import Item, Opened, Opener, Refused, SecretsOfTheMoment, Stranger, Unopened
from server.ingest.patience import Patience
from server.ingest.placed import Placed
from server.ingest.placing import place
from server.ingest.reasons import Reason
from server.storage import origins, quarantine, waiting
from server.storage.engine import DATABASE_FAILED, writing
from server.storage.origins import OriginState
from server.storage.quarantine import BLOCKING

__all__ = ["Inbound", "IngestWorker", "Publish"]

MOMENT_S = 1.0
"""How old the keys and the time may be by which messages are opened."""

GAUGES_S = 15.0
"""How old what the gauges say may be."""

log = structlog.get_logger(__name__)


class IngestWorker:
    """Stores frames and gap letters on threads of its own; `submit` hands them over."""

    def __init__(
        self,
        engine: sa.Engine,
        district: DistrictId,
        server: ServerSecrets,
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
        self._opener = Opener(engine, district, server, demo=demo)
        self._acquaintance = Acquaintance(district)
        self._inbox: queue.Queue[Inbound | None] = queue.Queue()
        self._between = Between()
        self._begun = 0.0
        self._laps = metrics.Laps()
        self._patience = Patience()
        self._gauged = 0.0
        self._unfinished: set[Origin] = set()
        self._threads = [
            threading.Thread(target=self._open_all, name="ingest-open", daemon=True),
            threading.Thread(target=self._write_all, name="ingest-write", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Store what is queued, then end; a database that fails now is not waited for."""
        self._patience.end()
        self._inbox.put(None)
        for thread in self._threads:
            thread.join(timeout=30)

    def submit(self, message: Inbound) -> None:
        self._inbox.put(message)

    def is_alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def store(self, messages: Sequence[Inbound]) -> None:
        """Open and store these, acknowledge and receipt them, all on the caller's thread.

        Raises:
            OperationalError, TimeoutError: as `DATABASE_FAILED`; nothing was acknowledged.
        """
        self._opener.begin()
        items = [self._open(message) for message in messages]
        self._opener.tell()
        self._store(items)
        self._finish()

    def receipt(self, origin: OriginState, generation: int) -> None:
        """Publish a signed receipt of how far `origin` is stored, and what of it waits."""
        with self._engine.connect() as connection:
            places = waiting.of(connection, self._district, [origin.origin]).get(
                (origin.origin, origin.epoch)
            )
        held = waiting.held(places or [], origin.stored_through)
        self._send_receipt(origin, generation, held, self._server)

    # --- the opener's thread --------------------------------------------------------------------------------------

    def _open_all(self) -> None:
        while (message := self._inbox.get()) is not None:
            self._between.wait_for_turn()
            if self._begun + MOMENT_S < time.monotonic():
                self._opener.begin()
                self._begun = time.monotonic()
            item = self._patience.until_it_works(partial(self._open, message))
            if item is not None:  # else we are stopping: whoever sent it sends it again
                self._between.put(item, more=not self._inbox.empty())
            if self._inbox.empty():
                self._opener.tell()
        self._between.end()

    def _open(self, message: Inbound) -> Item:
        try:
            return self._opener.open(message)
        except DATABASE_FAILED:
            raise  # the database, not the message
        except Exception as error:  # one message must not stop the others
            log.exception("frame_not_understood")
            return Stranger(message, f"{BLOCKING}: {type(error).__name__}", None)

    # --- the writer's thread --------------------------------------------------------------------------------------

    def _write_all(self) -> None:
        self._patience.until_it_works(self._find_unfinished)
        self._patience.until_it_works(self._finish)
        while (group := self._between.take(GAUGES_S)) is not None:
            if group:
                self._patience.until_it_works(partial(self._store, group))
            self._patience.until_it_works(self._finish)
            if self._gauged + GAUGES_S < time.monotonic():
                self._patience.until_it_works(self._gauge)

    def _store(self, group: Sequence[Item]) -> None:
        """Store a group whole or, where something in it breaks the transaction, one by one."""
        try:
            self._commit(group)
        except DATABASE_FAILED:
            raise  # the database, not a message: all of it is tried again
        except Exception:
            log.exception("group_not_stored", frames=len(group))
            for item in group:
                self._store_alone(item)

    def _store_alone(self, item: Item) -> None:
        try:
            self._commit([item], drained=0)
        except DATABASE_FAILED:
            raise
        except Exception as error:  # one message must not stop the others
            log.exception("message_not_stored")
            self._commit([_set_aside(item, f"{BLOCKING}: {type(error).__name__}")], drained=0)

    def _find_unfinished(self) -> None:
        """Waiting frames whose turn has come, but which a crash kept from taking their places."""
        with self._engine.connect() as connection:
            self._unfinished = waiting.ready(connection, self._district)

    def _finish(self) -> None:
        """Place what was too much for the transaction that closed its gap."""
        while self._unfinished:
            try:
                self._commit((), self._unfinished)
            except DATABASE_FAILED:
                raise
            except Exception:
                log.exception("waiting_not_stored")
                for origin in sorted(self._unfinished):
                    self._finish_alone(origin)

    def _finish_alone(self, origin: Origin) -> None:
        try:
            self._commit((), {origin}, drained=1)
        except DATABASE_FAILED:
            raise
        except Exception:
            log.exception("waiting_frame_not_stored")
            self._commit((), {origin}, drained=1, aside=True)

    def _commit(
        self,
        group: Sequence[Item],
        also: Set[Origin] = frozenset(),
        *,
        drained: int | None = None,
        aside: bool = False,
    ) -> None:
        """One transaction; what was done in it is acknowledged and receipted after its commit."""
        laps = self._laps
        try:
            with metrics.COMMIT.time():
                with writing(self._engine) as connection:
                    laps.begin()
                    with self._between.alone():
                        placing = place(
                            connection, self._district, self._opener, self._acquaintance, group, _now_ms(),
                            also, drained=drained, aside=aside,
                        )  # fmt: skip
                    laps.end("place")
                    placed = placing.write()
                    laps.end("append")
                laps.end("commit")
        except BaseException:
            self._acquaintance.forget()
            raise
        self._unfinished = (self._unfinished - also) | placed.unfinished
        for item in group:
            item.message.acknowledge()
        self._answer(placed)
        laps.end("receipt")
        laps.tell()
        metrics.count(placed)
        self._on_stored()

    def _answer(self, placed: Placed) -> None:
        signer = SecretsOfTheMoment(self._server)
        for state, held in placed.receipts:
            self._send_receipt(state, placed.generation, held, signer)

    def _send_receipt(
        self, state: OriginState, generation: int, held: Sequence[tuple[int, int]], signer: Signer
    ) -> None:
        signed = receipt.sign(origins.receipt_for(state, generation, _now_ms(), held), signer)
        self._publish(topics.down(state.district, state.origin, "receipt"), signed)

    def _gauge(self) -> None:
        with self._engine.connect() as connection:
            metrics.WAITING.set(waiting.count(connection, self._district))
            metrics.ALARMS.set(quarantine.alarms(connection, self._district))
        self._gauged = time.monotonic()


def _set_aside(item: Item, reason: str) -> Item:
    """A message that broke its transaction, to be put into quarantine; the chain goes on behind a frame."""
    match item:
        case Opened(message=message, device=device, header=header):
            return Unopened(message, device, header, reason)
        case Stranger():
            return Stranger(item.message, reason, item.claimed)
        case Unopened():
            return Refused(item.message, item.device, reason)
        case _:  # a letter: `reason` would make it a frame, which has its place in the chain
            return Refused(item.message, item.device, Reason.NOT_STORED)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
