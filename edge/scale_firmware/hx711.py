"""The HX711 bridge converter, read by one PIO state machine of the RP2040.

The chip pulls DOUT low when a conversion is ready, shifts out 24 bits on SCK pulses, and takes a 25th pulse to choose
channel A at gain 128. It powers down if SCK stays high for 60 us, which is why the clock is made by PIO and not by
Python: a pulse here is high for 2 us whatever else the processor does.

As in Klipper's driver, nothing doubtful becomes a sample. The bit read at the 25th pulse must be 1 and DOUT must be
high after the read, else the chip and we disagree on where a frame begins (DESYNC). A conversion that does not come,
or is fetched after the queue was full, is LATE. Full scale is SATURATED; a reading that repeats exactly is STUCK, since
a live bridge always has noise. The first error latches until `restart()`; each is counted.

A shorter pause is no error, but the chip may have been reset by a dip of its supply: what it then says is thrown away
until it has settled, as after power-on, and so must be what was read before.
"""

import rp2
from machine import Pin
from time import sleep_us, ticks_diff

try:
    from typing import TYPE_CHECKING
except ImportError:
    TYPE_CHECKING = False
if TYPE_CHECKING:
    from rp2.asm_pio import block, in_, jmp, label, nop, pin, pins, push
    from rp2.asm_pio import set, wait, wrap, wrap_target, x, x_dec

OK = ""
DESYNC = "DESYNC"
LATE = "LATE"
SATURATED_HIGH = "SATURATED+"
SATURATED_LOW = "SATURATED-"
STUCK = "STUCK"

PIO_HZ = 1_000_000
FIFO_WORDS = 8
DATA_MAX = 0x7FFFFF
DATA_MIN = -0x800000
SETTLING_CONVERSIONS = 4  # HX711 data sheet: output is valid 4 conversions after power-up or reset
STUCK_REPEATS = 20
LATE_PERIODS = 5
POWER_DOWN_US = 100  # SCK high for more than 60 us resets the chip


# fmt: off
@rp2.asm_pio(
    sideset_init=rp2.PIO.OUT_LOW,
    in_shiftdir=rp2.PIO.SHIFT_LEFT,
    fifo_join=rp2.PIO.JOIN_RX,
)
def read_frame():
    """Push one word a conversion: 24 data bits, the gain bit, and DOUT after the read."""
    wrap_target()
    wait(0, pin, 0)        .side(0)
    set(x, 24)             .side(0)
    label("bit")
    nop()                  .side(1)
    in_(pins, 1)           .side(1)
    jmp(x_dec, "bit")      .side(0) [1]
    in_(pins, 1)           .side(0)
    push(block)            .side(0)
    wrap()
# fmt: on


def decode(word):
    """Split a frame into (counts, error): two's complement counts, or the reason there are none."""
    if word & 0b11 != 0b11:
        return 0, DESYNC
    counts = (word >> 2) & 0xFFFFFF
    if counts & 0x800000:
        counts -= 0x1000000
    if counts == DATA_MAX:
        return counts, SATURATED_HIGH
    if counts == DATA_MIN:
        return counts, SATURATED_LOW
    return counts, OK


class HX711:
    """A stream of bridge readings that stops at the first error.

    `read(now)` gives a reading or None; after an error it gives None until `restart()`, and `error` says why.
    """

    def __init__(self, dout_pin, sck_pin, samples_per_second):
        self._dout = Pin(dout_pin, Pin.IN, Pin.PULL_UP)
        self._sck_pin = sck_pin
        self._period_ms = 1000 // samples_per_second
        self._sm = rp2.StateMachine(0)
        self.error = OK
        self.errors = 0
        self.sequence = 0
        self._to_discard = 0
        self._last_counts = None
        self._repeats = 0
        self._last_ms = 0

    def restart(self, now):
        """Reset the chip, empty the queue and forget a latched error (not its count)."""
        self._sm.active(0)
        sck = Pin(self._sck_pin, Pin.OUT, value=1)
        sleep_us(POWER_DOWN_US)
        sck.value(0)
        self._sm.init(read_frame, freq=PIO_HZ, in_base=self._dout, sideset_base=sck)
        self._sm.active(1)
        self.error = OK
        self._to_discard = SETTLING_CONVERSIONS
        self._last_counts = None
        self._repeats = 0
        self._last_ms = now

    def read(self, now):
        """Take the next reading, or None if there is none yet or an error is latched."""
        if self.error:
            return None
        waiting = self._sm.rx_fifo()
        if waiting == 0:
            if ticks_diff(now, self._last_ms) > LATE_PERIODS * self._period_ms:
                self._latch(LATE)
            return None
        if waiting >= FIFO_WORDS:
            self._latch(LATE)
            return None
        if self._has_paused(waiting, now):
            self._to_discard = SETTLING_CONVERSIONS
        counts, error = decode(self._sm.get())
        self._last_ms = now
        if self._to_discard and error != DESYNC:
            self._to_discard -= 1
            return None
        if error or self._is_stuck(counts):
            self._latch(error or STUCK)
            return None
        self.sequence += 1
        return counts

    def is_settling(self):
        """Say whether the chip was reset, or may have been, and has not settled since."""
        return self._to_discard > 0

    def _has_paused(self, waiting, now):
        """Say whether one conversion and a half are missing from those there should be since the last look."""
        return 2 * ticks_diff(now, self._last_ms) > (2 * waiting + 3) * self._period_ms

    def _is_stuck(self, counts):
        self._repeats = self._repeats + 1 if counts == self._last_counts else 0
        self._last_counts = counts
        return self._repeats >= STUCK_REPEATS

    def _latch(self, error):
        self.error = error
        self.errors += 1
