"""What is wrong with this kiosk, as its store and link find it: for the worker's page and the district's.

Whoever finds something notes it; whoever finds it mended clears it. Nothing here is kept over a restart: what is still
wrong is found again.
"""

import threading

import structlog

from anganwadi.wire.login import Notice

log = structlog.get_logger(__name__)


class Health:
    """The notices that stand now. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: set[Notice] = set()

    def note(self, notice: Notice) -> None:
        """Say that this is wrong; again where it was said before is nothing new."""
        with self._lock:
            new = notice not in self._standing
            self._standing.add(notice)
        if new:
            log.warning("notice", notice=notice.value)

    def clear(self, notice: Notice) -> None:
        """Say that this is right (again)."""
        with self._lock:
            stood = notice in self._standing
            self._standing.discard(notice)
        if stood:
            log.info("notice_cleared", notice=notice.value)

    def notices(self) -> tuple[Notice, ...]:
        """What is wrong now, in the order in which `Notice` lists them."""
        with self._lock:
            return tuple(notice for notice in Notice if notice in self._standing)
