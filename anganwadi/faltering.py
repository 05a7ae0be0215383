"""Growth that falters, and a weight or length that cannot be this child's: what today says beside the earlier days.

A child that gains nothing, loses, or falls from one z-band to the next is not growing as it should, whatever class it
is in. WHO's standards give the bands; how long without a gain is too long is our default, since no rule we know of
states one for every age.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from math import floor

import msgspec

from anganwadi.growth import DAYS_PER_MONTH
from anganwadi.ids import Grams, Millimetres

WITHIN_ERROR = Grams(50)
"""Two weights this near to each other are the same: a scale's division and what a child drank."""

NO_GAIN_AFTER = timedelta(days=28)
"""From a month on a child under five should have gained (default)."""

COMPARED = timedelta(days=120)
"""Earlier weights older than this say nothing of how a child grows now (default)."""

MIN_FALL = 0.25
"""A fall across a line of the chart by less than this is within the error of age and weight (default)."""

BIRTH_LOSS = 0.10
STOPS_LOSING_AFTER, REGAINED_BY = timedelta(days=4), timedelta(days=21)
"""A newborn loses up to a tenth of its weight in its first days, and has it back within three weeks. Source: NICE
guideline NG75 "Faltering growth", 2017, recommendations 1.1.1 and 1.1.2."""

GAINS_ANYWAY, GAINS_A_MONTH, GAINS_A_LATER_MONTH = 0.20, 0.25, 0.08
CATCHES_UP_MONTHS = 3
"""No child gains more than a fifth of its weight at once, a quarter in each of three months, which is a starved child's
catching up, and a twelfth in a month after these (default): half as much again as along any line of WHO's chart."""

GROWS_FAST_UNTIL_KG = 6.0
"""Young infants double their weight in months: they are given twice as much room (default)."""

LOSES = 0.30
"""A loss of more than this share of the weight is far more often another child or a wrong reading (default)."""

SHRINKS = Millimetres(15)
"""A child shorter by more than this was measured wrongly; lying, standing and the board may make less (default)."""

GROWS_ANYWAY = Millimetres(20)
GROWS_A_MONTH, GROWS_A_LATER_MONTH, LATER_FROM = Millimetres(50), Millimetres(25), Millimetres(650)
"""Along WHO's lines up to +3 SD an infant gains 49 mm in its first month, and from 650 mm on under 31 mm in any month
and 21 cm in a year; the rest is the error of two measurements (default)."""


class Faltering(StrEnum):
    """In order of urgency."""

    LOST = "lost"
    NO_GAIN = "no_gain"
    FELL = "fell"


class Length(msgspec.Struct, frozen=True):
    """One measuring of length or height."""

    day: date
    millimetres: Millimetres


class Weight(msgspec.Struct, frozen=True):
    """One weighing; `waz` is None where it could not be computed."""

    day: date
    grams: Grams
    waz: float | None = None


def faltering(earlier: Sequence[Weight], now: Weight, born: date) -> Faltering | None:
    """What is wrong with how the child grows, the most urgent first; None where nothing is, or nothing can be told."""
    known = [past for past in earlier if timedelta(0) < now.day - past.day <= COMPARED]
    if not known:
        return None
    last = max(known, key=lambda past: past.day)
    if now.grams < last.grams - _may_lose(last, now, born):
        return Faltering.LOST
    if now.day - born <= REGAINED_BY:
        return None
    a_month_ago = [past for past in known if now.day - past.day >= NO_GAIN_AFTER]
    if a_month_ago:
        before = max(a_month_ago, key=lambda past: past.day)
        if now.grams <= before.grams + WITHIN_ERROR:
            return Faltering.NO_GAIN
    highest = max((past.waz for past in known if past.waz is not None), default=None)
    if now.waz is not None and highest is not None and _fell(highest, now.waz):
        return Faltering.FELL
    return None


def is_plausible(earlier: Sequence[Weight], now: Weight) -> bool:
    """Whether this weight can be the same child's as the last one's; if not, weigh again before it is saved."""
    past = [weight for weight in earlier if weight.day < now.day]
    if not past:
        return True
    last = max(past, key=lambda weight: weight.day)
    months = _months(last.day, now.day)
    room = (
        GAINS_ANYWAY
        + GAINS_A_MONTH * min(months, CATCHES_UP_MONTHS)
        + GAINS_A_LATER_MONTH * max(months - CATCHES_UP_MONTHS, 0)
    )
    if last.grams < GROWS_FAST_UNTIL_KG * 1000:
        room *= 2
    return last.grams * (1 - LOSES) <= now.grams <= last.grams * (1 + room)


def is_plausible_length(earlier: Sequence[Length], now: Length) -> bool:
    """Whether this length can be the same child's as the last one; if not, measure again before it is saved."""
    past = [length for length in earlier if length.day < now.day]
    if not past:
        return True
    last = max(past, key=lambda length: length.day)
    a_month = GROWS_A_MONTH if last.millimetres < LATER_FROM else GROWS_A_LATER_MONTH
    grown = now.millimetres - last.millimetres
    return -SHRINKS <= grown <= GROWS_ANYWAY + a_month * _months(last.day, now.day)


def _may_lose(last: Weight, now: Weight, born: date) -> Grams:
    """How much less than the `last` weight is no loss."""
    newborn = last.day - born <= STOPS_LOSING_AFTER and now.day - born <= REGAINED_BY
    return Grams(round(BIRTH_LOSS * last.grams)) if newborn else WITHIN_ERROR


def _months(start: date, end: date) -> float:
    return (end - start).days / DAYS_PER_MONTH


def _fell(highest: float, waz: float) -> bool:
    """Across a whole line of the chart, and by more than an error."""
    return floor(waz) < floor(highest) and highest - waz >= MIN_FALL
