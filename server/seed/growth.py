"""What was weighed, measured and decided of the demo centre's children in the last months, as the kiosk would have said
it then: plausible for each child's age and place among children, the same every time, and invented.

Most children grow along one line. Those of `STORIES` have one of their own.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import numpy as np

from anganwadi.anthropometry import CareDecided, Measured, Position, Way, Weighed, WeightSource
from anganwadi.child_visit import Scores, Taken, measured_event, scores_of
from anganwadi.cmam import Appetite, pathway
from anganwadi.growth import DAYS_PER_MONTH, MUAC_FROM_DAY, STANDING_FROM_DAY, Measurements, who_sex, zscores
from anganwadi.growth_school import school_zscores
from anganwadi.growth_tables import FloatArray
from anganwadi.ids import Grams, Millimetres, PersonId
from anganwadi.people import Person, is_weighed, months_on

WEIGHED_DAYS_AGO = (150, 120, 90, 60, 30)
MEASURED_DAYS_AGO = (90, 30)
"""Length is taken every two or three months, the arm on the last of these days."""

THIS_MONTH_DAYS_AGO = 4
"""This month's measuring has begun, with the children from three years in every second household."""

MISTYPED_DAYS_AGO = 33
BY_HAND = frozenset({"H05", "H22"})
"""Households whose last weights were typed in: the scale's battery was empty."""

IN_ARMS_UNTIL_MONTHS = 6
ROUGHLY = frozenset({"H03", "H07", "H09", "H12", "H15", "H20", "H24"})
"""Households whose children's lengths were read to the half centimetre."""

_WEIGHTS_KG = np.arange(1.5, 25.0, 0.02)
_LENGTHS_CM = np.arange(45.0, 125.0, 0.1)
_ARMS_CM = np.arange(9.5, 20.0, 0.1)


class Story(msgspec.Struct, frozen=True):
    """What is out of the ordinary: the arm in mm, the wanted weight for height, the outcome of an appetite test, a
    length typed in wrong by so many mm on a day of its own, whether the care was decided."""

    muac: int | None = None
    whz: float | None = None
    appetite: Appetite | None = None
    mistyped: int = 0
    decided: bool = True


STORIES = {
    ("H16", "Sonam"): Story(muac=112, appetite=Appetite.FAILED),
    ("H17", "Yuvraj"): Story(muac=114, appetite=Appetite.PASSED),
    ("H18", "Roshni"): Story(muac=118, decided=False),
    ("H12", "Vivaan"): Story(muac=121, whz=-2.4),
    ("H17", "Pari"): Story(mistyped=200),
}


def past_growth(person: Person, today: date) -> Iterator[Weighed | Measured | CareDecided]:
    """A child's weights, measures and care of the last months, in order of days; of an adult nothing."""
    story = STORIES.get((person.household, person.name_latin), Story())
    for ago in _days_ago(person, today, story):
        day = today - timedelta(days=ago)
        if (day - person.born).days < 10 or not is_weighed(person, day):
            continue
        if ago == MISTYPED_DAYS_AGO:
            yield _measured(
                person, day, _mistyped(_taken(person, day, story, with_arm=False), story.mistyped)
            )
            continue
        taken = _taken(person, day, story, with_arm=ago <= 30)
        yield _weighed(person, day, taken, by_hand=ago == 30 and person.household in BY_HAND)
        if ago in (*MEASURED_DAYS_AGO, THIS_MONTH_DAYS_AGO):
            yield _measured(person, day, taken)
        if ago == 30 and story.muac is not None and story.decided:
            yield _decided(person, day, taken, story.appetite)


def _days_ago(person: Person, today: date, story: Story) -> list[int]:
    days = [*WEIGHED_DAYS_AGO]
    if story.mistyped:
        days.append(MISTYPED_DAYS_AGO)
    if months_on(person.born, today) >= 36 and int(person.household[1:]) % 2 == 0:
        days.append(THIS_MONTH_DAYS_AGO)
    return sorted(days, reverse=True)


def _taken(person: Person, day: date, story: Story, *, with_arm: bool) -> Taken:
    age_days = (day - person.born).days
    grams = Grams(round(_plausible_kg(person, age_days) * 1000))
    length = _plausible_length(person, age_days, grams, story.whz)
    months = age_days / DAYS_PER_MONTH
    arm = with_arm and age_days >= MUAC_FROM_DAY and months < 60
    return Taken(
        weight=grams,
        length=Millimetres(length),
        position=Position.LYING if age_days < STANDING_FROM_DAY else Position.STANDING,
        muac=(Millimetres(story.muac or _plausible_arm(person, age_days))) if arm else None,
        oedema=False if with_arm else None,
    )


def _mistyped(taken: Taken, wrong_by: int) -> Taken:
    """The length of a child who was not weighed that day, typed in wrong."""
    assert taken.length is not None  # noqa: S101 - every child here was measured
    return Taken(length=Millimetres(taken.length + wrong_by), position=taken.position)


def _weighed(person: Person, day: date, taken: Taken, *, by_hand: bool) -> Weighed:
    assert taken.weight is not None  # noqa: S101 - every child here was weighed
    scores = _scores(person, day, Taken(weight=taken.weight))
    weighed = Weighed(
        day=day,
        person_id=person.person_id,
        grams=taken.weight,
        source=WeightSource.SCALE,
        readings=(taken.weight, taken.weight),
        waz=scores.waz,
        weight_class=scores.underweight,
        flagged="waz" in scores.flagged,
    )
    if by_hand:
        return msgspec.structs.replace(
            weighed, source=WeightSource.MANUAL, readings=(), reason="scale_broken"
        )
    if months_on(person.born, day) < IN_ARMS_UNTIL_MONTHS:
        return msgspec.structs.replace(weighed, way=Way.IN_ARMS, uncertainty=Grams(41))
    return weighed


def _measured(person: Person, day: date, taken: Taken) -> Measured:
    return measured_event(day, person.person_id, taken, _scores(person, day, taken))


def _decided(person: Person, day: date, taken: Taken, appetite: Appetite | None) -> CareDecided:
    scores = _scores(person, day, taken)
    found = pathway(
        day,
        age_days=(day - person.born).days,
        acute=scores.acute,
        underweight=scores.underweight,
        appetite=appetite or Appetite.NOT_TESTED,
    )
    return CareDecided(
        day=day,
        person_id=person.person_id,
        step=found.step,
        acute=scores.acute,
        underweight=scores.underweight,
        stunting=scores.stunting,
        appetite=appetite,
        seen_by=found.seen_by,
        visits=found.visits,
    )


def _scores(person: Person, day: date, taken: Taken) -> Scores:
    return scores_of(person.sex, person.born, day, taken)


def _plausible_kg(person: Person, age_days: int) -> float:
    """The weight at which the child's WAZ is about what its place among children says."""
    wanted = -3.3 if person.malnourished is not None else -2.3 + 2.6 * _place(person.person_id)
    scored = zscores(Measurements.of(sex=who_sex(person.sex), age_days=age_days, weight_kg=_WEIGHTS_KG))
    if not np.isfinite(scored.zwei).any():
        return 16.0 + 2 * _place(person.person_id)
    return _nearest(_WEIGHTS_KG, scored.zwei, wanted)


def _plausible_length(person: Person, age_days: int, grams: Grams, whz: float | None) -> int:
    """The length, in mm, at which the child's HAZ is about what its place says, or its WHZ is `whz`. Light children are
    short ones more often than not."""
    place = 0.6 * _place(person.person_id) + 0.4 * _place(person.person_id, "length")
    wanted = -2.4 if person.malnourished is not None else -2.9 + 2.8 * place
    sex = who_sex(person.sex)
    if whz is not None:
        scored = zscores(
            Measurements.of(sex=sex, age_days=age_days, weight_kg=grams / 1000, lenhei_cm=_LENGTHS_CM)
        )
        return round(_nearest(_LENGTHS_CM, scored.zwfl, whz) * 10)
    scores = zscores(Measurements.of(sex=sex, age_days=age_days, lenhei_cm=_LENGTHS_CM)).zlen
    if not np.isfinite(scores).any():
        scores = school_zscores(sex=sex, age_months=age_days / DAYS_PER_MONTH, height_cm=_LENGTHS_CM).zhfa
    length = round(_nearest(_LENGTHS_CM, scores, wanted) * 10)
    return 5 * round(length / 5) if person.household in ROUGHLY else length


def _plausible_arm(person: Person, age_days: int) -> int:
    """The arm, in mm, that goes with the child's weight."""
    wanted = -1.6 + 1.8 * _place(person.person_id)
    scored = zscores(Measurements.of(sex=who_sex(person.sex), age_days=age_days, muac_cm=_ARMS_CM))
    return round(_nearest(_ARMS_CM, scored.zac, wanted) * 10)


def _nearest(values: FloatArray, scores: FloatArray, wanted: float) -> float:
    known = np.isfinite(scores)
    return float(values[known][np.abs(scores[known] - wanted).argmin()])


def _place(person: PersonId, of: str = "") -> float:
    """Where a child stands among children, 0 to 1, the same every time."""
    return int(hashlib.sha256((of + person).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
