"""Calibrating: the empty platform first, then known masses in any order, then one calibration of them all.

Each step answers in MT-SICS's way: "A" done; "I" not now (moving, cold, a converter error, a step left out); "R"
refused, because what was measured cannot be true.
"""

import board
import calibration

MAX_MASSES = 8
MIN_MASS_G = 1_000
MIN_HEAVIEST_G = 5_000  # lighter ones alone would magnify their own error too much
MIN_COUNTS_PER_KG = 500  # below this 5 g is less than three counts: a wire is off or the gain is wrong
TOLERANCE = 200  # points lie on one line within a 200th, 0.5 %
MIN_TOLERANCE_G = 20


class Calibrating:
    """One calibration being made: `empty`, `mass` for each, `finish`."""

    def __init__(self, balance, warmth):
        self._balance = balance
        self._warmth = warmth
        self._empty = None
        self._masses = {}

    def empty(self):
        """Take this still reading as the empty platform, and begin anew."""
        counts = self._still_counts()
        if counts is None:
            return "I"
        self._empty = counts
        self._masses = {}
        return "A"

    def mass(self, mass_g):
        """Take this still reading as that mass; one taken before of the same mass is replaced."""
        counts = self._still_counts()
        if counts is None or self._empty is None:
            return "I"
        if not MIN_MASS_G <= mass_g <= board.CAPACITY_G:
            return "R"
        if abs(counts - self._empty) * 1000 < MIN_COUNTS_PER_KG * mass_g:
            return "R"
        if mass_g not in self._masses and len(self._masses) == MAX_MASSES:
            return "R"
        self._masses[mass_g] = counts
        return "A"

    def finish(self, date):
        """Make the calibration, keep it on flash and weigh by it. What was refused may be measured again."""
        if self._empty is None or max(self._masses, default=0) < MIN_HEAVIEST_G:
            return "I"
        points = [(0, self._empty)] + sorted(self._masses.items())
        if not _on_one_line(points):
            return "R"
        made = calibration.Calibration(self._balance.device, date, self._warmth.celsius(), points)
        calibration.save(board.CALIBRATION_FILE, made)
        self._balance.use(made)
        self._empty = None
        self._masses = {}
        return "A"

    def _still_counts(self):
        return self._balance.still_counts() if self._warmth.is_warm else None


def _on_one_line(points):
    """Say whether all masses lie on the line from the empty platform to the heaviest.

    Each must within 0.5 % of the heaviest, or 20 g. The last part, which goes on beyond the heaviest mass, must in its
    slope: a short one would carry a small error far.
    """
    empty = points[0][1]
    heaviest_g, heaviest = points[-1]
    span = heaviest - empty
    tolerance_g = max(MIN_TOLERANCE_G, heaviest_g // TOLERANCE)
    for mass_g, counts in points:
        if abs(calibration.quotient((counts - empty) * heaviest_g, span) - mass_g) > tolerance_g:
            return False
    last_g = heaviest_g - points[-2][0]
    last = heaviest - points[-2][1]
    return abs(last * heaviest_g - span * last_g) * TOLERANCE <= abs(span) * last_g
