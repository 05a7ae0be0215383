"""How a child grows: WHO z-scores for many children at once, and the nutrition class of one.

`zscores` follows the steps of WHO's own R package `anthro` and equals it in every value: clean the measurements (the
lying and standing rule), look up L, M and S, compute, blank what is not valid, flag what is not plausible. `assess`
does the same for one child on the scale and names the class. `python -m anganwadi.growth IN.csv OUT.csv` runs a file.

Sources: WHO Child Growth Standards, Methods and development, 2006, chapter 7 (the LMS formula and its restricted
form beyond 3 SD), and 2007 (head and arm circumference); the bounds and flags are those of WHO `anthro` 1.1.0.
"""

from enum import StrEnum
from typing import Self

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from anganwadi.growth_tables import LAST_DAY, FloatArray, IntArray, Standard, table
from anganwadi.people import Sex

BoolArray = NDArray[np.bool_]

DAYS_PER_MONTH = 30.4375
STANDING_FROM_DAY = 731
STANDING_FROM_CM = 87.0
"""Where age and position are both unknown, a child of this length is taken to have stood."""
LYING_MINUS_STANDING_CM = 0.7
STANDS_FROM_MONTHS = 9
AGE_LIMIT_MONTHS = 60
LYING_RANGE_CM = (45.0, 110.0)
STANDING_RANGE_CM = (65.0, 120.0)
MUAC_SEVERE_MM = 115
MUAC_MODERATE_MM = 125
MUAC_FROM_DAY = 183
"""MUAC is judged from 6 months to below 60."""


class BadMeasurement(ValueError):
    """A value no child can have; the text says which, and what is expected."""


class NutritionClass(StrEnum):
    """Where a z-score of two decimals lies: NORMAL from -2, MODERATE from -3 to below -2, SEVERE below -3."""

    NORMAL = "NORMAL"
    MODERATE = "MODERATE"
    SEVERE = "SEVERE"


class AcuteMalnutrition(StrEnum):
    """SAM and MAM by weight-for-height, MUAC and oedema together."""

    NONE = "NONE"
    MAM = "MAM"
    SAM = "SAM"


class Measurements(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Arrays of one length, one entry a child; NaN where a value was not taken. Make them with `of`."""

    sex: IntArray
    """1 male, 2 female, 0 unknown."""
    age_days: FloatArray
    weight_kg: FloatArray
    lenhei_cm: FloatArray
    headc_cm: FloatArray
    muac_cm: FloatArray
    measure: NDArray[np.str_]
    """"l" measured lying, "h" standing, "" unknown."""
    oedema: BoolArray

    @classmethod
    def of(
        cls,
        *,
        sex: ArrayLike,
        age_days: ArrayLike = np.nan,
        weight_kg: ArrayLike = np.nan,
        lenhei_cm: ArrayLike = np.nan,
        headc_cm: ArrayLike = np.nan,
        muac_cm: ArrayLike = np.nan,
        measure: ArrayLike = "",
        oedema: ArrayLike = False,
    ) -> Self:
        """Bring columns to one length (single values are repeated), with "L" and "H" as good as "l" and "h"."""
        numbers = [np.asarray(v, np.float64) for v in (age_days, weight_kg, lenhei_cm, headc_cm, muac_cm)]
        position = np.char.lower(np.asarray(measure, np.str_))
        one_length = np.broadcast_arrays(
            np.atleast_1d(np.asarray(sex, np.int64)), *numbers, position, np.asarray(oedema, np.bool_)
        )
        names = cls.__struct_fields__
        return cls(**dict(zip(names, one_length, strict=True)))


class ZScores(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """WHO's result columns under WHO's names. `c*` are the measurements as used, `z*` z-scores rounded to two
    decimals (NaN where not computable), `f*` WHO's plausibility flags (False where there is no z-score)."""

    clenhei: FloatArray
    cmeasure: NDArray[np.str_]
    c9mo_flag: BoolArray
    """Said to stand below nine months; the position is then treated as unknown."""
    cbmi: FloatArray
    zlen: FloatArray
    zwei: FloatArray
    zwfl: FloatArray
    zbmi: FloatArray
    zhc: FloatArray
    zac: FloatArray
    flen: BoolArray
    fwei: BoolArray
    fwfl: BoolArray
    fbmi: BoolArray
    fhc: BoolArray
    fac: BoolArray


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """One child on one day. A z-score is None where it cannot be computed; its class is None there too, and where
    the index is in `flagged` as implausible: measure again."""

    waz: float | None
    haz: float | None
    whz: float | None
    waz_class: NutritionClass | None
    haz_class: NutritionClass | None
    whz_class: NutritionClass | None
    acute: AcuteMalnutrition | None
    """None where neither weight-for-height nor MUAC can tell."""
    flagged: tuple[str, ...]
    """Names of the implausible indices, of "waz", "haz", "whz"."""


def zscores(measurements: Measurements) -> ZScores:
    """WHO z-scores, flags and cleaned measurements of every child.

    Blank (NaN): below day 0, from 60 months, unknown sex; weight-based with oedema; arm circumference below 91 days;
    weight-for-length outside 45-110 cm lying and 65-120 cm standing.
    """
    given = measurements
    months = given.age_days / DAYS_PER_MONTH
    day = _whole_days(given.age_days)
    too_young_to_stand = (given.measure == "h") & (months < STANDS_FROM_MONTHS)
    cmeasure = np.where(too_young_to_stand, "", given.measure)
    clenhei = _adjusted_length(given.lenhei_cm, day, cmeasure)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        metres = clenhei / 100
        cbmi = given.weight_kg / (metres * metres)

    known = (given.sex == 1) | (given.sex == 2)
    of_age = known & (day >= 0) & (day <= LAST_DAY) & (months < AGE_LIMIT_MONTHS)
    weighable = of_age & ~given.oedema

    def for_age(standard: Standard, y: FloatArray, valid: BoolArray, *, restricted: bool) -> FloatArray:
        return _for_age(standard, y, given.sex, day, valid & (y > 0), restricted=restricted)

    zlen = for_age(Standard.LENGTH_FOR_AGE, clenhei, of_age, restricted=False)
    zwei = for_age(Standard.WEIGHT_FOR_AGE, given.weight_kg, weighable, restricted=True)
    zbmi = for_age(Standard.BMI_FOR_AGE, cbmi, weighable, restricted=True)
    zhc = for_age(Standard.HEAD_FOR_AGE, given.headc_cm, of_age, restricted=True)
    zac = for_age(Standard.ARM_FOR_AGE, given.muac_cm, of_age & (day >= 91), restricted=True)
    zwfl = _for_length(given, clenhei, cmeasure, day, (of_age | (known & np.isnan(day))) & ~given.oedema)
    return ZScores(
        clenhei=clenhei, cmeasure=cmeasure, c9mo_flag=too_young_to_stand, cbmi=cbmi,
        zlen=zlen, zwei=zwei, zwfl=zwfl, zbmi=zbmi, zhc=zhc, zac=zac,
        flen=np.abs(zlen) > 6, fwei=(zwei < -6) | (zwei > 5), fwfl=np.abs(zwfl) > 5,
        fbmi=np.abs(zbmi) > 5, fhc=np.abs(zhc) > 5, fac=np.abs(zac) > 5,
    )  # fmt: skip


def assess(
    sex: Sex,
    age_days: int,
    weight_kg: float | None,
    length_cm: float | None = None,
    measure: str | None = None,
    *,
    oedema: bool = False,
    muac_mm: float | None = None,
) -> Assessment:
    """The z-scores and classes of one child; `measure` is "L" lying, "H" standing, None as usual for the age.

    Raises:
        BadMeasurement: a negative age, a measurement that is not a positive number, another `measure`.
    """
    _check(age_days, measure, weight_kg=weight_kg, length_cm=length_cm, muac_mm=muac_mm)
    result = zscores(
        Measurements.of(
            sex=who_sex(sex),
            age_days=age_days,
            weight_kg=np.nan if weight_kg is None else weight_kg,
            lenhei_cm=np.nan if length_cm is None else length_cm,
            measure=measure or "",
            oedema=oedema,
        )
    )
    scores = {
        "waz": (result.zwei, result.fwei),
        "haz": (result.zlen, result.flen),
        "whz": (result.zwfl, result.fwfl),
    }
    z = {name: None if np.isnan(of[0]) else float(of[0]) for name, (of, _) in scores.items()}
    flagged = tuple(name for name, (_, flag) in scores.items() if flag[0])
    classes = {name: None if name in flagged else classify(z[name]) for name in z}
    muac = muac_mm if age_days >= MUAC_FROM_DAY and age_days / DAYS_PER_MONTH < AGE_LIMIT_MONTHS else None
    return Assessment(
        waz=z["waz"], haz=z["haz"], whz=z["whz"],
        waz_class=classes["waz"], haz_class=classes["haz"], whz_class=classes["whz"],
        acute=_acute(classes["whz"], muac, oedema=oedema, remeasure="whz" in flagged), flagged=flagged,
    )  # fmt: skip


def who_sex(sex: Sex) -> int:
    """WHO's code: 1 male, 2 female."""
    return 1 if Sex(sex) is Sex.MALE else 2


def classify(z: float | None) -> NutritionClass | None:
    """The class of a z-score already rounded to two decimals; None for None. High values are not classed."""
    if z is None:
        return None
    if z < -3:
        return NutritionClass.SEVERE
    return NutritionClass.MODERATE if z < -2 else NutritionClass.NORMAL


def _acute(
    whz_class: NutritionClass | None, muac_mm: float | None, *, oedema: bool, remeasure: bool
) -> AcuteMalnutrition | None:
    """The worst that any criterion says. An implausible weight-for-height cannot make a child well."""
    if oedema or whz_class is NutritionClass.SEVERE or (muac_mm is not None and muac_mm < MUAC_SEVERE_MM):
        return AcuteMalnutrition.SAM
    if whz_class is NutritionClass.MODERATE or (muac_mm is not None and muac_mm < MUAC_MODERATE_MM):
        return AcuteMalnutrition.MAM
    if remeasure or (whz_class is None and muac_mm is None):
        return None
    return AcuteMalnutrition.NONE


def _check(age_days: int, measure: str | None, **values: float | None) -> None:
    if age_days < 0:
        raise BadMeasurement(f"age is {age_days} days: the measurement is dated before the birth")
    if measure not in (None, "", "L", "H", "l", "h"):
        raise BadMeasurement(f"measure is {measure!r}: give L (lying) or H (standing)")
    for name, value in values.items():
        if value is not None and not 0 < value < np.inf:
            raise BadMeasurement(f"{name} is {value}: give a number above 0")


def _whole_days(age_days: FloatArray) -> FloatArray:
    """Half a day and more counts as a day; NaN stays NaN."""
    floor = np.floor(age_days)
    return np.where(age_days - floor >= 0.5, floor + 1, floor)


def _adjusted_length(lenhei_cm: FloatArray, day: FloatArray, cmeasure: NDArray[np.str_]) -> FloatArray:
    """Length below 731 days, height from there: 0.7 cm is added or taken where the other one was measured."""
    stood_too_early = (day < STANDING_FROM_DAY) & (cmeasure == "h")
    lay_too_late = (day >= STANDING_FROM_DAY) & (cmeasure == "l")
    adjusted = np.where(stood_too_early, lenhei_cm + LYING_MINUS_STANDING_CM, lenhei_cm)
    return np.where(lay_too_late, lenhei_cm - LYING_MINUS_STANDING_CM, adjusted)


def _for_age(
    standard: Standard, y: FloatArray, sex: IntArray, day: FloatArray, valid: BoolArray, *, restricted: bool
) -> FloatArray:
    z = np.full(y.shape, np.nan)
    rows = table(standard).look_up(sex[valid], day[valid].astype(np.int64))
    z[valid] = rows.zscore(y[valid], restricted=restricted)
    return z


def _for_length(
    given: Measurements, clenhei: FloatArray, cmeasure: NDArray[np.str_], day: FloatArray, valid: BoolArray
) -> FloatArray:
    by_position = (cmeasure == "l") | ((cmeasure == "") & (clenhei < STANDING_FROM_CM))
    lying = np.where(np.isnan(day), by_position, day < STANDING_FROM_DAY)
    z = np.full(clenhei.shape, np.nan)
    for standard, position, (shortest, tallest) in (
        (Standard.WEIGHT_FOR_LENGTH, lying, LYING_RANGE_CM),
        (Standard.WEIGHT_FOR_HEIGHT, ~lying, STANDING_RANGE_CM),
    ):
        rows = valid & position & (clenhei >= shortest) & (clenhei <= tallest)
        steps = table(standard).at_length(given.sex[rows], clenhei[rows])
        z[rows] = steps.zscore(given.weight_kg[rows], restricted=True)
    return z


if __name__ == "__main__":
    from anganwadi.growth_csv import app

    app()
