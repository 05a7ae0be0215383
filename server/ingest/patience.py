"""Trying again while the database fails."""

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

FIRST_REST_S, LONGEST_REST_S = 0.5, 10.0
"""How long to rest before the next try: at first, at most."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Patience:
    """Tries until it works, or until there is no more patience: then what was tried is left undone."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def end(self) -> None:
        """Whatever fails from now on is not tried again."""
        self._over.set()

    def until_it_works(self, work: Callable[[], T]) -> T | None:
        """What `work` returns; None where it failed to the end."""
        rest = FIRST_REST_S
        while True:
            try:
                return work()
            except Exception:
                log.exception("ingest_failed")
            if self._over.wait(rest):
                return None
            rest = min(2 * rest, LONGEST_REST_S)
