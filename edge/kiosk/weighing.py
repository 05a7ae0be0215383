"""One child's readings on their way to a weight, and what the worker does next.

`anganwadi.weighing` decides what the readings come to. Here is what happens at the scale: a child alone is taken off it
between two readings, else they are the same reading twice; a child in arms is an adult's load with her less the adult's
load without. Readings that cannot agree are dropped. A weight typed in by hand takes the readings' place.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from anganwadi.anthropometry import Load, Way
from anganwadi.child_visit import Taken
from anganwadi.ids import Grams
from anganwadi.weighing import HELD_READING, Agreed, OneMore, StartAgain, decide, held_in_arms
from edge.devices.scale import StableWeight


class NextStep(StrEnum):
    """What the worker does next."""

    PUT = "put"
    """put the child, or the adult alone, on the scale and take the first reading"""
    HAND_OVER = "hand_over"
    """give the adult the child, on the scale or beside it, and take the reading of both"""
    LIFT = "lift"
    """take everybody off, begin the next reading"""
    SAVE = "save"
    AGAIN = "again"
    """no two readings agreed; they were dropped"""


class NotLifted(Exception):
    """The scale was not empty since the last reading."""


class OtherScale(Exception):
    """The readings before came from another scale; they were dropped."""


class AlreadyWeighed(Exception):
    """Two readings agree already: save them or begin again."""


class ByHand(msgspec.Struct, frozen=True):
    """A weight that was typed in, and the code of the reason."""

    grams: Grams
    reason: str


@dataclass
class Weighing:
    """The readings of one child, so far, and what else was measured of her; None where nobody asked yet."""

    way: Way = Way.ALONE
    loads: list[StableWeight] = field(default_factory=list)
    by_hand: ByHand | None = None
    measures: Taken | None = None
    lifted: bool = True
    disagreed: bool = False

    def saw_empty(self) -> None:
        """The scale was seen empty: the next reading is a new one."""
        self.lifted = True

    def check_ready(self) -> None:
        """Raise as `take` would, before anybody waits for a reading."""
        if self.grams is not None:
            raise AlreadyWeighed
        if not self.lifted and self.next is not NextStep.HAND_OVER:
            raise NotLifted

    def take(self, load: StableWeight) -> NextStep:
        """Add one load off the scale and say what comes next.

        Raises:
            AlreadyWeighed: two readings agree already.
            NotLifted: the scale was not empty since the last reading.
            OtherScale: the readings before came from another one.
            NoChildInArms: the adult with the child is hardly heavier than alone.
        """
        self.check_ready()
        if self.loads and self.loads[-1].device_id != load.device_id:
            self.restart()
            raise OtherScale
        if self.next is NextStep.HAND_OVER:
            held_in_arms(load.grams, self.loads[-1].grams)
        self.loads.append(load)
        self.lifted, self.disagreed = False, False
        if isinstance(self._verdict(), StartAgain):
            self.restart()
            self.disagreed = True
        return self.next

    def restart(self, way: Way | None = None) -> None:
        """Drop all readings and what was typed in; go on `way`, if one is given."""
        self.loads.clear()
        self.by_hand = None
        self.way = way or self.way
        self.lifted, self.disagreed = True, False

    def type_in(self, grams: Grams, reason: str) -> None:
        """Take a weight by hand in place of the readings."""
        self.restart()
        self.by_hand = ByHand(grams, reason)

    @property
    def next(self) -> NextStep:
        if self.grams is not None:
            return NextStep.SAVE
        if self.disagreed:
            return NextStep.AGAIN
        if self.way is Way.IN_ARMS and len(self.loads) % 2:
            return NextStep.HAND_OVER
        return NextStep.LIFT if self.loads else NextStep.PUT

    @property
    def readings(self) -> list[Grams]:
        """The child's own weights so far: the loads, or in arms their differences."""
        grams = [load.grams for load in self.loads]
        if self.way is Way.ALONE:
            return grams
        return [
            held_in_arms(together, alone).grams
            for alone, together in zip(grams[::2], grams[1::2], strict=False)
        ]

    @property
    def kinds(self) -> list[Load]:
        """Whose each load is."""
        if self.way is Way.ALONE:
            return [Load.CHILD] * len(self.loads)
        return [Load.TOGETHER if place % 2 else Load.ADULT for place in range(len(self.loads))]

    @property
    def grams(self) -> Grams | None:
        """The weight, once two readings agree or it was typed in."""
        if self.by_hand is not None:
            return self.by_hand.grams
        verdict = self._verdict()
        return verdict.grams if isinstance(verdict, Agreed) else None

    @property
    def uncertainty(self) -> Grams | None:
        """The standard uncertainty of a weight in arms, in grams; None otherwise."""
        if self.way is Way.ALONE or not self.readings or self.by_hand is not None:
            return None
        return held_in_arms(self.loads[1].grams, self.loads[0].grams, HELD_READING).uncertainty

    def _verdict(self) -> Agreed | OneMore | StartAgain:
        return decide(self.readings)
