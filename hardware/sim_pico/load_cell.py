"""A load cell bridge as the HX711 sees it: counts for a load, with noise, wriggling, warm-up drift and faults.

Four 50 kg half bridges of 1 mV/V at 5 V give 25 uV a kilogram; the HX711 at gain 128 has +-20 mV in 24 bits, 2.384 nV
a count. Its input noise is 50 nV rms at 10 samples a second and 90 nV at 80 (HX711 data sheet).
"""

import math
import random
from time import ticks_diff, ticks_ms

from bench import bench

ZERO_COUNTS = 84_217
COUNTS_PER_KG = 10_486
NOISE_COUNTS = {10: 21, 80: 38}
WARM_UP_G = 15  # what the zero moves in all after power-on, and how fast
WARM_UP_S = 300
FAST_DRIFT_G_PER_S = 0.5  # the fault "drift": a cell in the sun
PLATFORM_MS = 60  # the platform follows a step of load with this time constant
SPIKE_EVERY = 8
OPEN_WIRE_S = (
    2  # a floating input: its leakage takes it to full scale so fast, and it picks up the mains meanwhile
)
OPEN_WIRE_COUNTS = 0x800000
HUM_COUNTS = 50_000


class LoadCell:
    """Ask `counts(now)` at each conversion."""

    def __init__(self):
        self._began = ticks_ms()
        self._drift_began = None
        self._open_since = None
        self._felt_kg = bench.load_kg
        self._felt_at = self._began
        self._asked = 0

    def counts(self, now):
        """Give the converter's next output, before its own limits."""
        self._asked += 1
        grams = self._load_g(now) + self._drift_g(now)
        counts = ZERO_COUNTS + grams * COUNTS_PER_KG / 1000 + NOISE_COUNTS[bench.samples_per_second] * gauss()
        if bench.fault == "spikes" and self._asked % SPIKE_EVERY == 0:
            counts += random.choice((-1, 1)) * COUNTS_PER_KG * random.uniform(0.3, 5)
        if bench.fault == "reversed":
            counts = -counts
        return int(counts + self._floating(now))

    def _floating(self, now):
        """Give what an input adds that hangs in the air, since the wire went off: nothing while it is on."""
        if bench.fault != "open_wire":
            self._open_since = None
            return 0
        if self._open_since is None:
            self._open_since = now
        gone = ticks_diff(now, self._open_since) / 1000 / OPEN_WIRE_S
        return OPEN_WIRE_COUNTS * gone + HUM_COUNTS * gauss()

    def _load_g(self, now):
        """Let the platform follow the load, and whoever is on it wriggle: two beats that never cancel for long."""
        passed = ticks_diff(now, self._felt_at)
        self._felt_at = now
        self._felt_kg += (bench.load_kg - self._felt_kg) * (1 - math.exp(-passed / PLATFORM_MS))
        t = ticks_diff(now, self._began) / 1000
        wriggle = 0.6 * math.sin(2 * math.pi * 0.4 * t) + 0.4 * math.sin(2 * math.pi * 1.1 * t + 1)
        motion_kg = bench.motion_kg if bench.load_kg > 0 else 0
        return 1000 * (self._felt_kg + motion_kg * wriggle)

    def _drift_g(self, now):
        warm_up = WARM_UP_G * (1 - math.exp(-ticks_diff(now, self._began) / 1000 / WARM_UP_S))
        if bench.fault != "drift":
            self._drift_began = None
            return warm_up
        if self._drift_began is None:
            self._drift_began = now
        return warm_up + FAST_DRIFT_G_PER_S * ticks_diff(now, self._drift_began) / 1000


def gauss():
    """Draw from the standard normal distribution, near enough: the sum of twelve uniform numbers."""
    return sum(random.random() for _ in range(12)) - 6
