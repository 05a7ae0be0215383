"""An HX711 with a load cell, wired to two pins of the emulated Pico.

By the data sheet: DOUT falls when a conversion is ready, each rising SCK shifts a bit out, most significant first; the
25th pulse lets DOUT go high until the next conversion; SCK high for 60 us powers down, its fall resets. Times are the
emulated chip's own, so that a slow host changes nothing.
"""
# pyright: reportMissingImports=false

import random
from collections.abc import Callable
from typing import Final

from rp2040py.gpio_pin import GPIOPinState
from rp2040py.rp2040 import RP2040

DATA_BITS: Final = 24
FULL_SCALE: Final = 0x7FFFFF
POWER_DOWN_NS: Final = 60_000
ZERO_COUNTS: Final = 84_217
COUNTS_PER_KG: Final = 10_486  # four 50 kg half bridges of 1 mV/V at gain 128
NOISE_COUNTS: Final = 21  # 50 nV rms at 10 samples a second (data sheet)


class Hx711:
    """The converter as an external device; `load_kg` tells what stands on the platform at a conversion."""

    def __init__(
        self, dout: int, sck: int, load_kg: Callable[[], float], samples_per_second: int = 10
    ) -> None:
        self._dout, self._sck = dout, sck
        self._load_kg = load_kg
        self._period_ns = 1_000_000_000 // samples_per_second
        self._noise = random.Random(711)  # noqa: S311 - noise of a resistor, no secret
        self._pulses = DATA_BITS + 1
        self._data = 0
        self._rose_ns = 0.0

    def attach(self, rp2040: RP2040) -> None:
        """Solder the converter to the chip's pins and let it convert."""
        self._clock = rp2040.clock
        self._pin = rp2040.gpio[self._dout]
        self._pin.set_input_value(True)
        rp2040.gpio[self._sck].add_listener(self._sck_changed)
        self._alarm = self._clock.create_alarm(self._convert)
        self._alarm.schedule(self._period_ns)

    def _sck_changed(self, now: GPIOPinState, before: GPIOPinState) -> None:
        if now == GPIOPinState.HIGH:
            self._rose_ns = self._clock.nanos
            self._shift()
        elif before == GPIOPinState.HIGH and self._clock.nanos - self._rose_ns > POWER_DOWN_NS:
            self._reset()

    def _shift(self) -> None:
        self._pulses += 1
        bits_left = DATA_BITS - self._pulses
        self._pin.set_input_value(bits_left < 0 or bool(self._data >> bits_left & 1))

    def _reset(self) -> None:
        self._pulses = DATA_BITS + 1
        self._pin.set_input_value(True)
        self._alarm.schedule(self._period_ns)

    def _convert(self) -> None:
        """Make a conversion ready, unless a frame is being shifted out."""
        self._alarm.schedule(self._period_ns)
        if 0 < self._pulses <= DATA_BITS:
            return
        counts = ZERO_COUNTS + round(self._load_kg() * COUNTS_PER_KG + self._noise.gauss(0, NOISE_COUNTS))
        self._data = max(-FULL_SCALE - 1, min(FULL_SCALE, counts)) & 0xFFFFFF
        self._pulses = 0
        self._pin.set_input_value(False)
