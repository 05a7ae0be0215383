"""How well it was measured, after the data-quality report of WHO and UNICEF: it is about the measuring, not a person.

Source: WHO and UNICEF, "Recommendations for data collection, analysis and reporting on anthropometric indicators in
children under 5 years old", 2019, on data quality: digit preference, implausible z-scores, missing values, and the
standard deviation of z-scores. What spread WHO expects stands in `z_score_spread.csv`.
"""

import csv
from functools import cache
from importlib import resources
from math import pi, sqrt

import msgspec
import numpy as np

from anganwadi.growth import BoolArray
from anganwadi.growth_tables import FloatArray, IntArray
from anganwadi.weighing import AGREEMENT
from server.growth.children import Children
from server.growth.measures import MISSING, Measurings, Weighings
from server.growth.shares import FEWEST_FOR_PERCENT, Counted, Share, covered
from server.verification.small_cells import FEWEST

DIGITS = range(10)


class Digits(msgspec.Struct, frozen=True):
    """How often each last digit was read, 0 to 9; None where so few values are hidden. `index` is the index of
    dissimilarity and `by_chance` what chance alone would make it on average, None where there are fewer than ten."""

    counts: tuple[int, ...] | None
    index: float | None
    by_chance: float | None

    @property
    def values(self) -> int | None:
        return None if self.counts is None else sum(self.counts)


class Spread(msgspec.Struct, frozen=True):
    """Of one z-score of children below five: how many are `implausible`, the standard deviation of the plausible ones,
    None below ten, and between what WHO expects it."""

    implausible: Share
    deviation: float | None
    low: float
    high: float


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """`weight` is the digit of the 100 g, `length` and `muac` that of the mm, `length_cm` that of the whole cm.

    `by_hand` are weights typed in, `confirmed` values kept though implausible beside the last one, `without_length`
    children weighed in the month of whom no length was taken in it, `differed` weights whose readings lay more than
    100 g apart, `in_arms` weights from the scale taken in an adult's arms.
    """

    weight: Digits
    length: Digits
    length_cm: Digits
    muac: Digits
    by_hand: Share
    confirmed_weights: Share
    confirmed_lengths: Share
    without_length: Share
    differed: Share
    in_arms: Share
    spreads: dict[str, Spread]


def quality(
    children: Children, weighings: Weighings, measurings: Measurings, without_length: Counted, *, hide: bool
) -> Quality:
    """Of a month's weighings and measurings; `without_length` of the children weighed in it."""
    with_length, with_arm = measurings.length != MISSING, measurings.muac != MISSING
    read, scale = weighings.spread != MISSING, ~weighings.by_hand
    lengths = measurings.length[with_length]

    def share(which: BoolArray, of: BoolArray) -> Share:
        return _shown(Counted(int((which & of).sum()), int(of.sum())), hide=hide)

    return Quality(
        weight=digits(weighings.grams // 100 % 10, hide=hide),
        length=digits(lengths % 10, hide=hide),
        length_cm=digits(lengths // 10 % 10, hide=hide),
        muac=digits(measurings.muac[with_arm] % 10, hide=hide),
        by_hand=share(weighings.by_hand, weighings.grams > 0),
        confirmed_weights=share(weighings.confirmed, weighings.grams > 0),
        confirmed_lengths=share(measurings.confirmed, with_length),
        without_length=_shown(without_length, hide=hide),
        differed=share(weighings.spread > AGREEMENT, read),
        in_arms=share(weighings.in_arms, scale),
        spreads=_spreads(children, weighings, measurings, hide=hide),
    )


def digits(last: IntArray, *, hide: bool) -> Digits:
    """How often each digit was read, and how far that is from each being as likely."""
    if hide and 0 < len(last) < FEWEST:
        return Digits(None, None, None)
    counts = tuple(np.bincount(last, minlength=len(DIGITS)).tolist())
    if len(last) < FEWEST_FOR_PERCENT:
        return Digits(counts, None, None)
    return Digits(counts, round(dissimilarity(counts), 1), round(dissimilarity_by_chance(len(last)), 1))


def dissimilarity(counts: tuple[int, ...]) -> float:
    """The index of dissimilarity, 0 to 90: half the sum of how far each digit's share, in percent, is from ten. So many
    of a hundred values would have to end on another digit. Source: WHO and UNICEF 2019, on digit preference."""
    total = sum(counts)
    return sum(abs(100 * count / total - 100 / len(counts)) for count in counts) / 2


def dissimilarity_by_chance(values: int) -> float:
    """What the index is on average where no digit is preferred: the mean distance of a share from a tenth, which is
    nearly normal, is its deviation sqrt(0.1 x 0.9 / values) times sqrt(2 / pi); there are ten, and half counts."""
    return 100 * len(DIGITS) / 2 * sqrt(0.1 * 0.9 / values) * sqrt(2 / pi)


@cache
def expected_spreads() -> dict[str, tuple[float, float]]:
    """Between what WHO expects the standard deviation of each z-score to lie, from `z_score_spread.csv`."""
    text = resources.files("server.growth").joinpath("z_score_spread.csv").read_text(encoding="utf-8")
    return {
        row["index"]: (float(row["low"]), float(row["high"])) for row in csv.DictReader(text.splitlines())
    }


def _spreads(
    children: Children, weighings: Weighings, measurings: Measurings, *, hide: bool
) -> dict[str, Spread]:
    five = children.below_five
    young_weights, young_lengths = five[weighings.child], five[measurings.child]
    given: dict[str, tuple[FloatArray, BoolArray]] = {
        "waz": (weighings.waz[young_weights], weighings.flagged[young_weights]),
        "haz": (measurings.haz[young_lengths], measurings.haz_flagged[young_lengths]),
        "whz": (measurings.whz[young_lengths], measurings.whz_flagged[young_lengths]),
    }
    return {
        index: Spread(
            _shown(Counted(int(flagged[known].sum()), int(known.sum())), hide=hide),
            _deviation(scores[known & ~flagged]),
            *expected_spreads()[index],
        )
        for index, (scores, flagged) in given.items()
        for known in [~np.isnan(scores)]
    }


def _deviation(scores: FloatArray) -> float | None:
    return None if len(scores) < FEWEST_FOR_PERCENT else round(float(np.std(scores, ddof=1)), 2)


def _shown(counted: Counted, *, hide: bool) -> Share:
    return covered({"": counted}, hide=hide)[""]
