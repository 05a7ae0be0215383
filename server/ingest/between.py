"""What lies between ingest's two stages: the messages opened and not yet written, and their turns at Python's lock.

The opener adds to one group, which grows until the writer is ready to take it, or it is full: so the busier the
database, the larger its transactions. While more has come and is not opened yet the writer waits a moment for it, since
a transaction costs the same for one frame and for many.

SQLite gives Python's lock up for every row it reads and every statement it runs, and has to wait for it afterwards, up
to 5 ms where another thread computes. A group's chains are some hundred rows: beside an opener that never rests,
finding its place would take the writer a second instead of a few milliseconds. So the opener rests while the writer
finds a group's places, and opens the next one while the writer writes, in a few long statements that need no lock.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from server.ingest.opening import Item, Opened

MOST_FRAMES, MOST_EVENTS, MOST_BYTES = 200, 10_000, 8 << 20
"""What is stored in one transaction: frames, events, bytes of events. The last frame may go beyond it."""


LINGER_S = 0.05
"""How long a group may be kept from the writer because more is about to be added to it."""


class Between:
    """One opener, one writer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._group: list[Item] = []
        self._events = self._size = 0
        self._more = self._ended = False
        self._free = threading.Event()
        self._free.set()

    def put(self, item: Item, *, more: bool) -> None:
        """Add to the group; wait while it is full. `more` says that another message has come already."""
        found = item.found
        with self._changed:
            self._changed.wait_for(lambda: not self._is_full())
            self._group.append(item)
            self._more = more
            self._events += found.header.count if isinstance(found, Opened) else 0
            self._size += found.contents.size if isinstance(found, Opened) else len(item.message.payload)
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[Item] | None:
        """The group as it is; empty if nothing came in time, None if nothing more comes."""
        with self._changed:
            self._changed.wait_for(lambda: self._group or self._ended, timeout_s)
            self._changed.wait_for(lambda: not self._more or self._ended or self._is_full(), LINGER_S)
            if self._ended and not self._group:
                return None
            group, self._group = self._group, []
            self._events = self._size = 0
            self._changed.notify_all()
            return group

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing is opened meanwhile, but for the message under way."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def wait_for_turn(self) -> None:
        """Wait while the writer is alone."""
        self._free.wait()

    def _is_full(self) -> bool:
        return len(self._group) >= MOST_FRAMES or self._events >= MOST_EVENTS or self._size >= MOST_BYTES
