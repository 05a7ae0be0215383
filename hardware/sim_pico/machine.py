"""MicroPython's `machine` as far as the scale's firmware uses it, on the simulated bench instead of a Pico."""

import _thread
import os
from time import sleep_ms, ticks_diff, ticks_ms, ticks_us

from bench import bench

CHIP_CELSIUS = 31
WATCH_MS = 50


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


class ADC:
    """An analogue input. Only the RP2040's temperature sensor is connected, on channel 4."""

    def __init__(self, channel):
        self._volts = 0.706 - 0.001721 * (CHIP_CELSIUS - 27) if channel == 4 else 0.0

    def read_u16(self):
        """Convert: 65535 is 3.3 V."""
        return int(self._volts / 3.3 * 65535)


class WDT:
    """A watchdog that ends the process, as the real one resets the chip: it counts on while the program hangs."""

    def __init__(self, timeout):
        self._timeout = timeout
        self._fed = ticks_ms()
        _thread.start_new_thread(self._watch, ())

    def feed(self):
        """Start the time again."""
        self._fed = ticks_ms()
        bench.refresh()

    def _watch(self):
        while ticks_diff(ticks_ms(), self._fed) <= self._timeout:
            sleep_ms(WATCH_MS)
        os.system("kill -KILL $PPID")  # from a thread, nothing gentler ends a program that hangs


def unique_id():
    """Give the eight bytes that name the chip."""
    return bench.unique_id
