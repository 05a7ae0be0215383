"""A simulated HX711, pin by pin: DOUT falls when a conversion is ready, each SCK pulse shifts a bit out.

It does what the data sheet says of the real one: 24 bits, most significant first; DOUT high from the 25th pulse to the
next conversion; power-down when SCK stays high for 60 us, reset when it falls again.
"""

from time import ticks_diff

from bench import bench

POWER_DOWN_US = 60
DATA_BITS = 24
FULL_SCALE = 0x7FFFFF


class Chip:
    """The converter on the bench. `clock` and `dout` are its pins; the faults come from the bench."""

    def __init__(self, cell):
        self._cell = cell
        self._period_ms = 1000 // bench.samples_per_second
        self._sck = 0
        self._rose_us = 0
        self._data = 0
        self._pulses = DATA_BITS + 1
        self._stuck_at = None
        self._next_ms = bench.now_ms + self._period_ms

    def clock(self, level, us):
        """Set SCK at the time `us`."""
        if level and not self._sck:
            self._rose_us = us
            self._pulses += 1
        elif self._sck and not level and ticks_diff(us, self._rose_us) > POWER_DOWN_US:
            self._reset()
        self._sck = level

    def dout(self):
        """Tell the level of DOUT."""
        self._convert()
        if self._pulses == 0:
            return 0
        if self._pulses <= DATA_BITS:
            return (self._data >> (DATA_BITS - self._pulses)) & 1
        return 0 if bench.fault == "desync" and self._pulses == DATA_BITS + 1 else 1

    def _reset(self):
        self._pulses = DATA_BITS + 1
        self._next_ms = bench.now_ms + self._period_ms

    def _convert(self):
        """Make the next conversion ready if it is due and no frame is being shifted out."""
        now = bench.now_ms
        if bench.fault == "silent" or ticks_diff(now, self._next_ms) < 0:
            return
        if 0 < self._pulses <= DATA_BITS:
            return
        while ticks_diff(self._next_ms, now) <= 0:
            self._next_ms += self._period_ms
        self._data = self._output(now) & 0xFFFFFF
        self._pulses = 0

    def _output(self, now):
        if bench.fault == "saturated":
            return FULL_SCALE
        counts = max(-FULL_SCALE - 1, min(FULL_SCALE, self._cell.counts(now)))
        if bench.fault != "stuck":
            self._stuck_at = None
            return counts
        if self._stuck_at is None:
            self._stuck_at = counts
        return self._stuck_at
