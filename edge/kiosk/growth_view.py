"""What a weight says of a child, for the page: z-score, class, and the growth chart with the child's own points."""

import msgspec

from anganwadi.growth import BadMeasurement, NutritionClass, assess
from anganwadi.growth_chart import ChartKind, ChildTooOld, Visit, growth_chart
from anganwadi.growth_drawing import ChartWords
from anganwadi.ids import Grams
from anganwadi.wire.login import RosterEntry
from edge.kiosk import words
from edge.kiosk.i18n import N_, say
from edge.kiosk.session import CentreSession

LOSS = 0.02
"""Part of the last weight; less is what a child eats and drinks in a day."""
SUDDEN = 0.15
SUDDEN_DAYS = 62


class Growth(msgspec.Struct, frozen=True):
    """`waz` and `grade` are None from five years on, where WHO's standard ends; `flagged` asks to weigh again."""

    grams: Grams
    waz: float | None
    grade: NutritionClass | None
    flagged: bool
    change_g: int | None
    """since the last weight on another day"""
    lost: bool = False
    """by LOSS or more since then"""
    sudden: bool = False
    """a change of SUDDEN or more within SUDDEN_DAYS: another child was on the scale, or it is grave"""

    @property
    def doubtful(self) -> bool:
        """Whether to weigh again before this is saved."""
        return self.flagged or self.sudden

    @property
    def advice(self) -> str | None:
        """What to do now, a msgid. A loss is never praised; a grave class keeps its own advice."""
        if self.lost and self.grade in {NutritionClass.NORMAL, None}:
            return words.LOSS_ADVICE
        return None if self.grade is None else words.NUTRITION_ADVICE[self.grade]


def growth_of(session: CentreSession, entry: RosterEntry, grams: Grams) -> Growth:
    """Judge today's weight of a child."""
    today, person = session.today(), entry.person
    try:
        found = assess(person.sex, (today - person.born).days, grams / 1000)
    except BadMeasurement:
        return Growth(grams, None, None, flagged=True, change_g=None)
    past = [weight for weight in entry.weights if weight.day < today]
    latest = max(past, key=lambda weight: weight.day, default=None)
    change = 0.0 if latest is None else (grams - latest.grams) / latest.grams
    return Growth(
        grams=grams,
        waz=found.waz,
        grade=found.waz_class,
        flagged="waz" in found.flagged,
        change_g=None if latest is None else grams - latest.grams,
        lost=change <= -LOSS,
        sudden=latest is not None and abs(change) >= SUDDEN and (today - latest.day).days <= SUDDEN_DAYS,
    )


def chart_of(
    session: CentreSession, entry: RosterEntry, growth: Growth, language: str, *, width: int, height: int
) -> str | None:
    """The weight-for-age chart as SVG, with today's weight as its last point; None where no curve reaches."""
    today, person = session.today(), entry.person
    visits = [
        Visit(age_days=(weight.day - person.born).days, weight_kg=weight.grams / 1000)
        for weight in entry.weights
        if person.born <= weight.day < today
    ]
    visits.append(Visit(age_days=(today - person.born).days, weight_kg=growth.grams / 1000))
    grade = say(language, words.NUTRITION[growth.grade]) if growth.grade is not None else ""
    weight = say(language, N_("%(kg)s kg"), kg=f"{growth.grams / 1000:.2f}")
    captions = ChartWords(
        title=say(language, N_("Weight for age")),
        description=say(
            language, N_("The child's weights against the curves of the World Health Organization.")
        ),
        x_axis=say(language, N_("Age in months")),
        y_axis=say(language, N_("Weight in kg")),
        current=f"{weight}, {grade}" if grade else weight,
    )
    try:
        return growth_chart(
            ChartKind.WEIGHT_FOR_AGE, person.sex, visits, captions, width=width, height=height
        )
    except ChildTooOld:
        return None
