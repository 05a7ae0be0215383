"""How warm the electronics are: the RP2040's own sensor, and whether they had time to come to rest since power-on."""

import board
import machine
from time import ticks_diff

SENSOR = 4  # the ADC's channel of it
VOLTS_AT_27, VOLTS_A_DEGREE = 0.706, -0.001721  # RP2040 data sheet, 4.9.5
VOLTS_A_STEP = 3.3 / 65535
READINGS = 16
COLDEST, HOTTEST = -30, 100  # outside of these it is the sensor that is wrong


class Warmth:
    """`celsius()` now, and `is_warm` once the scale was powered for `board.WARM_UP_MS`."""

    def __init__(self, now):
        self._sensor = machine.ADC(SENSOR)
        self._powered_at = now
        self.is_warm = False

    def poll(self, now):
        """Look at the clock. Once warm is warm, since the ticks begin again after some days."""
        if ticks_diff(now, self._powered_at) >= board.WARM_UP_MS:
            self.is_warm = True

    def celsius(self):
        """Give the chip's temperature in whole degrees Celsius, or None if it cannot be read."""
        volts = sum(self._sensor.read_u16() for _ in range(READINGS)) * VOLTS_A_STEP / READINGS
        celsius = round(27 + (volts - VOLTS_AT_27) / VOLTS_A_DEGREE)
        return celsius if COLDEST <= celsius <= HOTTEST else None
