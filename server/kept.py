"""What takes seconds to read and is asked for again at once: the reports of whole months, kept for five minutes."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KEPT_MS = 5 * 60_000

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Kept(Generic[Key, Made]):
    """What was made of the last five minutes, by key. One per application; the key names everything it depends on, the
    officer's area among it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Key, tuple[int, Made]] = {}

    def of(self, key: Key, now_ms: int, make: Callable[[], Made]) -> Made:
        """What is kept under `key`, else what `make` returns, which is kept from then on."""
        with self._lock:
            found = self._kept.get(key)
        if found is not None and 0 <= now_ms - found[0] < KEPT_MS:
            return found[1]
        made = make()
        with self._lock:
            self._kept = {k: kept for k, kept in self._kept.items() if now_ms - kept[0] < KEPT_MS}
            self._kept[key] = (now_ms, made)
        return made
