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

from anganwadi.ids import Grams, Millimetres

WITHIN_ERROR = Grams(50)
"""Two weights this near to each other are the same: a scale's division and what a child drank."""

NO_GAIN_AFTER = timedelta(days=28)
"""From a month on a child under five should have gained (default)."""

COMPARED = timedelta(days=120)
"""Earlier weights older than this say nothing of how a child grows now (default)."""

MIN_FALL = 0.25
"""A fall across a line of the chart by less than this is within the error of age and weight (default)."""

SHARE_A_MONTH, SHARE_ANYWAY = 0.25, 0.20
"""No child changes by more than a fifth of its weight at once, and a quarter for every month between (default)."""

GROWS_FAST_UNTIL_KG = 6.0
"""Young infants double their weight in months: they are given twice as much room (default)."""


SHRINKS = Millimetres(15)
"""A child shorter by more than this was measured wrongly; lying, standing and the board may make less (default)."""

GROWS_A_MONTH, GROWS_ANYWAY = Millimetres(40), Millimetres(20)
"""WHO's fastest infants gain under 40 mm in a month; the rest is the error of two measurements (default)."""


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


def faltering(earlier: Sequence[Weight], now: Weight) -> Faltering | None:
    """What is wrong with how the child grows, the most urgent first; None where nothing is, or nothing can be told."""
    known = [past for past in earlier if timedelta(0) < now.day - past.day <= COMPARED]
    if not known:
        return None
    last = max(known, key=lambda past: past.day)
    if now.grams < last.grams - WITHIN_ERROR:
        return Faltering.LOST
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
    months = (now.day - last.day).days / 30.4375
    room = SHARE_ANYWAY + SHARE_A_MONTH * months
    if last.grams < GROWS_FAST_UNTIL_KG * 1000:
        room *= 2
    least = last.grams * max(0.0, 1 - min(room, 0.5))
    return least <= now.grams <= last.grams * (1 + room)


def is_plausible_length(earlier: Sequence[Length], now: Length) -> bool:
    """Whether this length can be the same child's as the last one; if not, measure again before it is saved."""
    past = [length for length in earlier if length.day < now.day]
    if not past:
        return True
    last = max(past, key=lambda length: length.day)
    months = (now.day - last.day).days / 30.4375
    least, most = last.millimetres - SHRINKS, last.millimetres + GROWS_ANYWAY + GROWS_A_MONTH * months
    return least <= now.millimetres <= most


def _fell(highest: float, waz: float) -> bool:
    """Across a whole line of the chart, and by more than an error."""
    return floor(waz) < floor(highest) and highest - waz >= MIN_FALL
