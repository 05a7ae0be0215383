from datetime import date, timedelta

import pytest

from anganwadi.cmam import Appetite, Step, danger_signs, pathway, visit_due
from anganwadi.growth import AcuteMalnutrition, NutritionClass

DAY = date(2026, 11, 22)
SAM, MAM = AcuteMalnutrition.SAM, AcuteMalnutrition.MAM


@pytest.mark.parametrize(
    "sign", [{"oedema": True}, {"signs": ["convulsions"]}, {"appetite": Appetite.FAILED}]
)
def test_sam_with_a_severe_sign_goes_to_the_nrc(sign):
    found = pathway(DAY, age_days=500, acute=SAM, underweight=NutritionClass.SEVERE, **sign)
    assert found.step is Step.NRC
    assert not found.ask_signs


def test_other_sam_is_seen_by_the_medical_officer_within_five_days_and_asked_for_danger_signs():
    found = pathway(DAY, age_days=500, acute=SAM, underweight=NutritionClass.MODERATE)
    assert found.step is Step.MEDICAL_OFFICER
    assert found.seen_by == DAY + timedelta(days=5)
    assert found.ask_signs
    assert not pathway(DAY, age_days=500, acute=SAM, underweight=None, appetite=Appetite.PASSED).ask_signs


def test_every_severely_underweight_child_is_seen_by_the_medical_officer():
    for acute in (AcuteMalnutrition.NONE, MAM, None):
        assert (
            pathway(DAY, age_days=500, acute=acute, underweight=NutritionClass.SEVERE).step
            is Step.MEDICAL_OFFICER
        )


def test_moderate_malnutrition_is_managed_at_the_centre_with_visits():
    for acute, underweight in ((MAM, NutritionClass.NORMAL), (None, NutritionClass.MODERATE)):
        found = pathway(DAY, age_days=500, acute=acute, underweight=underweight)
        assert found.step is Step.CENTRE
        assert found.visits
        assert all(each > DAY for each in found.visits)


def test_what_could_not_be_assessed_moves_nobody():
    found = pathway(DAY, age_days=500, acute=None, underweight=None)
    assert found.step is Step.NONE
    assert found.seen_by is None


def test_failed_appetite_without_acute_malnutrition_is_no_reason_for_the_nrc():
    found = pathway(
        DAY,
        age_days=500,
        acute=AcuteMalnutrition.NONE,
        underweight=NutritionClass.NORMAL,
        appetite=Appetite.FAILED,
    )
    assert found.step is Step.NONE


def test_an_infant_under_six_months_with_sam_goes_to_the_nrc_without_an_appetite_test():
    found = pathway(DAY, age_days=182, acute=SAM, underweight=NutritionClass.SEVERE)
    assert (found.step, found.ask_signs) == (Step.NRC, False)
    assert pathway(DAY, age_days=183, acute=SAM, underweight=None).step is Step.MEDICAL_OFFICER


def test_every_danger_sign_names_its_source():
    assert len(danger_signs()) == len(set(danger_signs())) == 8


def test_a_visit_is_due_until_the_child_was_seen():
    visits = (DAY - timedelta(8), DAY - timedelta(1), DAY + timedelta(6))
    assert visit_due(visits, [], DAY) == DAY - timedelta(8)
    assert visit_due(visits, [DAY - timedelta(8)], DAY) == DAY - timedelta(1)
    assert visit_due(visits, [DAY], DAY) is None
    assert visit_due((), [], DAY) is None
