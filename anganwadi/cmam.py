"""What happens next for a malnourished child: the pathway of the protocol for management of malnutrition, 2023.

Severe acute malnutrition (SAM) with a medical complication, oedema or a failed appetite test goes to the Nutrition
Rehabilitation Centre (NRC), and so does an infant under six months with SAM. Other SAM is managed at the Anganwadi
centre; such a child, and every severely underweight one, is seen by the medical officer within 3 to 5 days. Source:
Ministry of Women and Child Development, "Protocol for Management of Malnutrition in Children", October 2023. The days
between visits are our defaults, weekly for SAM.
"""

import csv
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec

from anganwadi.growth import MUAC_FROM_DAY, AcuteMalnutrition, NutritionClass

MEDICAL_OFFICER_WITHIN = (timedelta(days=3), timedelta(days=5))

INFANT_UNTIL_DAY = MUAC_FROM_DAY
"""Days of age: below six months there is no appetite test, since it is done with therapeutic food."""


class Step(StrEnum):
    """Where the child goes now, the most urgent first."""

    NRC = "nrc"
    MEDICAL_OFFICER = "medical_officer"
    CENTRE = "centre"
    NONE = "none"


VISITS_AFTER = {
    Step.NRC: (1, 7, 14),
    Step.MEDICAL_OFFICER: (7, 14, 21, 28),
    Step.CENTRE: (14, 28),
    Step.NONE: (),
}
"""Days after which the child is visited and weighed again, by step (default)."""


class Appetite(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTED = "not_tested"


class Pathway(msgspec.Struct, frozen=True):
    """`ask_signs` says that the step may change with the danger signs and the appetite test that are still to be looked
    at. `seen_by` is the last day by which the medical officer should have seen the child; `visits` are the days of the
    next visits."""

    step: Step
    ask_signs: bool
    seen_by: date | None
    visits: tuple[date, ...]


def pathway(
    day: date,
    *,
    age_days: int,
    acute: AcuteMalnutrition | None,
    underweight: NutritionClass | None,
    oedema: bool = False,
    signs: Collection[str] = (),
    appetite: Appetite = Appetite.NOT_TESTED,
) -> Pathway:
    """The next step for a child assessed on `day`; what could not be assessed (None) moves nobody up or down. `signs`
    are the danger signs that were seen."""
    infant = age_days < INFANT_UNTIL_DAY
    needs_hospital = infant or oedema or bool(signs) or appetite is Appetite.FAILED
    step = _step(acute, underweight, needs_hospital)
    ask = acute is AcuteMalnutrition.SAM and step is not Step.NRC and appetite is Appetite.NOT_TESTED
    seen_by = day + MEDICAL_OFFICER_WITHIN[1] if step is Step.MEDICAL_OFFICER else None
    return Pathway(step, ask, seen_by, tuple(day + timedelta(days=after) for after in VISITS_AFTER[step]))


def decides_anew(before: Step, found: Pathway, *, assessed: bool) -> bool:
    """Whether what was `found` replaces the care decided `before`. A less urgent step does so only where the child was
    `assessed`: whoever's arm and length were not measured is not well for that."""
    steps = list(Step)
    return assessed or steps.index(found.step) <= steps.index(before)


def visit_due(visits: Iterable[date], seen: Iterable[date], today: date) -> date | None:
    """Since when a visit is due: the earliest of `visits` up to today on or after which the child was not seen."""
    last_seen = max(seen, default=date.min)
    return min((visit for visit in visits if last_seen < visit <= today), default=None)


@cache
def danger_signs() -> tuple[str, ...]:
    """The codes of what makes SAM complicated, from `data/danger_signs.csv`, whose rows name their source."""
    text = resources.files("anganwadi.data").joinpath("danger_signs.csv").read_text(encoding="utf-8")
    return tuple(row["code"] for row in csv.DictReader(text.splitlines()))


def _step(acute: AcuteMalnutrition | None, underweight: NutritionClass | None, needs_hospital: bool) -> Step:
    if acute is AcuteMalnutrition.SAM:
        return Step.NRC if needs_hospital else Step.MEDICAL_OFFICER
    if underweight is NutritionClass.SEVERE:
        return Step.MEDICAL_OFFICER
    if acute is AcuteMalnutrition.MAM or underweight is NutritionClass.MODERATE:
        return Step.CENTRE
    return Step.NONE
