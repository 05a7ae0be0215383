"""Putting a new file in the place of a damaged one, which is kept.

The new file is made under another name, `.making`, and bears the name `.made` once it is whole and on the disk. Then
the damaged one and its log are renamed, and the new one takes the place. Wherever the power fails in between, `finish`
goes on at the next start.
"""

import itertools
from pathlib import Path

from edge.store import carve
from provisioning.files import sync_folder, write_private


class Place:
    """Where a store's file lies, and what lies beside it. Methods raise OSError where the card does not take it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.with_name(path.name + "-wal")
        self.making = path.with_suffix(".making")
        self._made = path.with_suffix(".made")

    def damaged(self) -> set[str]:
        """The names of what was set aside here."""
        return {path.name for path in self.path.parent.glob(f"{self.path.stem}.damaged-*")}

    def renew(self, log: bytes) -> None:
        """Put what was made under `making` in the place of the damaged file, whose log held the bytes `log`."""
        self.making.rename(self._made)
        sync_folder(self.path.parent)
        self._set_aside(log)

    def finish(self) -> None:
        """Go on with a renewal that a power cut stopped."""
        if self._made.exists():
            self._set_aside(carve.read(self.log))

    def _set_aside(self, log: bytes) -> None:
        aside = self._unused_name()
        if log:
            write_private(aside.with_name(aside.name + "-wal"), log)
        if self.path.exists():
            self.path.rename(aside)
        for leftover in (self.log, self.path.with_name(self.path.name + "-shm")):
            leftover.unlink(missing_ok=True)
        self._made.rename(self.path)
        sync_folder(self.path.parent)

    def _unused_name(self) -> Path:
        taken = self.damaged()
        names = (f"{self.path.stem}.damaged-{n}{self.path.suffix}" for n in itertools.count(1))
        return self.path.with_name(next(name for name in names if not taken & {name, name + "-wal"}))
