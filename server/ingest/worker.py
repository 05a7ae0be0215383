"""The ingest worker: one stage opens what has come, the other stores it, a group in one transaction.

    submit -> opened: what is it? -> a group that grows -> the writer: place, commit, acknowledge, receipt

While a group is being written the next one is opened: in a process of its own (`apart`), so that each stage has a core,
or on a thread (`here`), as the database works without Python's lock. What lies between the two is bounded, and the
broker gives no more than its receive maximum before it is acknowledged. Nothing is acknowledged before its commit; a
crash in between makes the broker, or the kiosk, send it again.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence, Set
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt, topics
from anganwadi.wire.keys import ServerSecrets, Signer
from server.ingest import apart, metrics
from server.ingest.acquaintance import Acquaintance
from server.ingest.apart import OpensApart
from server.ingest.between import Between
from server.ingest.devices import KnownDevices
from server.ingest.here import OpensHere, open_here
from server.ingest.inbound import Inbound, Publish
from server.ingest.laps import Laps
from server.ingest.opening import (
    GapTold,
    Item,
    Opened,
    Opener,
    Refused,
    SecretsOfTheMoment,
    Stranger,
    Unopened,
)
from server.ingest.patience import Patience
from server.ingest.placed import Placed
from server.ingest.placing import place
from server.ingest.reasons import Reason
from server.storage import origins, quarantine, waiting
from server.storage.engine import DATABASE_FAILED, writing
from server.storage.origins import OriginState
from server.storage.quarantine import BLOCKING

__all__ = ["Inbound", "IngestWorker", "Publish"]

GAUGES_S = 15.0
"""How old what the gauges say may be."""

STOP_S = 30.0
"""How long each stage may take to end."""

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
        apart_with: Path | None = None,
    ) -> None:
        """`apart_with` is the file of the server's keys for a process of its own to open with; without it messages are
        opened on a thread."""
        self._engine = engine
        self._district = district
        self._server = server
        self._publish = publish
        self._on_stored = on_stored
        devices = KnownDevices(engine, district)
        self._opener = Opener(devices, district, server, demo=demo)
        self._acquaintance = Acquaintance(district)
        self._inbox: queue.SimpleQueue[Inbound | None] = queue.SimpleQueue()
        self._between = Between()
        self._laps = Laps()
        self._patience = Patience()
        self._gauged = 0.0
        self._unfinished: set[Origin] = set()
        parts = self._opener, self._inbox, self._between, self._patience
        self._opening = (
            OpensHere(*parts)
            if apart_with is None
            else OpensApart(*parts, devices, apart.brief(district, apart_with, demo=demo))
        )
        self._writer = threading.Thread(target=self._write_all, name="ingest-write", daemon=True)

    def start(self) -> None:
        self._opening.start()
        self._writer.start()

    def stop(self) -> None:
        """Store what is queued, then end; a database that fails now is not waited for."""
        self._patience.end()
        self._inbox.put(None)
        self._opening.join(STOP_S)
        self._writer.join(STOP_S)

    def submit(self, message: Inbound) -> None:
        self._inbox.put(message)

    def is_alive(self) -> bool:
        return self._opening.is_alive() and self._writer.is_alive()

    def store(self, messages: Sequence[Inbound]) -> None:
        """Open and store these, acknowledge and receipt them, all on the caller's thread.

        Raises:
            OperationalError, TimeoutError: as `DATABASE_FAILED`; nothing was acknowledged.
        """
        self._opener.begin()
        items = [open_here(self._opener, message) for message in messages]
        metrics.spent(self._opener.laps.taken())
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
            self._commit([_set_aside(item, type(error).__name__)], drained=0)

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
        metrics.spent(laps.taken())
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
    match item.found:
        case Opened(device=device, header=header):
            found = Unopened(device, header, reason)
        case Stranger(claimed=claimed):
            found = Stranger(f"{BLOCKING}: {reason}", claimed)
        case Unopened(device=device):
            found = Refused(device, f"{BLOCKING}: {reason}")
        case Refused(device=device) | GapTold(device=device):
            # a letter: `reason` would make it a frame, which has its place in the chain
            found = Refused(device, Reason.NOT_STORED)
    return Item(item.message, found)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
