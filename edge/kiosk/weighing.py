"""The rule of two readings: a weight stands when two readings lie within 100 g of each other.

Between two readings the child is taken off the scale, else they are the same reading twice. If the first two differ by
more, a third is taken and the closest two count; if no two agree, all are dropped and it begins again.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from anganwadi.ids import Grams
from edge.devices.scale import StableWeight

AGREE_G = 100
MOST_READINGS = 3


class NextStep(StrEnum):
    """What the worker does next."""

    PUT = "put"
    """put the child on the scale and take the first reading"""
    LIFT = "lift"
    """take the child off, put it back, take another reading"""
    SAVE = "save"
    AGAIN = "again"
    """no two readings agreed; they were dropped"""


class NotLifted(Exception):
    """The scale was not empty since the last reading."""


class AlreadyWeighed(Exception):
    """Two readings agree already: save them or begin again."""


@dataclass
class Weighing:
    """The readings of one child, so far."""

    readings: list[StableWeight] = field(default_factory=list)
    lifted: bool = True
    disagreed: bool = False

    def saw_empty(self) -> None:
        """The scale was seen empty: the next reading is a new one."""
        self.lifted = True

    def check_ready(self) -> None:
        """Raise as `take` would, before anybody waits for a reading."""
        if self.grams is not None:
            raise AlreadyWeighed
        if not self.lifted:
            raise NotLifted

    def take(self, reading: StableWeight) -> NextStep:
        """Add one reading and say what comes next.

        Raises:
            AlreadyWeighed: two readings agree already.
            NotLifted: the child was not taken off since the last one.
        """
        self.check_ready()
        self.readings.append(reading)
        self.lifted, self.disagreed = False, False
        if self.grams is None and len(self.readings) == MOST_READINGS:
            self.restart()
            self.disagreed = True
        return self.next

    def restart(self) -> None:
        """Drop all readings."""
        self.readings.clear()
        self.lifted, self.disagreed = True, False

    @property
    def next(self) -> NextStep:
        if self.grams is not None:
            return NextStep.SAVE
        if self.disagreed:
            return NextStep.AGAIN
        return NextStep.LIFT if self.readings else NextStep.PUT

    @property
    def grams(self) -> Grams | None:
        """The mean of the two closest readings, if they agree."""
        values = [reading.grams for reading in self.readings]
        pairs = sorted(combinations(values, 2), key=lambda pair: abs(pair[0] - pair[1]))
        if not pairs or abs(pairs[0][0] - pairs[0][1]) > AGREE_G:
            return None
        return Grams((pairs[0][0] + pairs[0][1] + 1) // 2)
