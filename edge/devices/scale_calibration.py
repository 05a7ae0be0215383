"""The calibration of a scale: the points it keeps, how new ones are taken, and what stands in their way.

scale.calibrate_empty()                   # nothing on the platform
scale.calibrate_mass(Grams(20_000))       # a mass of 20 kg on it; more masses may follow
scale.calibrate_finish(date.today())      # made, kept and used; until now the old one is in force
"""

from datetime import date
from typing import Protocol

import msgspec

from anganwadi.ids import Grams
from edge.devices.scale import Scale, ScaleError


class CalibrationPoint(msgspec.Struct, frozen=True):
    """What the sensor read, in raw counts, under a known mass; the empty platform is 0 grams."""

    grams: Grams
    counts: int


class Calibration(msgspec.Struct, frozen=True):
    """A calibration in force: its day, the scale's temperature then, and its points from light to heavy."""

    day: date
    temperature_c: int | None
    points: tuple[CalibrationPoint, ...]


class CalibrationNotNow(ScaleError):
    """The reading cannot be taken now: the scale moves, is cold, or a point is missing. Mend it and try again."""


class CalibrationRefused(ScaleError):
    """The scale refused what was measured: the mass is not felt, or the masses do not lie on one line."""


class CalibratedScale(Scale, Protocol):
    """A scale that the kiosk can calibrate.

    Every method may raise CalibrationNotNow, CalibrationRefused, ScaleRefused for a scale that is calibrated by its
    maker's instructions only, and ScaleFault or ScaleDisconnected.
    """

    def calibrate_empty(self) -> None:
        """Take this still reading as the empty platform; points taken before are dropped."""
        ...

    def calibrate_mass(self, mass: Grams) -> None:
        """Take this still reading as that of `mass`, 1 kg or more; the same mass again replaces its point."""
        ...

    def calibrate_finish(self, day: date) -> None:
        """Make the calibration of the points taken, keep it as of `day` and use it; one mass must be 5 kg or more."""
        ...

    def calibration(self) -> Calibration | None:
        """Give the calibration in force, or None for a scale that was never calibrated."""
        ...
