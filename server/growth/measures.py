"""What was weighed and measured in a month, column by column, and what of it was last known of each child.

Classes and z-scores are those the kiosk found on the day, by the child's record as it was then; `CODES` are their
numbers. Of several events of one kind on a day the last holds.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from anganwadi.anthropometry import Way, WeightSource
from anganwadi.growth import MUAC_MODERATE_MM, MUAC_SEVERE_MM, BoolArray, NutritionClass
from anganwadi.growth_tables import FloatArray, IntArray
from server.centres.queries import Rows
from server.growth.children import Children, arm_counts

MISSING = -1
NORMAL, MODERATE, SEVERE = 0, 1, 2
CODES: dict[str | None, int] = {
    None: MISSING,
    NutritionClass.NORMAL.value: NORMAL,
    NutritionClass.MODERATE.value: MODERATE,
    NutritionClass.SEVERE.value: SEVERE,
}


class Weighings(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A row a child and day; `child` is her row in `Children`. `spread` is grams between readings, MISSING where there
    are none; `underweight` a code, MISSING where the weight could not be judged or is implausible."""

    child: IntArray
    grams: IntArray
    by_hand: BoolArray
    in_arms: BoolArray
    flagged: BoolArray
    confirmed: BoolArray
    spread: IntArray
    waz: FloatArray
    underweight: IntArray

    @classmethod
    def of(cls, rows: Rows, children: Children) -> Self:
        """From rows of `queries.weighed`."""
        day, person, grams, source, way, flagged, confirmed, spread, waz, weight_class = _columns(rows, 10)
        child, _, last = _last_of_days(day, person, children)
        return cls(
            child=child,
            grams=_ints(grams)[last],
            by_hand=(np.array(source) == WeightSource.MANUAL.value)[last],
            in_arms=(np.array(way) == Way.IN_ARMS.value)[last],
            flagged=_bools(flagged)[last],
            confirmed=_bools(confirmed)[last],
            spread=_ints(spread)[last],
            waz=_floats(waz)[last],
            underweight=_codes(weight_class)[last],
        )


class Measurings(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """As `Weighings`; `age_days` is the child's age on the day. `length` and `muac` are mm; they and `oedema` are
    MISSING where they were not taken."""

    child: IntArray
    age_days: IntArray
    length: IntArray
    muac: IntArray
    oedema: IntArray
    haz: FloatArray
    whz: FloatArray
    haz_flagged: BoolArray
    whz_flagged: BoolArray
    confirmed: BoolArray
    stunting: IntArray
    wasting: IntArray

    @classmethod
    def of(cls, rows: Rows, children: Children) -> Self:
        """From rows of `queries.measured`."""
        day, person, length, muac, oedema, haz, whz, stunting, wasting, flagged, confirmed = _columns(
            rows, 11
        )
        child, days, last = _last_of_days(day, person, children)
        return cls(
            child=child,
            age_days=children.ages_on(child, days),
            length=_ints(length)[last],
            muac=_ints(muac)[last],
            oedema=_ints(oedema)[last],
            haz=_floats(haz)[last],
            whz=_floats(whz)[last],
            haz_flagged=np.array(['"haz"' in names for names in flagged], np.bool_)[last],
            whz_flagged=np.array(['"whz"' in names for names in flagged], np.bool_)[last],
            confirmed=_bools(confirmed)[last],
            stunting=_codes(stunting)[last],
            wasting=_codes(wasting)[last],
        )


class Latest(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Of each child the latest weight, length, weight for height, arm and oedema, each of its own day. A row a child.

    `arm_counts`: she was of the age at which an arm is judged when it was measured.
    """

    weighed: BoolArray
    underweight: IntArray
    measured: BoolArray
    stunting: IntArray
    wasting: IntArray
    whz_flagged: BoolArray
    muac: IntArray
    arm_counts: BoolArray
    oedema: IntArray

    @classmethod
    def of(cls, children: Children, weighings: Weighings, measurings: Measurings) -> Self:
        count = len(children)
        with_length, with_arm = measurings.length != MISSING, measurings.muac != MISSING
        with_whz = ~np.isnan(measurings.whz)  # a length without a weight says nothing of the last one with it

        def last(
            rows: Weighings | Measurings, values: NDArray[Any], known: BoolArray | None = None
        ) -> IntArray:
            found = np.full(count, MISSING, np.int64)
            which = slice(None) if known is None else known
            found[rows.child[which]] = values[which]  # rows are in order of days: the last one stays
            return found

        return cls(
            weighed=last(weighings, weighings.grams) != MISSING,
            underweight=last(weighings, weighings.underweight),
            measured=last(measurings, measurings.length, with_length) != MISSING,
            stunting=last(measurings, measurings.stunting, with_length),
            wasting=last(measurings, measurings.wasting, with_whz),
            whz_flagged=last(measurings, measurings.whz_flagged, with_whz) == 1,
            muac=last(measurings, measurings.muac, with_arm),
            arm_counts=last(measurings, arm_counts(measurings.age_days), with_arm) == 1,
            oedema=last(measurings, measurings.oedema, measurings.oedema != MISSING),
        )


class Acute(msgspec.Struct, frozen=True, eq=False):
    """Acute malnutrition by weight for height, arm and oedema together: the same as `anganwadi.growth.assess` says of
    one child. `judged` is where any of them can tell."""

    sam: BoolArray
    mam: BoolArray
    judged: BoolArray

    @classmethod
    def of(cls, children: Children, latest: Latest) -> Self:
        arm = latest.arm_counts
        sam = (latest.oedema == 1) | (latest.wasting == SEVERE) | (arm & (latest.muac < MUAC_SEVERE_MM))
        mam = ~sam & ((latest.wasting == MODERATE) | (arm & (latest.muac < MUAC_MODERATE_MM)))
        well = ~latest.whz_flagged & ((latest.wasting != MISSING) | arm)
        five = children.below_five
        return cls(sam=sam & five, mam=mam & five, judged=(sam | mam | well) & five)


Column = Sequence[Any]


def _columns(rows: Rows, width: int) -> Sequence[Column]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _last_of_days(days: Column, people: Column, children: Children) -> tuple[IntArray, IntArray, IntArray]:
    """Which rows, in order of days and of time, are the last of a registered child's day: her row in `children`, the
    day as ordinal, and theirs."""
    child = np.array([children.rows.get(person, MISSING) for person in people], np.int64)
    day = np.array([date.fromisoformat(each).toordinal() for each in days], np.int64)
    latest_first = np.flatnonzero(child != MISSING)[::-1]
    _, first = np.unique((day * len(children) + child)[latest_first], return_index=True)
    last = np.sort(latest_first[first])
    return child[last], day[last], last


def _ints(values: Column) -> IntArray:
    """MISSING for None."""
    return np.nan_to_num(_floats(values), nan=MISSING).astype(np.int64)


def _floats(values: Column) -> FloatArray:
    """NaN for None."""
    return np.array(values, np.float64)


def _bools(values: Column) -> BoolArray:
    """False for None."""
    return _floats(values) == 1


def _codes(classes: Column) -> IntArray:
    return np.array([CODES.get(each, MISSING) for each in classes], np.int64)
