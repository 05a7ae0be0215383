import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.growth import NutritionClass
from anganwadi.growth_school import (
    LAST_MONTH,
    SchoolStandard,
    _rows,
    _table,
    assess_school,
    school_zscores,
)

sexes, months = st.sampled_from([1, 2]), st.floats(60, 228)


def test_scores_equal_those_that_whos_own_package_states():
    """From the tests of WHO's `anthroplus`: two girls just above five years."""
    found = school_zscores(
        sex=[2, 2], age_months=[60.32, 60.911701], height_cm=[113.8, 113.6], weight_kg=[18.7, 20.5]
    )
    assert found.zwfa.tolist() == [0.21, 0.79]
    assert found.zbfa.tolist() == [-0.58, 0.42]
    assert found.zhfa.tolist() == [0.96, 0.85]


def test_upper_bounds_of_age_are_exclusive():
    found = school_zscores(sex=1, age_months=[120, 120.9, 121, 228.5, 229], height_cm=150, weight_kg=40)
    assert np.isnan(found.zwfa).tolist() == [False, False, True, True, True]
    assert np.isnan(found.zhfa).tolist() == [False, False, False, False, True]
    assert np.isnan(found.zbfa).tolist() == [False, False, False, False, True]


def test_below_five_years_nothing_is_computed():
    found = school_zscores(sex=1, age_months=[59.99, 60], height_cm=110, weight_kg=18)
    assert np.isnan(found.zhfa).tolist() == [True, False]


def test_oedema_blanks_what_rests_on_weight_and_leaves_height():
    found = school_zscores(sex=1, age_months=100, height_cm=128, weight_kg=25, oedema=True)
    assert np.isnan([found.zwfa[0], found.zbfa[0]]).all()
    assert not np.isnan(found.zhfa[0])


@pytest.mark.parametrize("missing", ["weight_kg", "height_cm"])
def test_what_was_not_measured_stays_missing_and_is_not_flagged(missing):
    given_ = {"weight_kg": 25.0, "height_cm": 128.0, missing: np.nan}
    found = school_zscores(sex=1, age_months=100, **given_)
    assert np.isnan(found.zbfa[0])
    assert not found.fbfa[0]


@given(sexes, months)
def test_median_is_zero(sex, age):
    for standard, given_as in (
        (SchoolStandard.HEIGHT_FOR_AGE, "zhfa"),
        (SchoolStandard.WEIGHT_FOR_AGE, "zwfa"),
    ):
        if age >= LAST_MONTH[standard]:
            continue
        whole = np.array([int(age)])
        both = [_rows(_table(standard), np.array([sex]), month) for month in (whole, whole + 1)]
        median = both[0].between(both[1], age - whole).m
        found = school_zscores(sex=sex, age_months=age, height_cm=median, weight_kg=median)
        assert getattr(found, given_as)[0] == 0


@given(sexes, months, st.floats(90, 190), st.floats(0.1, 5))
def test_taller_is_a_higher_score(sex, age, height, more):
    found = school_zscores(sex=sex, age_months=age, height_cm=[height, height + more])
    assert found.zhfa[1] > found.zhfa[0] or more < 0.1


def test_thin_girl_is_classed_and_an_impossible_height_is_flagged_instead():
    thin = assess_school(2, 180, 32.0, 158.0)
    assert thin.thinness is NutritionClass.SEVERE
    assert thin.stunting is NutritionClass.NORMAL
    impossible = assess_school(2, 180, 45.0, 90.0)
    assert impossible.stunting is None
    assert "haz" in impossible.flagged
