from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.anthropometry import Position, ScaleReading
from anganwadi.child_visit import Earlier, Taken, judge, scores_of
from anganwadi.cmam import Appetite, Step
from anganwadi.faltering import Faltering, Length, Weight, is_plausible_length
from anganwadi.growth import AcuteMalnutrition, NutritionClass
from anganwadi.ids import Grams, Millimetres
from anganwadi.people import Sex

DAY = date(2026, 11, 29)
BORN = DAY - timedelta(days=500)


def taken(kg: float | None = None, cm: float | None = None, **more) -> Taken:
    return Taken(
        weight=None if kg is None else Grams(round(kg * 1000)),
        length=None if cm is None else Millimetres(round(cm * 10)),
        position=None if cm is None else Position.LYING,
        **more,
    )


def test_a_visit_below_five_years_has_the_scores_of_the_2006_standards():
    found = scores_of(Sex.MALE, BORN, DAY, taken(7.5, 76.0, muac=Millimetres(118)))
    assert (found.waz, found.haz, found.whz, found.baz) == (-3.12, -1.79, -3.23, None)
    assert (found.underweight, found.stunting, found.wasting) == ("SEVERE", "NORMAL", "SEVERE")
    assert found.acute is AcuteMalnutrition.SAM


def test_a_visit_from_five_years_has_the_scores_of_the_2007_reference():
    found = scores_of(Sex.FEMALE, DAY - timedelta(days=2000), DAY, taken(13.0, 108.0))
    assert found.whz is None
    assert found.baz == pytest.approx(-3.4, abs=0.6)
    assert found.wasting in {NutritionClass.MODERATE, NutritionClass.SEVERE}
    assert found.stunting is NutritionClass.NORMAL
    assert found.underweight is NutritionClass.MODERATE


def test_what_was_not_measured_stays_missing():
    found = scores_of(Sex.MALE, BORN, DAY, taken(9.0))
    assert (found.haz, found.whz, found.stunting, found.wasting, found.acute) == (None,) * 5
    only_arm = scores_of(Sex.MALE, BORN, DAY, Taken(muac=Millimetres(112)))
    assert (only_arm.waz, only_arm.underweight) == (None, None)
    assert only_arm.acute is AcuteMalnutrition.SAM


def test_oedema_is_sam_and_goes_to_the_nrc_whatever_the_weight():
    found = judge(Sex.MALE, BORN, DAY, taken(10.4, 78.0, oedema=True), Earlier())
    assert found.scores.waz is None
    assert found.scores.acute is AcuteMalnutrition.SAM
    assert found.pathway.step is Step.NRC


def test_a_failed_appetite_test_changes_the_step():
    child = Sex.MALE, BORN, DAY, taken(7.5, 76.0), Earlier()
    assert judge(*child).pathway.step is Step.MEDICAL_OFFICER
    assert judge(*child).pathway.ask_signs
    assert judge(*child, appetite=Appetite.FAILED).pathway.step is Step.NRC
    assert judge(*child, signs=["lethargic"]).pathway.step is Step.NRC


def test_a_weight_twice_the_last_one_is_doubted_and_a_loss_is_named():
    last_month = Earlier((Weight(DAY - timedelta(30), Grams(8100)),))
    assert judge(Sex.MALE, BORN, DAY, taken(18.4), last_month).doubtful
    found = judge(Sex.MALE, BORN, DAY, taken(7.9), last_month)
    assert not found.doubtful
    assert found.faltering is Faltering.LOST


def test_a_length_that_shrinks_or_leaps_is_doubted():
    past = (Length(DAY - timedelta(30), Millimetres(760)),)
    assert judge(Sex.MALE, BORN, DAY, taken(None, 77.0), Earlier((), past)).length_plausible
    assert not judge(Sex.MALE, BORN, DAY, taken(None, 67.0), Earlier((), past)).length_plausible
    assert judge(Sex.MALE, BORN, DAY, taken(None, 86.0), Earlier((), past)).doubtful


@given(st.integers(1, 60), st.integers(-14, 60))
def test_growth_within_what_the_fastest_infant_gains_is_never_doubted(days, more):
    now = Length(DAY, Millimetres(600 + min(more, round(40 * days / 30.4375))))
    assert is_plausible_length([Length(DAY - timedelta(days), Millimetres(600))], now)


@given(st.lists(st.integers(-(2**23), 2**23 - 1), max_size=24))
def test_raw_counts_come_back_from_their_steps(counts):
    assert ScaleReading(grams=Grams(9120), steps=ScaleReading.steps_of(counts)).counts == tuple(counts)
