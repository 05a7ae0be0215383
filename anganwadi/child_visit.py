"""What one visit to the scale and the board says of a child: z-scores, classes, growth, plausibility and where to go.

`judge` puts together what `growth` (0-60 months), `growth_school` (5 years and older), `faltering` and `cmam` say.
`wasting` is the class of weight for height below five years, and of BMI for age from there.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np

from anganwadi.anthropometry import Measured, Position
from anganwadi.bounds import MOST_Z
from anganwadi.cmam import Appetite, Pathway, pathway
from anganwadi.faltering import Faltering, Length, Weight, faltering, is_plausible, is_plausible_length
from anganwadi.growth import (
    AGE_LIMIT_MONTHS,
    DAYS_PER_MONTH,
    AcuteMalnutrition,
    Measurements,
    NutritionClass,
    assess,
    classify,
    who_sex,
    zscores,
)
from anganwadi.growth_school import assess_school
from anganwadi.ids import Grams, Millimetres, PersonId
from anganwadi.people import Sex


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured in the visit; None where it was not. `oedema` is bilateral pitting oedema."""

    weight: Grams | None = None
    length: Millimetres | None = None
    position: Position | None = None
    muac: Millimetres | None = None
    oedema: bool | None = None


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Z-scores of two decimals, None where they cannot be computed, and their classes, None there and where the index
    is in `flagged` ("waz", "haz", "whz", "baz") as implausible."""

    waz: float | None = None
    haz: float | None = None
    whz: float | None = None
    baz: float | None = None
    underweight: NutritionClass | None = None
    stunting: NutritionClass | None = None
    wasting: NutritionClass | None = None
    acute: AcuteMalnutrition | None = None
    flagged: tuple[str, ...] = ()


class Earlier(msgspec.Struct, frozen=True):
    """The child's weights and lengths of other days."""

    weights: tuple[Weight, ...] = ()
    lengths: tuple[Length, ...] = ()


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """`weight_plausible` and `length_plausible` ask whether the value can be this child's beside the last one.
    `assessed`: acute malnutrition could be told or, from five years, where nothing is called so, underweight."""

    day: date
    scores: Scores
    faltering: Faltering | None
    pathway: Pathway
    assessed: bool
    weight_plausible: bool
    length_plausible: bool

    @property
    def doubtful(self) -> bool:
        """Whether to measure again before this is saved."""
        return bool(self.scores.flagged) or not (self.weight_plausible and self.length_plausible)


def scores_of(sex: Sex, born: date, day: date, taken: Taken) -> Scores:
    """The z-scores and classes of one child on one day.

    Raises:
        BadMeasurement: `day` is before the birth, or a value is no positive number.
    """
    age_days = (day - born).days
    if _is_five(born, day):
        return _from_five_years(sex, age_days, taken)
    kg = None if taken.weight is None else taken.weight / 1000
    cm = None if taken.length is None else taken.length / 10
    found = assess(
        sex, age_days, kg, cm, taken.position, oedema=bool(taken.oedema),
        muac_mm=taken.muac,
    )  # fmt: skip
    return Scores(
        waz=found.waz, haz=found.haz, whz=found.whz,
        underweight=found.waz_class, stunting=found.haz_class, wasting=found.whz_class,
        acute=found.acute, flagged=found.flagged,
    )  # fmt: skip


def judge(
    sex: Sex,
    born: date,
    day: date,
    taken: Taken,
    earlier: Earlier,
    *,
    signs: Sequence[str] = (),
    appetite: Appetite = Appetite.NOT_TESTED,
) -> Findings:
    """All that this visit says, beside the earlier ones; `signs` and `appetite` are what was asked of a SAM child.

    Raises:
        BadMeasurement: as `scores_of`.
    """
    scores = scores_of(sex, born, day, taken)
    weight = None if taken.weight is None else Weight(day, taken.weight, scores.waz)
    length = None if taken.length is None else Length(day, taken.length)
    return Findings(
        day=day,
        scores=scores,
        faltering=None
        if weight is None
        else faltering(with_scores(sex, born, earlier.weights), weight, born),
        pathway=pathway(
            day,
            age_days=(day - born).days,
            acute=scores.acute,
            underweight=scores.underweight,
            oedema=bool(taken.oedema),
            signs=signs,
            appetite=appetite,
        ),
        assessed=scores.acute is not None or (_is_five(born, day) and scores.underweight is not None),
        weight_plausible=weight is None or is_plausible(earlier.weights, weight),
        length_plausible=length is None or is_plausible_length(earlier.lengths, length),
    )


def measured_event(
    day: date, person_id: PersonId, taken: Taken, scores: Scores, *, confirmed: bool = False
) -> Measured:
    """The event of what was measured besides the weight, with what it says."""
    return Measured(
        day=day,
        person_id=person_id,
        length=taken.length,
        position=taken.position,
        muac=taken.muac,
        oedema=taken.oedema,
        haz=told(scores.haz),
        whz=told(scores.whz),
        baz=told(scores.baz),
        stunting=scores.stunting,
        wasting=scores.wasting,
        flagged=tuple(name for name in scores.flagged if name != "waz"),
        confirmed=confirmed,
    )


def told(z: float | None) -> float | None:
    """The z-score, unless it is beyond what an event may say: a grown-up weighed as an infant."""
    return None if z is None or abs(z) > MOST_Z else z


def with_scores(sex: Sex, born: date, weights: Sequence[Weight]) -> list[Weight]:
    """The weights with their z-scores for age."""
    ages = [(weight.day - born).days for weight in weights]
    found = zscores(
        Measurements.of(
            sex=who_sex(sex), age_days=ages, weight_kg=[weight.grams / 1000 for weight in weights]
        )
    )
    return [
        msgspec.structs.replace(weight, waz=None if np.isnan(z) else float(z))
        for weight, z in zip(weights, found.zwei, strict=True)
    ]


def _is_five(born: date, day: date) -> bool:
    return (day - born).days / DAYS_PER_MONTH >= AGE_LIMIT_MONTHS


def _from_five_years(sex: Sex, age_days: int, taken: Taken) -> Scores:
    found = assess_school(
        who_sex(sex), age_days / DAYS_PER_MONTH,
        None if taken.weight is None else taken.weight / 1000,
        None if taken.length is None else taken.length / 10,
        oedema=bool(taken.oedema),
    )  # fmt: skip
    return Scores(
        waz=found.waz, haz=found.haz, baz=found.baz,
        underweight=None if "waz" in found.flagged else classify(found.waz),
        stunting=found.stunting, wasting=found.thinness,
        acute=AcuteMalnutrition.SAM if taken.oedema else None, flagged=found.flagged,
    )  # fmt: skip
