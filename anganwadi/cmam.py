"""What happens next for a malnourished child: the pathway of the protocol for management of malnutrition, 2023.

Severe acute malnutrition (SAM) with a medical complication, oedema or a failed appetite test goes to the Nutrition
Rehabilitation Centre (NRC). Other SAM is managed at the Anganwadi centre; such a child, and every severely underweight
one, is seen by the medical officer within 3 to 5 days. Source: Ministry of Women and Child Development, "Protocol for
Management of Malnutrition in Children", October 2023. The days between follow-up visits are our defaults.
"""

from datetime import date, timedelta
from enum import StrEnum

import msgspec

from anganwadi.growth import AcuteMalnutrition, NutritionClass

MEDICAL_OFFICER_WITHIN = (timedelta(days=3), timedelta(days=5))


class Step(StrEnum):
    """Where the child goes now, the most urgent first."""

    NRC = "nrc"
    MEDICAL_OFFICER = "medical_officer"
    CENTRE = "centre"
    NONE = "none"


FOLLOW_UPS = {
    Step.NRC: (1, 7, 14),
    Step.MEDICAL_OFFICER: (5, 7, 14, 21, 28),
    Step.CENTRE: (14, 28),
    Step.NONE: (),
}
"""Days after which the child is visited or weighed again, by step (default)."""


class Appetite(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTED = "not_tested"


class Pathway(msgspec.Struct, frozen=True):
    """`test_appetite` says that the step may change with the appetite test that is still to be done. `seen_by` is the
    last day by which the medical officer should have seen the child; `follow_ups` are the days of the next visits."""

    step: Step
    test_appetite: bool
    seen_by: date | None
    follow_ups: tuple[date, ...]


def pathway(
    day: date,
    *,
    acute: AcuteMalnutrition | None,
    underweight: NutritionClass | None,
    oedema: bool = False,
    complication: bool = False,
    appetite: Appetite = Appetite.NOT_TESTED,
) -> Pathway:
    """The next step for a child assessed on `day`; what could not be assessed (None) moves nobody up or down."""
    step = _step(acute, underweight, oedema or complication or appetite is Appetite.FAILED)
    test = acute is AcuteMalnutrition.SAM and step is not Step.NRC and appetite is Appetite.NOT_TESTED
    seen_by = day + MEDICAL_OFFICER_WITHIN[1] if step is Step.MEDICAL_OFFICER else None
    return Pathway(step, test, seen_by, tuple(day + timedelta(days=after) for after in FOLLOW_UPS[step]))


def _step(acute: AcuteMalnutrition | None, underweight: NutritionClass | None, severe_sign: bool) -> Step:
    if acute is AcuteMalnutrition.SAM:
        return Step.NRC if severe_sign else Step.MEDICAL_OFFICER
    if underweight is NutritionClass.SEVERE:
        return Step.MEDICAL_OFFICER
    if acute is AcuteMalnutrition.MAM or underweight is NutritionClass.MODERATE:
        return Step.CENTRE
    return Step.NONE
