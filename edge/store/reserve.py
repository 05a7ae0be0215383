"""A little space kept back on the card, so that a receipt can still free the rest when the card is full.

To forget a frame SQLite has to write first. The reserve is given up for that, and taken back when there is room.
"""

import os
from contextlib import suppress
from pathlib import Path

import structlog

RESERVE_BYTES = 1 << 20
"""Forgetting a week's frames, 1,400 singles of 450 bytes, writes 0.7 MB to the log."""

_ROOM_BYTES = 2 * RESERVE_BYTES
"""How much must be free to take it: a card that somebody just made a little room on is for recording first."""

log = structlog.get_logger(__name__)


class Reserve:
    """The space kept back beside one store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._there = path.exists() and path.stat().st_size == RESERVE_BYTES

    def make(self) -> bool:
        """Take the space, if it is not taken yet and the card has room. Returns whether it is taken now."""
        try:
            if not self._there and _free(self._path.parent) >= _ROOM_BYTES:
                _take(self._path)
                self._there = True
        except OSError:
            self.give_up()
        return self._there

    def give_up(self) -> bool:
        """Free the space. Returns whether there was any."""
        there = self._there
        self._there = False
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        if there:
            log.warning("reserve_given_up")
        return there


def _free(folder: Path) -> int:
    card = os.statvfs(folder)
    return card.f_bavail * card.f_frsize


def _take(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, RESERVE_BYTES)
    finally:
        os.close(file)
