"""How long to rest before the next try to connect, so that a whole district does not come back at once.

Exponential with full jitter: the n-th rest is anything between nothing and `first_s` times 2 to the n, and no more
than `longest_s`. When the broker comes up again, 4,000 kiosks are so spread over several seconds at their first try,
and those that found it busy over many more. A connection that has stood for `STABLE_S` starts the count anew; one that
falls at once does not.
"""

import random
from collections.abc import Callable

STABLE_S = 30.0
"""A connection that lived so long worked."""


class BackOff:
    """The rests of one client, in seconds."""

    def __init__(
        self,
        first_s: float,
        longest_s: float,
        draw: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._draw = draw
        self._failures = 0

    def after(self, lived_s: float) -> float:
        """The rest after a connection that stood so long; 0 where none came about."""
        if lived_s >= STABLE_S:
            self._failures = 0
        most = min(self._first_s * 2.0 ** min(self._failures, 30), self._longest_s)
        self._failures += 1
        return self._draw(0.0, most)
