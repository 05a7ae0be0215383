from datetime import date, timedelta

import pytest

from anganwadi.cmam import Appetite, Step, pathway
from anganwadi.growth import AcuteMalnutrition, NutritionClass

DAY = date(2026, 11, 22)
SAM, MAM = AcuteMalnutrition.SAM, AcuteMalnutrition.MAM


@pytest.mark.parametrize("sign", [{"oedema": True}, {"complication": True}, {"appetite": Appetite.FAILED}])
def test_sam_with_a_severe_sign_goes_to_the_nrc(sign):
    found = pathway(DAY, acute=SAM, underweight=NutritionClass.SEVERE, **sign)
    assert found.step is Step.NRC
    assert not found.test_appetite


def test_other_sam_is_seen_by_the_medical_officer_within_five_days_and_its_appetite_tested():
    found = pathway(DAY, acute=SAM, underweight=NutritionClass.MODERATE)
    assert found.step is Step.MEDICAL_OFFICER
    assert found.seen_by == DAY + timedelta(days=5)
    assert found.test_appetite
    assert not pathway(DAY, acute=SAM, underweight=None, appetite=Appetite.PASSED).test_appetite


def test_every_severely_underweight_child_is_seen_by_the_medical_officer():
    for acute in (AcuteMalnutrition.NONE, MAM, None):
        assert pathway(DAY, acute=acute, underweight=NutritionClass.SEVERE).step is Step.MEDICAL_OFFICER


def test_moderate_malnutrition_is_managed_at_the_centre_with_follow_ups():
    for acute, underweight in ((MAM, NutritionClass.NORMAL), (None, NutritionClass.MODERATE)):
        found = pathway(DAY, acute=acute, underweight=underweight)
        assert found.step is Step.CENTRE
        assert found.follow_ups
        assert all(each > DAY for each in found.follow_ups)


def test_what_could_not_be_assessed_moves_nobody():
    found = pathway(DAY, acute=None, underweight=None)
    assert found.step is Step.NONE
    assert found.seen_by is None


def test_failed_appetite_without_acute_malnutrition_is_no_reason_for_the_nrc():
    found = pathway(
        DAY, acute=AcuteMalnutrition.NONE, underweight=NutritionClass.NORMAL, appetite=Appetite.FAILED
    )
    assert found.step is Step.NONE
