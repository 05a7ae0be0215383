"""The ingest worker: two threads, one that opens what has come, one that stores it, a group in one transaction.

    submit -> the opener: what is it? -> one group at a time -> the writer: place, commit, acknowledge, receipt

While a group is being written the next one is opened; the database works without Python's lock. What lies between the
two is bounded: the broker gives no more than its receive maximum before it is acknowledged, a group no more than
`MOST_FRAMES`, events and bytes. Nothing is acknowledged before its commit; a crash in between makes the broker, or the
kiosk, send it again.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt, topics
from anganwadi.wire.keys import ServerSecrets, Signer
from server.ingest import metrics
from server.ingest.acquaintance import Acquaintance
from server.ingest.inbound import Inbound, Publish
from server.ingest.opening import Item, Opened, Opener, Refused, SecretsOfTheMoment, Stranger, Unopened
from server.ingest.placed import Placed
from server.ingest.placing import place
from server.storage import origins, quarantine, waiting
from server.storage.engine import writing
from server.storage.origins import OriginState
from server.storage.quarantine import BLOCKING

__all__ = ["Inbound", "IngestWorker", "Publish"]

MOST_FRAMES, MOST_EVENTS, MOST_BYTES = 200, 10_000, 8 << 20
"""What is stored in one transaction: frames, events, bytes of events. One more frame may be begun before it is full."""

FIRST_REST_S, LONGEST_REST_S = 0.5, 10.0
"""How long the worker rests before it tries a failing database again: at first, at most."""

GAUGES_S = 15.0
"""How old what the gauges say may be."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


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
        self._opened: queue.Queue[list[Item] | None] = queue.Queue(maxsize=1)
        self._stopping = threading.Event()
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
        self._stopping.set()
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
            sqlalchemy.exc.OperationalError: the database failed, and nothing was acknowledged.
        """
        self._opener.begin()
        self._store([self._open(message) for message in messages])
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
        going = True
        while going:
            message = self._inbox.get()
            going = message is not None
            if message is not None:
                going = self._open_group(message)
        self._opened.put(None)

    def _open_group(self, message: Inbound) -> bool:
        """Open what has come, as much as fits into a transaction, and hand it on. Whether more is to be expected."""
        self._opener.begin()
        group: list[Item] = []
        events = size = 0
        following: Inbound | None = message
        while following is not None:
            item = self._until_it_works(partial(self._open, following))
            if item is None:  # stopping, and not stored: whoever sent it sends it again
                return False
            group.append(item)
            events += item.header.count if isinstance(item, Opened) else 0
            size += item.contents.size if isinstance(item, Opened) else len(item.message.payload)
            if len(group) >= MOST_FRAMES or events >= MOST_EVENTS or size >= MOST_BYTES:
                break
            try:
                following = self._inbox.get_nowait()
            except queue.Empty:
                break
        self._opened.put(group)
        return following is not None

    def _open(self, message: Inbound) -> Item:
        try:
            return self._opener.open(message)
        except OperationalError:
            raise  # the database, not the message
        except Exception as error:  # one message must not stop the others
            log.exception("frame_not_understood")
            return Stranger(message, f"{BLOCKING}: {type(error).__name__}", None)

    # --- the writer's thread --------------------------------------------------------------------------------------

    def _write_all(self) -> None:
        self._until_it_works(self._find_unfinished)
        self._until_it_works(self._finish)
        while (group := self._next_group()) is not None:
            if group:
                self._until_it_works(partial(self._store, group))
            self._until_it_works(self._finish)
            if self._gauged + GAUGES_S < time.monotonic():
                self._until_it_works(self._gauge)

    def _next_group(self) -> list[Item] | None:
        try:
            return self._opened.get(timeout=GAUGES_S)
        except queue.Empty:
            return []

    def _store(self, group: Sequence[Item]) -> None:
        """Store a group whole or, where something in it breaks the transaction, one by one."""
        try:
            self._commit(group)
        except OperationalError:
            raise  # the database, not a message: all of it is tried again
        except Exception:
            log.exception("group_not_stored", frames=len(group))
            for item in group:
                self._store_alone(item)

    def _store_alone(self, item: Item) -> None:
        try:
            self._commit([item], drained=0)
        except OperationalError:
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
            except OperationalError:
                raise
            except Exception:
                log.exception("waiting_not_stored")
                for origin in sorted(self._unfinished):
                    self._finish_alone(origin)

    def _finish_alone(self, origin: Origin) -> None:
        try:
            self._commit((), {origin}, drained=1)
        except OperationalError:
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
        try:
            with metrics.COMMIT.time():
                with writing(self._engine) as connection:
                    placed = place(
                        connection, self._district, self._opener, self._acquaintance, group, _now_ms(), also,
                        drained=drained, aside=aside,
                    )  # fmt: skip
                    laps = metrics.Laps()
                laps.end("commit")
        except BaseException:
            self._acquaintance.forget()
            raise
        self._unfinished = (self._unfinished - also) | placed.unfinished
        for item in group:
            item.message.acknowledge()
        self._answer(placed)
        laps.end("receipt")
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

    def _until_it_works(self, work: Callable[[], T]) -> T | None:
        """Try, however often the database fails; only a stop gives up, and then nothing is acknowledged."""
        rest = FIRST_REST_S
        while True:
            try:
                return work()
            except Exception:
                log.exception("ingest_failed")
            if self._stopping.wait(rest):
                return None
            rest = min(2 * rest, LONGEST_REST_S)


def _set_aside(item: Item, reason: str) -> Item:
    """A message that broke its transaction, to be put into quarantine; the chain goes on behind a frame."""
    match item:
        case Opened(message=message, device=device, header=header):
            return Unopened(message, device, header, reason)
        case Stranger():
            return Stranger(item.message, reason, item.claimed)
        case _:
            return Refused(item.message, item.device, reason)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
