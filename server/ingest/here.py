"""Opening messages in the server's own process: one, as a last resort, or all of them, on a thread."""

import queue
import threading
from functools import partial

import structlog

from server.ingest import metrics
from server.ingest.between import Between
from server.ingest.inbound import Inbound
from server.ingest.opening import Item, Opener, Stranger
from server.ingest.patience import Patience
from server.storage.engine import DATABASE_FAILED
from server.storage.quarantine import BLOCKING

Inbox = queue.SimpleQueue[Inbound | None]
"""What has come; None at its end."""

log = structlog.get_logger(__name__)


class OpensHere:
    """Opens what lies in the inbox and puts it between, on a thread."""

    def __init__(self, opener: Opener, inbox: Inbox, between: Between, patience: Patience) -> None:
        self._opener = opener
        self._inbox = inbox
        self._between = between
        self._patience = patience
        self._thread = threading.Thread(target=self._open_all, name="ingest-open", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until everything up to the inbox's end is opened."""
        self._thread.join(timeout_s)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _open_all(self) -> None:
        while (message := self._inbox.get()) is not None:
            self._between.wait_for_turn()
            self._opener.keep_up()
            item = self._patience.until_it_works(partial(open_here, self._opener, message))
            if item is not None:  # else we are stopping: whoever sent it sends it again
                self._between.put(item, more=not self._inbox.empty())
            if self._inbox.empty():
                metrics.spent(self._opener.laps.taken())
        self._between.end()


def open_here(opener: Opener, message: Inbound) -> Item:
    """Open a message; one that cannot even be looked at is nobody's.

    Raises:
        OperationalError, TimeoutError: as `DATABASE_FAILED`.
    """
    try:
        return Item(message, opener.open(message.topic, message.payload))
    except DATABASE_FAILED:
        raise  # the database, not the message
    except Exception as error:  # one message must not stop the others
        log.exception("frame_not_understood")
        return Item(message, Stranger(f"{BLOCKING}: {type(error).__name__}", None))
