"""From noisy readings to a weight that stands still: a median of five, then a window of two seconds.

The median drops the single-sample spikes an HX711 is known for. The window says whether the load is still: it must span
two seconds, hold ten samples at least, and its range must be within a limit that the caller gives.
"""

from time import ticks_diff

MEDIAN_OF = 5


class Median:
    """The middle one of the last five readings; None until there are five."""

    def __init__(self):
        self._last = []

    def clear(self):
        """Forget all readings."""
        self._last = []

    def push(self, value):
        """Take one reading in, give the median out."""
        self._last.append(value)
        if len(self._last) > MEDIAN_OF:
            self._last.pop(0)
        if len(self._last) < MEDIAN_OF:
            return None
        return sorted(self._last)[MEDIAN_OF // 2]


class StableWindow:
    """The last two seconds of filtered readings.

    A load is still only if the window is full, and a window with a hole in it is not: after a pause longer than
    `gap_ms` it begins again.
    """

    def __init__(self, span_ms, min_samples, gap_ms):
        self._span_ms = span_ms
        self._min_samples = min_samples
        self._gap_ms = gap_ms
        self._values = []
        self._times = []

    def clear(self):
        """Begin again with an empty window."""
        self._values = []
        self._times = []

    def push(self, value, now):
        """Add one filtered reading taken at `now` (ticks_ms)."""
        if self._times and ticks_diff(now, self._times[-1]) > self._gap_ms:
            self.clear()
        self._values.append(value)
        self._times.append(now)
        while len(self._times) > 2 and ticks_diff(now, self._times[1]) >= self._span_ms:
            self._values.pop(0)
            self._times.pop(0)

    def is_still(self, limit):
        """Say whether the whole window has passed with a range of at most `limit`."""
        return self.is_full() and max(self._values) - min(self._values) <= limit

    def is_full(self):
        """Say whether two seconds and enough samples are in the window."""
        if len(self._values) < self._min_samples:
            return False
        return ticks_diff(self._times[-1], self._times[0]) >= self._span_ms

    def mean(self):
        """Give the mean of the window, rounded to a whole count."""
        return (sum(self._values) + len(self._values) // 2) // len(self._values)
