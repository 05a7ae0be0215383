"""How many children are malnourished, of how many who were measured plausibly: by sex and by age.

The whole and both sexes are children below five years, as WHO and UNICEF report them. Those of five years stand by
themselves: their weight and height are compared with WHO's reference of 2007, and no standard says SAM or MAM of them.
"""

import msgspec

from anganwadi.growth import BoolArray
from server.growth.children import Band, Children
from server.growth.measures import MISSING, MODERATE, SEVERE, Acute, Latest
from server.growth.shares import Counted, Share, parts, whole

ALL, GIRLS, BOYS = "below_five", "girls", "boys"
_BELOW_FIVE = (Band.FROM_0, Band.FROM_6, Band.FROM_24)


class GroupPrevalence(msgspec.Struct, frozen=True):
    """The shares of one group, by indicator."""

    key: str
    shares: dict[str, Share]


def prevalence(children: Children, latest: Latest, *, hide: bool) -> tuple[GroupPrevalence, ...]:
    """Of all below five years, of girls and boys, and of each age band."""
    five = children.below_five
    sexes = {GIRLS: five & (children.sex == 2), BOYS: five & (children.sex == 1)}
    bands = {band.value: children.in_band(band) for band in _BELOW_FIVE}
    found: dict[str, dict[str, Share]] = {key: {} for key in (ALL, *sexes, *bands, Band.FROM_60.value)}
    for indicator, (cases, judged) in _indicators(children, latest).items():

        def counted(group: BoolArray, cases: BoolArray = cases, judged: BoolArray = judged) -> Counted:
            return Counted(int((cases & judged & group).sum()), int((judged & group).sum()))

        found[ALL][indicator] = whole(counted(five), hide=hide)
        found[Band.FROM_60.value][indicator] = whole(counted(children.in_band(Band.FROM_60)), hide=hide)
        for groups in (sexes, bands):
            shares = parts({key: counted(group) for key, group in groups.items()}, hide=hide)
            for key, share in shares.items():
                found[key][indicator] = share
    return tuple(GroupPrevalence(key, shares) for key, shares in found.items())


def _indicators(children: Children, latest: Latest) -> dict[str, tuple[BoolArray, BoolArray]]:
    """Of each: who is a case, who was judged."""
    acute = Acute.of(children, latest)
    height = latest.stunting != MISSING
    weight = (latest.underweight != MISSING) & (
        latest.oedema != 1
    )  # swollen feet: the weight may be saved before
    return {
        "severely_underweight": (latest.underweight == SEVERE, weight),
        "moderately_underweight": (latest.underweight == MODERATE, weight),
        "sam": (acute.sam, acute.judged),
        "mam": (acute.mam, acute.judged),
        "severely_stunted": (latest.stunting == SEVERE, height),
        "moderately_stunted": (latest.stunting == MODERATE, height),
    }
