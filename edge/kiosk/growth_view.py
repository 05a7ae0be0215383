"""How a child's visit is shown: each class in words, what to tell the mother, WHO's charts with the child's points."""

from collections.abc import Sequence
from datetime import date

import msgspec

from anganwadi.child_visit import Findings, Scores, Taken
from anganwadi.cmam import Step
from anganwadi.growth import AcuteMalnutrition, NutritionClass
from anganwadi.growth_chart import ChartKind, ChildTooOld, Visit, growth_chart
from anganwadi.growth_drawing import ChartWords
from anganwadi.people import months_on
from anganwadi.wire.login import RosterEntry
from edge.kiosk import growth_words as words
from edge.kiosk.i18n import N_, say

_ACUTE_GRADE = {
    AcuteMalnutrition.NONE: NutritionClass.NORMAL,
    AcuteMalnutrition.MAM: NutritionClass.MODERATE,
    AcuteMalnutrition.SAM: NutritionClass.SEVERE,
}

COMMA = {"hi": ", ", "en": ", ", "ur": "، "}

CHARTS = {
    ChartKind.WEIGHT_FOR_AGE: N_("Weight for age"),
    ChartKind.LENGTH_FOR_AGE: N_("Height for age"),
    ChartKind.WEIGHT_FOR_LENGTH: N_("Weight for height"),
}
"""The charts, in the order in which they are looked at."""


class Verdict(msgspec.Struct, frozen=True):
    """One class of this child: its grade, None where it could not be told, in words (a msgid), the figure it rests on,
    and the chart that shows it."""

    index: str
    grade: NutritionClass | None
    words: str
    figure: str
    chart: ChartKind | None = None


def verdicts(scores: Scores, taken: Taken) -> list[Verdict]:
    """What was found of the child: what could be told and what is implausible; nothing of what was not measured."""
    found: list[Verdict] = []
    if scores.waz is not None:
        told = words.UNDERWEIGHT[scores.underweight], f"WAZ {scores.waz:.2f}"
        found.append(Verdict("waz", scores.underweight, *told, ChartKind.WEIGHT_FOR_AGE))
    if scores.haz is not None:
        told = words.STUNTING[scores.stunting], f"HAZ {scores.haz:.2f}"
        found.append(Verdict("haz", scores.stunting, *told, ChartKind.LENGTH_FOR_AGE))
    if scores.baz is not None:
        found.append(Verdict("baz", scores.wasting, words.WASTING[scores.wasting], f"BAZ {scores.baz:.2f}"))
    elif scores.acute is not None or scores.whz is not None:
        grade = None if scores.acute is None else _ACUTE_GRADE[scores.acute]
        chart = None if scores.whz is None else ChartKind.WEIGHT_FOR_LENGTH
        found.append(Verdict("whz", grade, words.ACUTE[scores.acute], _rests_on(scores, taken, grade), chart))
    return found


def _rests_on(scores: Scores, taken: Taken, grade: NutritionClass | None) -> str:
    """The figure that makes the child acutely malnourished: weight for height, or else the arm."""
    if scores.whz is not None and (scores.wasting is grade or taken.muac is None):
        return f"WHZ {scores.whz:.2f}"
    return "" if taken.muac is None or taken.oedema else f"MUAC {taken.muac}"


def counsel(entry: RosterEntry, day: date, findings: Findings, step: Step) -> str:
    """What to tell the mother of a child whose care is at `step`, a msgid: the most urgent thing, by the child's age.
    A child is praised only where it was weighed and nothing found is amiss."""
    infant = months_on(entry.person.born, day) < words.MILK_ALONE_MONTHS
    match step:
        case Step.NRC:
            return words.COUNSEL_NRC
        case Step.MEDICAL_OFFICER:
            return words.COUNSEL_DOCTOR
        case Step.CENTRE:
            return words.COUNSEL_WEAK[infant]
        case _ if findings.faltering is not None:
            return words.COUNSEL_FALTERING[infant]
        case _ if _is_well(findings.scores):
            return words.COUNSEL_WELL[infant]
        case _:
            return words.COUNSEL_UNKNOWN


def _is_well(scores: Scores) -> bool:
    others = {scores.stunting, scores.wasting} - {None}
    return (
        not scores.flagged
        and scores.underweight is NutritionClass.NORMAL
        and others <= {NutritionClass.NORMAL}
    )


def charts_for(scores: Scores) -> list[ChartKind]:
    """The charts that have something of today to show."""
    shown = {
        ChartKind.WEIGHT_FOR_AGE: scores.waz,
        ChartKind.LENGTH_FOR_AGE: scores.haz,
        ChartKind.WEIGHT_FOR_LENGTH: scores.whz,
    }
    return [kind for kind in CHARTS if shown[kind] is not None] or [ChartKind.WEIGHT_FOR_AGE]


def chart_of(
    kind: ChartKind,
    entry: RosterEntry,
    taken: Taken,
    scores: Scores,
    day: date,
    language: str,
    *,
    width: int,
    height: int,
) -> str | None:
    """One chart as SVG, with today's measurement as its last point; None where no curve reaches."""
    try:
        return growth_chart(
            kind, entry.person.sex, _visits(entry, taken, day), _captions(kind, taken, scores, language),
            width=width, height=height, chart_id=kind.value,
        )  # fmt: skip
    except ChildTooOld:
        return None


def _visits(entry: RosterEntry, taken: Taken, day: date) -> Sequence[Visit]:
    """Every day on which the child was measured, today's measurements as they are now."""
    born = entry.person.born
    weights = {past.day: past.grams for past in entry.weights}
    measures = {past.day: past for past in entry.measures}
    found = []
    for each in sorted({*weights, *measures} - {day}):
        if not born <= each < day:
            continue
        grams, measured = weights.get(each), measures.get(each)
        found.append(
            Visit(
                age_days=(each - born).days,
                weight_kg=None if grams is None else grams / 1000,
                length_cm=None if measured is None or measured.length is None else measured.length / 10,
                measure=None if measured is None else measured.position,
                oedema=measured is not None and bool(measured.oedema),
            )
        )
    today = Visit(
        age_days=(day - born).days,
        weight_kg=None if taken.weight is None else taken.weight / 1000,
        length_cm=None if taken.length is None else taken.length / 10,
        measure=taken.position,
        oedema=bool(taken.oedema),
    )
    return [*found, today]


def _captions(kind: ChartKind, taken: Taken, scores: Scores, language: str) -> ChartWords:
    kg = None if taken.weight is None else say(language, N_("%(kg)s kg"), kg=f"{taken.weight / 1000:.2f}")
    cm = None if taken.length is None else say(language, N_("%(cm)s cm"), cm=f"{taken.length / 10:.1f}")
    current, z, grade, x_axis, y_axis = {
        ChartKind.WEIGHT_FOR_AGE: (
            kg, scores.waz, words.UNDERWEIGHT[scores.underweight], N_("Age in months"), N_("Weight in kg"),
        ),
        ChartKind.LENGTH_FOR_AGE: (
            cm, scores.haz, words.STUNTING[scores.stunting], N_("Age in months"), N_("Height in cm"),
        ),
        ChartKind.WEIGHT_FOR_LENGTH: (
            kg, scores.whz, words.WASTING[scores.wasting], N_("Height in cm"), N_("Weight in kg"),
        ),
    }[kind]  # fmt: skip
    said = [] if current is None else [current]
    if z is not None:
        said.append(say(language, grade))
    return ChartWords(
        title=say(language, CHARTS[kind]),
        description=say(
            language, N_("The child's measurements against the curves of the World Health Organization.")
        ),
        x_axis=say(language, x_axis),
        y_axis=say(language, y_axis),
        current=COMMA[language].join(said),
    )
