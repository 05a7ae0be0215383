"""A simulated HX711, pin by pin: DOUT falls when a conversion is ready, each SCK pulse shifts a bit out.

It does what the data sheet says of the real one: 24 bits, most significant first; DOUT high from the 25th pulse to the
next conversion; power-down when SCK stays high for 60 us, reset when it falls again. A dip of its analogue supply
resets it as well, be it in the middle of a frame: DOUT then stays high, and the next conversions have not settled.
"""

from time import ticks_add, ticks_diff

from bench import bench

POWER_DOWN_US = 60
DATA_BITS = 24
FULL_SCALE = 0x7FFFFF
DIP_EVERY_MS = 5000
DIPS_MS = (
    20,
    300,
)  # how long the supply is gone, in turn: one that nobody can notice, one just short of LATE
DIP_AT_PULSE = 10
SETTLED = (0.04, 0.5, 0.96)  # of a step, by the conversion after it: a fourth-order decimation filter


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
        self._dipped_at = None
        self._dips = 0
        self._conversions = len(SETTLED)
        self._next_ms = ticks_add(bench.now_ms, self._period_ms)

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
        if self._pulses == DIP_AT_PULSE and self._dips_now():
            self._reset(DIPS_MS[self._dips % len(DIPS_MS)])
            self._dips += 1
        if self._pulses <= DATA_BITS:
            return (self._data >> (DATA_BITS - self._pulses)) & 1
        return 0 if bench.fault == "desync" and self._pulses == DATA_BITS + 1 else 1

    def _reset(self, pause_ms=0):
        self._pulses = DATA_BITS + 1
        self._conversions = 0
        self._next_ms = ticks_add(bench.now_ms, pause_ms + self._period_ms)

    def _dips_now(self):
        """Say whether the supply dips in this frame: in the first one of the fault, then every few seconds."""
        if bench.fault != "brown_out":
            self._dipped_at = None
            return False
        if self._dipped_at is not None and ticks_diff(bench.now_ms, self._dipped_at) < DIP_EVERY_MS:
            return False
        self._dipped_at = bench.now_ms
        return True

    def _convert(self):
        """Make the next conversion ready if it is due and no frame is being shifted out."""
        now = bench.now_ms
        if bench.fault == "silent" or ticks_diff(now, self._next_ms) < 0:
            return
        if 0 < self._pulses <= DATA_BITS:
            return
        while ticks_diff(self._next_ms, now) <= 0:
            self._next_ms = ticks_add(self._next_ms, self._period_ms)
        self._data = self._output(now) & 0xFFFFFF
        self._pulses = 0

    def _output(self, now):
        if bench.fault == "saturated":
            return FULL_SCALE
        if bench.fault == "saturated_low":
            return -FULL_SCALE - 1
        counts = max(-FULL_SCALE - 1, min(FULL_SCALE, self._cell.counts(now)))
        if self._conversions < len(SETTLED):
            counts = int(counts * SETTLED[self._conversions])
            self._conversions += 1
        if bench.fault != "stuck":
            self._stuck_at = None
            return counts
        if self._stuck_at is None:
            self._stuck_at = counts
        return self._stuck_at
