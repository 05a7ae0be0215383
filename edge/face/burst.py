"""The best of a few pictures of one moment is compared, never the first: people move, blink and come nearer.

    burst = Burst(engine)
    while not burst.done:
        hint = burst.take(frame.rgb, frame.at)      # what is wrong with this one, or None
    finding = burst.best()

All pictures are looked at, which is cheap (`FaceEngine.look`); only the best one is embedded, which is not.
"""

from __future__ import annotations

import numpy as np

from edge.face.engine import FaceEngine, FaceFinding
from edge.face.hints import Hint

PICTURES = 5
"""Usable ones of a burst: at 12 a second they are there in 0.4 s."""


class Burst:
    """One burst. Used by one thread at a time."""

    def __init__(self, engine: FaceEngine, size: int = PICTURES) -> None:
        """`size` usable pictures make it complete."""
        self._engine = engine
        self._size = size
        self._count = 0
        self._best: FaceFinding | None = None
        self._last = float("-inf")

    @property
    def done(self) -> bool:
        """There are enough usable pictures."""
        return self._count >= self._size

    @property
    def count(self) -> int:
        """Usable pictures so far."""
        return self._count

    def take(self, rgb: np.ndarray, at: float) -> Hint | None:
        """Look at one picture (H x W x 3 uint8 RGB) taken at the monotonic time `at`. The hint says why it is not used.

        The same picture, or an older one, is not looked at again.
        """
        if self.done or at <= self._last:
            return None
        self._last = at
        finding = self._engine.look(rgb)
        if finding.quality is None or not finding.usable:
            return finding.hint
        self._count += 1
        if self._best is None or _rank(finding) > _rank(self._best):
            self._best = finding
        return None

    def best(self) -> FaceFinding | None:
        """The best usable picture so far, with its template; None if there was none."""
        if self._best is None:
            return None
        self._best = self._engine.embedded(self._best)
        return self._best


def _rank(finding: FaceFinding) -> float:
    return 0.0 if finding.quality is None else finding.quality.rank()
