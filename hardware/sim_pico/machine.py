"""MicroPython's `machine` as far as the scale's firmware uses it, on the simulated bench instead of a Pico."""

import sys
from time import ticks_diff, ticks_ms, ticks_us

from bench import bench


class Pin:
    """A GPIO pin, wired to whatever the bench has there."""

    IN = 0
    OUT = 1
    PULL_UP = 1

    def __init__(self, number, mode=IN, pull=None, value=None):
        self.number = number
        self.mode = mode
        self.pull = pull
        if value is not None:
            self.value(value)

    def value(self, level=None):
        """Read the pin, or drive it."""
        if level is None:
            return bench.level(self.number)
        bench.drive(self.number, level, ticks_us())
        return None


class WDT:
    """A watchdog that ends the process, as the real one resets the chip."""

    def __init__(self, timeout):
        self._timeout = timeout
        self._fed = ticks_ms()

    def feed(self):
        """Start the time again; too late is too late."""
        if ticks_diff(ticks_ms(), self._fed) > self._timeout:
            sys.exit(3)
        self._fed = ticks_ms()
        bench.refresh()


def unique_id():
    """Give the eight bytes that name the chip."""
    return bench.unique_id
