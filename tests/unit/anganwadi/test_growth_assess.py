"""One child on the scale: three indices, their classes, and SAM or MAM."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.growth import AcuteMalnutrition, BadMeasurement, NutritionClass, assess, classify
from anganwadi.people import Sex

NORMAL, MODERATE, SEVERE = NutritionClass.NORMAL, NutritionClass.MODERATE, NutritionClass.SEVERE
SAM, MAM, NONE = AcuteMalnutrition.SAM, AcuteMalnutrition.MAM, AcuteMalnutrition.NONE


@pytest.mark.parametrize(
    ("z", "expected"),
    [(-2.0, NORMAL), (-2.01, MODERATE), (-3.0, MODERATE), (-3.01, SEVERE), (4.9, NORMAL), (None, None)],
)
def test_classes_are_strictly_below_their_limit(z, expected):
    assert classify(z) is expected


@given(st.sampled_from(list(Sex)), st.integers(0, 1826), st.floats(1, 30), st.floats(45, 120))
def test_a_class_follows_from_the_two_decimals_that_are_shown(sex, age, weight, length):
    child = assess(sex, age, weight, length)
    for name in ("waz", "haz", "whz"):
        z = getattr(child, name)
        assert z is None or z == round(z, 2)
        assert getattr(child, f"{name}_class") == (None if name in child.flagged else classify(z))


def test_a_boy_with_the_median_weight_and_length_is_at_zero():
    child = assess(Sex.MALE, 365, 9.6448, 75.7391, "L")
    assert (child.waz, child.haz) == (0.0, 0.0)
    assert child.waz_class is child.haz_class is NORMAL


def test_a_missing_length_leaves_weight_for_age():
    child = assess(Sex.FEMALE, 500, 8.0)
    assert child.waz is not None
    assert (child.haz, child.whz, child.haz_class, child.whz_class) == (None, None, None, None)
    assert child.acute is None


def test_a_missing_weight_leaves_height_for_age_and_muac():
    child = assess(Sex.FEMALE, 500, None, 72.0, "L", muac_mm=120)
    assert (child.waz, child.whz, child.haz_class, child.acute) == (None, None, MODERATE, MAM)


def test_oedema_is_sam_and_has_no_weight_based_class():
    child = assess(Sex.FEMALE, 500, 9.5, 76.0, oedema=True, muac_mm=140)
    assert (child.waz, child.whz, child.whz_class) == (None, None, None)
    assert child.haz is not None
    assert child.acute is SAM


@pytest.mark.parametrize(("muac", "expected"), [(114, SAM), (115, MAM), (124, MAM), (125, NONE)])
def test_muac_alone_tells_sam_below_115_and_mam_below_125_mm(muac, expected):
    assert assess(Sex.MALE, 400, 9.0, muac_mm=muac).acute is expected


@pytest.mark.parametrize(("age", "expected"), [(182, None), (183, SAM), (1826, SAM), (1827, None)])
def test_muac_counts_from_6_to_below_60_months(age, expected):
    assert assess(Sex.MALE, age, 7.0, muac_mm=110).acute is expected


def test_the_worse_of_weight_for_height_and_muac_counts():
    thin = assess(Sex.MALE, 500, 7.5, 76.0, "L", muac_mm=130)
    assert (thin.whz_class, thin.acute) == (SEVERE, SAM)
    well = assess(Sex.MALE, 500, 9.5, 76.0, "L", muac_mm=120)
    assert (well.whz_class, well.acute) == (NORMAL, MAM)


def test_an_implausible_value_is_flagged_and_neither_classed_nor_called_well():
    child = assess(Sex.MALE, 500, 29.0, 76.0, "L", muac_mm=150)
    assert child.flagged == ("waz", "whz")
    assert (child.waz_class, child.whz_class, child.haz_class) == (None, None, NORMAL)
    assert child.acute is None


@pytest.mark.parametrize(
    ("weight", "waz", "flagged"),
    [(4.477, -6.01, True), (4.478, -6.0, False), (16.064, 5.0, False), (16.065, 5.01, True)],
)
def test_weight_for_age_is_flagged_below_minus_6_and_above_5(weight, waz, flagged):
    child = assess(Sex.MALE, 365, weight)
    assert child.waz == waz
    assert ("waz" in child.flagged) is flagged


def test_at_five_years_there_is_no_index():
    child = assess(Sex.MALE, 1900, 16.0, 108.0)
    assert (child.waz, child.haz, child.whz, child.acute, child.flagged) == (None, None, None, None, ())


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"age_days": -1}, "before the birth"),
        ({"weight_kg": 0}, "weight_kg is 0"),
        ({"weight_kg": float("nan")}, "weight_kg"),
        ({"length_cm": -70}, "length_cm"),
        ({"muac_mm": float("inf")}, "muac_mm"),
        ({"measure": "X"}, "L \\(lying\\) or H"),
    ],
)
def test_what_no_child_can_have_is_refused_with_its_name(values, says):
    with pytest.raises(BadMeasurement, match=says):
        assess(**({"sex": Sex.MALE, "age_days": 400, "weight_kg": 9.0} | values))


def test_an_assessment_travels_as_plain_json():
    child = assess(Sex.FEMALE, 500, 8.0, 74.0, "L", muac_mm=120)
    assert msgspec.json.decode(msgspec.json.encode(child), type=type(child)) == child
