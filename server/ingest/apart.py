"""Opening messages in a process of its own (`opening_process`), so that opening and writing have a core each.

    inbox -> asker -> the process -> listener -> between

Messages go over in batches, answers come back in the same order. What only the database can tell (a device not heard
before, a gap) the listener opens here. Where the process ends by itself a new one is started, and given what was not
answered, one message after the other: one that ends it again, all alone, is nobody's, and the others go on. Nothing is
acknowledged before it is stored, so that nothing is lost by any of this.
"""

import contextlib
import queue
import threading
from collections import deque
from functools import partial
from pathlib import Path

import msgspec
import structlog

from anganwadi.ids import DistrictId
from server.ingest import metrics
from server.ingest.between import Between
from server.ingest.devices import KnownDevices
from server.ingest.here import Inbox, open_here
from server.ingest.inbound import Inbound
from server.ingest.opening import Found, Item, Opener, Stranger
from server.ingest.opening_process import ENDED, OpeningProcess
from server.ingest.opening_program import Answer, Brief
from server.ingest.patience import Patience
from server.storage.quarantine import BLOCKING

UNDER_WAY = 4
"""Batches asked and not answered yet."""

MOST_MESSAGES, MOST_BYTES = 16, 256 << 10
"""What is asked at once."""

HANG_S = 30.0
"""How long one batch may take; the process is ended that takes twice as long."""

log = structlog.get_logger(__name__)

_answers = msgspec.msgpack.Decoder(Answer)


class OpensApart:
    """Has a process open what lies in the inbox, and puts it between; two threads. As `OpensHere`."""

    def __init__(
        self,
        opener: Opener,
        inbox: Inbox,
        between: Between,
        patience: Patience,
        devices: KnownDevices,
        brief: Brief,
    ) -> None:
        self._opener = opener
        self._inbox = inbox
        self._between = between
        self._patience = patience
        self._devices = devices
        self._brief = brief
        self._lock = threading.Lock()  # of the three below; whoever has it may ask
        self._process: OpeningProcess | None = None
        self._unanswered: deque[deque[Inbound]] = deque()
        self._no_more = False
        self._window = threading.Semaphore(UNDER_WAY)
        self._suspect: Inbound | None = None
        self._threads = [
            threading.Thread(target=self._ask_all, name="ingest-ask", daemon=True),
            threading.Thread(target=self._listen_to_all, name="ingest-listen", daemon=True),
        ]

    @property
    def pid(self) -> int | None:
        """The process's id, None before it is up."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until everything up to the inbox's end is opened."""
        for thread in reversed(self._threads):
            thread.join(timeout_s)

    def is_alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    # --- the asker's thread ---------------------------------------------------------------------------------------

    def _ask_all(self) -> None:
        more = True
        while more:
            batch, more = self._next_batch()
            if batch:
                self._window.acquire()
            with self._lock:
                self._no_more = not more
                if batch:
                    self._unanswered.append(batch)
                self._ask(batch)

    def _ask(self, batch: deque[Inbound]) -> None:
        """A process that is gone is the listener's to find."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            if batch:
                self._process.ask(self._devices.news(), batch)
            if self._no_more:
                self._process.last()

    def _next_batch(self) -> tuple[deque[Inbound], bool]:
        """What has come, as far as it fits one batch, and whether more will; waits for the first."""
        batch: deque[Inbound] = deque()
        message, size = self._inbox.get(), 0
        while message is not None:
            batch.append(message)
            size += len(message.payload)
            if len(batch) >= MOST_MESSAGES or size >= MOST_BYTES:
                return batch, True
            try:
                message = self._inbox.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    # --- the listener's thread ------------------------------------------------------------------------------------

    def _listen_to_all(self) -> None:
        while (process := self._renewed()) is not None:
            self._listen(process)
            with self._lock:  # nobody asks while its connection is closed
                process.end()
                if self._no_more and not self._unanswered:
                    break
            log.error("opening_process_ended", unanswered=len(self._unanswered))
        self._between.end()
        self._window.release(1 << 20)  # the asker must not wait for nobody

    def _renewed(self) -> OpeningProcess | None:
        """A new process that has answered what the last one left; None if we are stopping and there is none to have."""
        with self._lock:
            while True:
                self._process = self._patience.until_it_works(self._start)
                if self._process is None:
                    return None
                if self._catch_up(self._process):
                    if self._no_more:
                        self._process.last()
                    return self._process
                self._process.end()

    def _start(self) -> OpeningProcess:
        process = OpeningProcess(self._brief)
        try:
            process.ask(self._devices.everybody(), ())
            process.answer(2 * HANG_S)
        except BaseException:
            process.end()
            raise
        log.info("opening_process_up", pid=process.pid)
        return process

    def _catch_up(self, process: OpeningProcess) -> bool:
        """Have everything unanswered opened, one message after the other; False if the process ended over it."""
        while self._unanswered:
            batch = self._unanswered[0]
            while batch:
                try:
                    process.ask(self._devices.news(), [batch[0]])
                    said = process.answer(2 * HANG_S)
                except ENDED:
                    self._suspected(batch)
                    return False
                self._take(batch, said)
            self._unanswered.popleft()
            self._window.release()
        return True

    def _suspected(self, batch: deque[Inbound]) -> None:
        """The first of `batch` was being opened, alone, when the process ended; it may do so once."""
        if self._suspect is batch[0]:
            log.error("message_ended_opening_process")
            self._put(batch.popleft(), Stranger(f"{BLOCKING}: it ended the process that opens", None))
        else:
            self._suspect = batch[0]

    def _listen(self, process: OpeningProcess) -> None:
        """Take answers until the process ends. `_unanswered` needs no lock: it grows at its other end only."""
        slow: deque[Inbound] | None = None
        while True:
            try:
                if not process.speaks(HANG_S):
                    first = self._unanswered[0] if self._unanswered else None
                    if first is not None and first is slow:
                        log.error("opening_process_hangs")
                        process.kill()  # the asker may stand before its full socket, with the lock we need next
                        return
                    slow = first
                    continue
                said = process.listen()
            except ENDED:
                return
            self._take(self._unanswered[0], said)
            self._unanswered.popleft()
            self._window.release()

    def _take(self, batch: deque[Inbound], said: bytes) -> None:
        """Put between what was found in the first messages of `batch`, which are taken off it."""
        self._between.wait_for_turn()
        answer = _answers.decode(said)
        metrics.spent(answer.spent)
        self._opener.keep_up()
        for found in answer.found:
            self._put(batch.popleft(), found)

    def _put(self, message: Inbound, found: Found | None) -> None:
        if found is None:
            item = self._patience.until_it_works(partial(open_here, self._opener, message))
            metrics.spent(self._opener.laps.taken())
        else:
            item = Item(message, found)
        if item is not None:  # else we are stopping: whoever sent it sends it again
            self._between.put(item, more=self._more_comes())

    def _more_comes(self) -> bool:
        return any(self._unanswered) or not self._inbox.empty()


def brief(district: DistrictId, keys: Path, *, demo: bool) -> Brief:
    """What the process is to know; `keys` is the file of the server's keys."""
    return Brief(district, str(keys.absolute()), demo)
