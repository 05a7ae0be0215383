"""One child's readings on their way to a weight, and what the worker does next.

`anganwadi.weighing` decides what the readings come to. Here is what happens at the scale: between two readings the
child is taken off it, else they are the same reading twice, and readings that cannot agree are dropped.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from anganwadi.ids import Grams
from anganwadi.weighing import Agreed, OneMore, StartAgain, decide
from edge.devices.scale import StableWeight


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
        if isinstance(self._verdict(), StartAgain):
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
        """The weight, once two readings agree."""
        verdict = self._verdict()
        return verdict.grams if isinstance(verdict, Agreed) else None

    def _verdict(self) -> Agreed | OneMore | StartAgain:
        return decide([reading.grams for reading in self.readings])
