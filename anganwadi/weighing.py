"""When two or three readings of a scale are a weight, and what a child in arms weighs.

A child is weighed twice; readings that differ by at most 100 g agree and their mean is the weight. If they differ by
more, a third decides: the closest two of the three must agree, else the weighing begins again.
"""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt

import msgspec

from anganwadi.ids import Grams

AGREEMENT = Grams(100)
"""Readings that differ by no more than this agree. Source: anthropometry practice, two measurements, else a third."""
MAX_READINGS = 3

LIGHTEST_IN_ARMS = Grams(500)
"""A difference below this is no child: she was not handed over, or somebody else held her (default)."""

HELD_READING = Grams(29)
"""Standard uncertainty of one reading of a person with a child in her arms: still means within 100 g, and what lies
evenly within 50 g to either side has that over the square root of three."""


class Agreed(msgspec.Struct, frozen=True):
    """The weight, and the two readings it is the mean of."""

    grams: Grams
    used: tuple[Grams, Grams]


class OneMore(msgspec.Struct, frozen=True):
    """Too few readings, or no two of them agree yet: weigh again. `spread` is the closest pair's difference, if any."""

    spread: Grams | None = None


class StartAgain(msgspec.Struct, frozen=True):
    """No two of three readings agree: throw them away. `spread` is the closest pair's difference."""

    spread: Grams


class HeldWeight(msgspec.Struct, frozen=True):
    """A child weighed in an adult's arms, and the standard uncertainty of that difference."""

    grams: Grams
    uncertainty: Grams


class NoChildInArms(ValueError):
    """The adult with the child is hardly heavier than alone; the text says what to do."""


def decide(readings: Sequence[Grams]) -> Agreed | OneMore | StartAgain:
    """Say what the readings so far come to.

    Raises:
        ValueError: more than three readings; a weighing has three at most.
    """
    if len(readings) > MAX_READINGS:
        raise ValueError(f"a weighing has {MAX_READINGS} readings at most, not {len(readings)}")
    if len(readings) < 2:
        return OneMore()
    first, second = min(combinations(readings, 2), key=lambda pair: abs(pair[0] - pair[1]))
    spread = Grams(abs(first - second))
    if spread <= AGREEMENT:
        return Agreed(Grams((first + second + 1) // 2), (first, second))
    return OneMore(spread) if len(readings) < MAX_READINGS else StartAgain(spread)


def held_in_arms(together: Grams, alone: Grams, uncertainty_of_one: Grams = HELD_READING) -> HeldWeight:
    """Give the child's weight as the difference of two stable readings; its uncertainty is sqrt(2) of one reading's.

    Raises:
        NoChildInArms: the difference is less than any child's weight.
    """
    if together - alone < LIGHTEST_IN_ARMS:
        raise NoChildInArms("The adult weighs no more with the child than alone: weigh both again.")
    return HeldWeight(Grams(together - alone), Grams(round(sqrt(2) * uncertainty_of_one)))
