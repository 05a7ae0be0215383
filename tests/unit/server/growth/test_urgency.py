"""Which children to see first, why, and since when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts.scope import Officer, Role, in_scope
from server.centres import queries as places
from server.growth.children import Children
from server.growth.urgency import DECIDED_WITHIN, FOUND_WITHIN, Decided, Why, reasons_of_care, to_see
from tests.unit.server.web_district import DISTRICT, OTHER_SECTOR_CENTRE, TODAY, WebDistrict

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONTH_AGO = TODAY - timedelta(days=30)


def found(web: WebDistrict) -> dict[str, list[tuple[Why, object]]]:
    """By child, in order: the reasons and since when."""
    scope = in_scope(Officer(DISTRICT, "o", "o", Role.SUPERVISOR, "s-1", "en"))
    with web.engine.connect() as connection:
        children = Children.of(places.records(connection, scope), TODAY)
        listed = to_see(connection, scope, children, TODAY)
    return {child.person_id: [(reason.why, reason.since) for reason in child.reasons] for child in listed}


def test_child_sent_to_the_nrc_is_listed_until_it_is_weighed_or_measured_again(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, day=MONTH_AGO)
    nursery.decide(child, "nrc", day=MONTH_AGO)
    assert found(web) == {"c": [(Why.NRC, MONTH_AGO)]}
    nursery.measure(child, muac=125)
    assert found(web) == {}


@pytest.mark.parametrize(("days", "listed"), [(0, False), (1, True)])
def test_doctor_is_late_from_the_day_after_the_last_one(web, nursery, days, listed):
    seen_by = TODAY - days * DAY
    nursery.decide(nursery.child("c"), "medical_officer", day=TODAY - WEEK, seen_by=seen_by)
    assert found(web) == ({"c": [(Why.SEEN_BY, seen_by)]} if listed else {})


def test_visit_is_overdue_since_the_first_one_that_was_missed(web, nursery):
    child = nursery.child("c")
    visits = (MONTH_AGO + WEEK, MONTH_AGO + 2 * WEEK, TODAY + WEEK)
    nursery.decide(child, "centre", day=MONTH_AGO, visits=visits)
    nursery.weigh(child, day=MONTH_AGO + WEEK)
    assert found(web) == {"c": [(Why.VISIT, MONTH_AGO + 2 * WEEK)]}
    nursery.weigh(child)
    assert found(web) == {}


def test_end_of_care_takes_the_child_off_the_list(web, nursery):
    child = nursery.child("c")
    nursery.decide(child, "nrc", day=MONTH_AGO, visits=(MONTH_AGO + WEEK,))
    nursery.decide(child, "none", day=TODAY)
    assert found(web) == {}


def test_classes_are_those_of_the_last_weight_and_the_last_measures(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, "SEVERE", day=TODAY - WEEK)
    nursery.measure(child, day=TODAY - WEEK, muac=113, length=800, wasting="SEVERE", oedema=True)
    since = TODAY - WEEK
    assert found(web) == {"c": [(Why.OEDEMA, since), (Why.SAM, since), (Why.UNDERWEIGHT, since)]}
    nursery.weigh(child, "MODERATE")
    nursery.measure(child, muac=116, length=800, wasting="MODERATE", oedema=False)
    assert found(web) == {}


def test_arm_measured_again_says_nothing_of_the_height_that_was_not(web, nursery):
    child = nursery.child("c")
    nursery.measure(child, day=TODAY - WEEK, length=800, wasting="SEVERE")
    nursery.measure(child, muac=130)
    assert found(web) == {"c": [(Why.SAM, TODAY - WEEK)]}


def test_arm_of_an_infant_and_of_a_five_year_old_is_no_sam(web, nursery):
    nursery.measure(nursery.child("infant", days=100), muac=100)
    nursery.measure(nursery.child("five", days=1900), muac=100, length=1000, wasting="SEVERE")
    assert found(web) == {}


def test_finding_stands_since_the_first_of_those_in_a_row(web, nursery):
    child = nursery.child("c", days=900)
    for days, weight_class in ((80, "SEVERE"), (60, "NORMAL"), (40, "SEVERE"), (10, "SEVERE")):
        nursery.weigh(child, weight_class, day=TODAY - days * DAY)
        nursery.measure(child, muac=113 if weight_class == "SEVERE" else 130, day=TODAY - days * DAY)
    since = TODAY - 40 * DAY
    assert found(web) == {"c": [(Why.SAM, since), (Why.UNDERWEIGHT, since)]}


def test_value_that_cannot_be_judged_makes_no_child_well(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, "SEVERE", day=TODAY - WEEK)
    nursery.measure(child, day=TODAY - WEEK, length=800, wasting="SEVERE")
    nursery.weigh(child, None, flagged=True, waz=5.6)
    nursery.measure(child, length=800)
    assert found(web) == {"c": [(Why.SAM, TODAY - WEEK), (Why.UNDERWEIGHT, TODAY - WEEK)]}


def test_of_a_day_the_last_event_holds_also_of_another_kiosk(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, "SEVERE")
    nursery.weigh(child, None, flagged=True, waz=-6.5, origin="kiosk-b")
    nursery.measure(child, muac=112, oedema=True)
    nursery.measure(child, length=800, wasting="NORMAL", origin="kiosk-b")
    assert found(web) == {}


def test_arm_and_wasting_are_judged_by_the_age_on_the_day_of_measuring(web, nursery):
    nursery.measure(nursery.child("infant", days=185), day=TODAY - WEEK, muac=112)
    nursery.measure(
        nursery.child("five", days=1830), day=TODAY - WEEK, muac=112, length=1000, wasting="SEVERE"
    )
    assert found(web) == {"five": [(Why.SAM, TODAY - WEEK)]}


def test_visit_of_today_is_not_overdue(web, nursery):
    nursery.decide(nursery.child("c"), "centre", day=MONTH_AGO, visits=(TODAY,))
    assert found(web) == {}


def test_weight_taken_again_on_the_day_ends_what_the_first_one_said(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, grams=7_000)
    nursery.decide(child, "none", faltering="lost")
    assert found(web) == {"c": [(Why.LOST, TODAY)]}
    nursery.weigh(child, grams=9_400)
    assert found(web) == {}


@pytest.mark.parametrize("code", ["lost", "no_gain", "fell"])
def test_faltering_stands_until_the_next_weighing(web, nursery, code):
    child = nursery.child("c")
    nursery.weigh(child, day=TODAY - WEEK)
    nursery.decide(child, "none", day=TODAY - WEEK, faltering=code)
    assert found(web) == {"c": [(Why(code), TODAY - WEEK)]}
    nursery.weigh(child)
    assert found(web) == {}


def test_what_is_too_old_says_nothing_of_today(web, nursery):
    child = nursery.child("c", days=1200)
    nursery.weigh(child, "SEVERE", day=TODAY - FOUND_WITHIN - DAY)
    nursery.decide(child, "nrc", day=TODAY - DECIDED_WITHIN - DAY)
    assert found(web) == {}


def test_most_urgent_stands_first_and_of_two_the_one_who_waits_longer(web, nursery):
    nursery.decide(nursery.child("visit"), "centre", day=MONTH_AGO, visits=(MONTH_AGO + DAY,))
    nursery.decide(nursery.child("nrc-late"), "nrc", day=TODAY - DAY)
    nursery.decide(nursery.child("nrc-early"), "nrc", day=TODAY - WEEK)
    nursery.weigh(nursery.child("light"), "SEVERE")
    assert list(found(web)) == ["nrc-early", "nrc-late", "light", "visit"]


def test_another_sectors_child_and_one_who_left_are_not_listed(web, nursery):
    nursery.weigh(nursery.child("far", centre=OTHER_SECTOR_CENTRE), "SEVERE", centre=OTHER_SECTOR_CENTRE)
    nursery.weigh(nursery.child("left", left=TODAY), "SEVERE")
    nursery.decide("erased", "nrc", day=MONTH_AGO)
    assert found(web) == {}


DAYS = st.integers(-200, 0).map(lambda ago: TODAY + timedelta(days=ago))


@given(
    care=st.builds(
        Decided,
        day=DAYS,
        step=st.sampled_from(["nrc", "medical_officer", "centre", "none"]),
        faltering=st.none() | st.sampled_from(["lost", "no_gain", "fell", "code_of_tomorrow"]),
        seen_by=st.none() | DAYS,
        visits=st.lists(DAYS, max_size=4).map(tuple),
        weighed_again=st.booleans(),
        seen=st.none() | DAYS,
    )
)
def test_nobody_waits_since_tomorrow_and_no_reason_is_given_twice(care: Decided):
    reasons = reasons_of_care(care, TODAY)
    assert all(reason.since <= TODAY for reason in reasons)
    assert len({reason.why for reason in reasons}) == len(reasons)
    if care.seen == TODAY:
        assert Why.VISIT not in {reason.why for reason in reasons}
