from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import CentreId, PersonId
from anganwadi.people import (
    LACTATING_DAYS,
    Category,
    Person,
    Sex,
    attends_preschool,
    category_on,
    is_weighed,
    may_enrol_face,
    months_on,
)

BORN = date(2022, 3, 31)


def person(**changes) -> Person:
    fields = {
        "person_id": PersonId("p-1"),
        "centre_id": CentreId("09123456701"),
        "household": "H01",
        "name": "परी",
        "name_latin": "Pari",
        "sex": Sex.FEMALE,
        "born": BORN,
        "registered": BORN,
    }
    return Person(**{**fields, **changes})


def woman(**changes) -> Person:
    return person(**{"born": date(1998, 1, 1), "registered": date(2020, 1, 1), **changes})


@pytest.mark.parametrize(
    ("day", "category"),
    [
        (date(2022, 3, 30), Category.NONE),
        (date(2022, 3, 31), Category.CHILD_0_6M),
        (date(2022, 9, 29), Category.CHILD_0_6M),
        (date(2022, 9, 30), Category.CHILD_0_6M),
        (date(2022, 10, 1), Category.CHILD_6_36M),
        (date(2025, 3, 30), Category.CHILD_6_36M),
        (date(2025, 3, 31), Category.CHILD_3_6Y),
        (date(2028, 3, 30), Category.CHILD_3_6Y),
        (date(2028, 3, 31), Category.NONE),
    ],
)
def test_child_changes_category_on_the_day_it_turns_6_36_and_72_months(day, category):
    assert category_on(person(), day) is category


def test_sam_child_is_owed_more_from_detection_until_recovery():
    child = person(malnourished=date(2024, 1, 10), recovered=date(2024, 3, 10))
    assert category_on(child, date(2024, 1, 9)) is Category.CHILD_6_36M
    assert category_on(child, date(2024, 1, 10)) is Category.SAM_6_36M
    assert category_on(child, date(2024, 3, 10)) is Category.CHILD_6_36M


def test_sam_child_found_again_after_recovery_is_sam_again():
    child = person(malnourished=date(2024, 6, 1), recovered=date(2024, 3, 10))
    assert category_on(child, date(2024, 7, 1)) is Category.SAM_6_36M


def test_pregnant_becomes_lactating_on_delivery_and_stops_after_183_days():
    delivered = date(2026, 5, 1)
    mother = woman(pregnant_since=date(2025, 9, 1), delivered=delivered)
    assert category_on(mother, delivered - timedelta(days=1)) is Category.PREGNANT
    assert category_on(mother, delivered) is Category.LACTATING
    assert category_on(mother, delivered + timedelta(days=LACTATING_DAYS - 1)) is Category.LACTATING
    assert category_on(mother, delivered + timedelta(days=LACTATING_DAYS)) is Category.NONE


def test_next_pregnancy_counts_although_an_earlier_delivery_is_known():
    mother = woman(pregnant_since=date(2026, 6, 1), delivered=date(2024, 1, 1))
    assert category_on(mother, date(2026, 8, 1)) is Category.PREGNANT


def test_who_left_is_in_no_category_from_that_day():
    child = person(left=date(2024, 1, 1))
    assert category_on(child, date(2023, 12, 31)) is Category.CHILD_6_36M
    assert category_on(child, date(2024, 1, 1)) is Category.NONE


def test_adolescent_is_served_only_inside_the_scheme_and_from_14_to_18():
    girl = woman(born=date(2010, 5, 5), in_adolescent_scheme=True)
    assert category_on(girl, date(2024, 5, 4)) is Category.NONE
    assert category_on(girl, date(2024, 5, 5)) is Category.ADOLESCENT
    assert category_on(girl, date(2028, 5, 5)) is Category.NONE
    assert category_on(woman(born=date(2010, 5, 5)), date(2025, 1, 1)) is Category.NONE


@given(st.dates(date(2015, 1, 1), date(2035, 1, 1)))
def test_children_are_never_enrolled_by_face_and_adults_never_weighed(day):
    for someone in (person(), woman(pregnant_since=date(2026, 1, 1))):
        assert not (is_weighed(someone, day) and may_enrol_face(someone, day))
        if attends_preschool(someone, day):
            assert is_weighed(someone, day)


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 4000))
def test_months_never_fall_as_days_pass(born, days):
    day = born + timedelta(days=days)
    assert 0 <= months_on(born, day) <= months_on(born, day + timedelta(days=1))
