"""The weighing rules: zero, tare, overload, stillness. It takes readings in and says what may be said of the load.

A weight exists only while `status` is STABLE (to be recorded) or MOVING (to be shown); in every other state `net_g` is
None. Nothing is weighed before the scale has seen its platform empty since power-on, because only then is the
zero of today known.
"""

import board
from filter import Median, StableWindow
from hx711 import SATURATED_HIGH, SATURATED_LOW
from time import ticks_diff

STARTING = "STARTING"
LOADED_AT_START = "LOADED"
UNCALIBRATED = "UNCALIBRATED"
STABLE = "STABLE"
MOVING = "MOVING"
OVER = "OVER"
UNDER = "UNDER"

KEEP_RAW = 24
AUTO_ZERO_MS = 1000  # the auto-zero moves by one gram a second at most, slower than any hand
TYPICAL_COUNTS_PER_G = 10  # of the cells in hardware/parts.csv: what is still before there is a calibration


class Balance:
    """One platform: `push` a reading, then ask for `status`, `net_g` or a command's outcome."""

    def __init__(self, adc, device, cal):
        self._adc = adc
        self.device = device
        self.calibration = cal
        self.still_range_g = board.INFANT_RANGE_G
        self._median = Median()
        self._window = StableWindow(board.STABLE_MS, board.STABLE_MIN_SAMPLES, board.STABLE_MS // 4)
        self._filtered = None
        self._zero = None
        self._tare = 0
        self._auto_zero_at = 0
        self.raw = []

    def restart(self, now):
        """Begin measuring again: the converter is reset, a latched error and the tare go, the zero stays."""
        self._adc.restart(now)
        self._forget_readings()
        self._tare = 0
        self._auto_zero_at = now

    def poll(self, now):
        """Take one reading from the converter if there is one; an error or a pause of it leaves no reading behind."""
        counts = self._adc.read(now)
        if self._adc.error or self._adc.is_settling():
            self._forget_readings()
        if counts is None:
            return
        self.raw.append(counts)
        if len(self.raw) > KEEP_RAW:
            self.raw.pop(0)
        filtered = self._median.push(counts)
        if filtered is None:
            return
        self._filtered = filtered
        self._window.push(filtered, now)
        self._follow_zero(now)

    def status(self):
        """Say in one word what state the scale is in; an error of the converter is its own name."""
        if self._adc.error:
            return self._adc.error
        if self.calibration is None:
            return UNCALIBRATED
        if self._filtered is None:
            return STARTING
        gross = self.calibration.grams(self._filtered, self._zero_or_calibrated())
        if gross > board.OVERLOAD_G:
            return OVER
        if gross < board.UNDERLOAD_G:
            return UNDER
        if self._zero is None:
            return LOADED_AT_START if self._window.is_full() else STARTING
        return STABLE if self.is_still() else MOVING

    def net_g(self):
        """Weight less tare in steps of 5 g: the window's mean when still, the last filtered reading when not."""
        status = self.status()
        if status not in (STABLE, MOVING):
            return None
        return _in_steps(self._gross_g(status == STABLE) - self._tare)

    def beyond(self):
        """Say which end of its range the scale is past: '+', '-' or ''. A saturated converter counts as past it."""
        status = self.status()
        if status in (OVER, UNDER):
            return "+" if status == OVER else "-"
        if status not in (SATURATED_HIGH, SATURATED_LOW):
            return ""
        falling = self.calibration is not None and self.calibration.counts_per_kg < 0
        return "+" if (status == SATURATED_HIGH) != falling else "-"

    def is_still(self):
        """Say whether the load has stood still for two seconds."""
        return self._stays_within(self.still_range_g)

    def zero_counts(self):
        """Give the counts taken as no load."""
        return self._zero_or_calibrated() if self.calibration else 0

    def set_zero(self):
        """`Z`: take this still load as nothing and drop the tare. 'A' done, 'I' not now, '+'/'-' out of range."""
        if self.status() != STABLE:
            return "I"
        counts = self._window.mean()
        offset = self.calibration.grams(counts, self.calibration.zero)
        if abs(offset) > board.ZERO_RANGE_G:
            return "+" if offset > 0 else "-"
        self._zero = counts
        self._tare = 0
        return "A"

    def set_tare(self):
        """`T`: take this still load as the tare. 'S' done, 'I' not now, '-' below zero."""
        if self.status() != STABLE:
            return "I"
        gross = _in_steps(self._gross_g(still=True))
        if gross < 0:
            return "-"
        self._tare = gross
        return "S"

    def clear_tare(self):
        """`TAC`: forget the tare."""
        self._tare = 0

    def sequence(self):
        """Give the number of the last good reading since power-on."""
        return self._adc.sequence

    def errors(self):
        """Give how many converter errors there were since power-on."""
        return self._adc.errors

    def tare_g(self):
        """Give the tare in grams."""
        return self._tare

    def still_counts(self):
        """Give what the converter reads of a still load, or None while it moves or has an error."""
        return self._window.mean() if self._stays_within(board.INFANT_RANGE_G) else None

    def use(self, calibration):
        """Weigh by this calibration from now on, from the zero it was made with."""
        self.calibration = calibration
        self._zero = calibration.zero
        self._tare = 0

    def _stays_within(self, grams):
        counts = self.calibration.counts(grams) if self.calibration else TYPICAL_COUNTS_PER_G * grams
        return self._window.is_still(counts)

    def _forget_readings(self):
        self._filtered = None
        self._median.clear()
        self._window.clear()
        self.raw = []

    def _zero_or_calibrated(self):
        return self.calibration.zero if self._zero is None else self._zero

    def _gross_g(self, still):
        counts = self._window.mean() if still else self._filtered
        return self.calibration.grams(counts, self._zero)

    def _follow_zero(self, now):
        """Set today's zero at power-on, then follow slow drift, both only while the platform is empty and still.

        A tare says that something stands there, however light: a cloth of 40 g is not drift.
        """
        cal = self.calibration
        mean = self.still_counts()
        if cal is None or self._tare or mean is None:
            return
        from_calibrated = cal.grams(mean, cal.zero)
        if abs(from_calibrated) > board.ZERO_RANGE_G:
            return
        if self._zero is None:
            self._zero = mean
            return
        if abs(cal.grams(mean, self._zero)) > board.EMPTY_G:
            return
        if ticks_diff(now, self._auto_zero_at) < AUTO_ZERO_MS:
            return
        self._auto_zero_at = now
        step = cal.counts(1)
        self._zero += max(-step, min(step, mean - self._zero))


def _in_steps(grams):
    """Round to the step the scale shows, halves away from zero."""
    steps = (abs(grams) + board.STEP_G // 2) // board.STEP_G
    return steps * board.STEP_G if grams >= 0 else -steps * board.STEP_G
