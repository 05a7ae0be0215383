"""How the demo centre's children grew: plausible, the same every time, and something of everything a page shows."""

from datetime import date, timedelta

import pytest

from anganwadi.anthropometry import CareDecided, Measured, Way, Weighed, WeightSource
from anganwadi.child_visit import Taken, scores_of
from anganwadi.cmam import visit_due
from anganwadi.people import Person, is_weighed
from provisioning import demo_facts as facts
from server.seed.growth import past_growth
from server.seed.people import people

TODAY = date(2026, 11, 29)
PEOPLE = people(facts.CENTRE_ID, TODAY)
BY_ID = {person.person_id: person for person in PEOPLE}


@pytest.fixture(scope="module")
def happened() -> list[Weighed | Measured | CareDecided]:
    return [each for person in PEOPLE for each in past_growth(person, TODAY)]


def of(person: Person) -> list[Weighed | Measured | CareDecided]:
    return list(past_growth(person, TODAY))


def test_only_children_grow_and_in_order_of_days(happened):
    assert all(is_weighed(BY_ID[each.person_id], each.day) for each in happened)
    for person in PEOPLE:
        days = [each.day for each in of(person)]
        assert days == sorted(days)


def test_seeding_twice_says_the_same():
    assert [of(person) for person in PEOPLE] == [of(person) for person in people(facts.CENTRE_ID, TODAY)]


def test_every_score_is_the_domains_own(happened):
    weights = {(each.person_id, each.day): each for each in happened if isinstance(each, Weighed)}
    for each in happened:
        if isinstance(each, Measured):
            person, weight = BY_ID[each.person_id], weights.get((each.person_id, each.day))
            taken = Taken(
                weight=None if weight is None else weight.grams,
                length=each.length,
                position=each.position,
                muac=each.muac,
                oedema=each.oedema,
            )
            found = scores_of(person.sex, person.born, each.day, taken)
            assert (each.haz, each.whz, each.baz) == (found.haz, found.whz, found.baz)
            assert (each.stunting, each.wasting, each.flagged) == (
                found.stunting,
                found.wasting,
                found.flagged,
            )


def test_there_is_something_of_everything_a_page_shows(happened):
    weights = [each for each in happened if isinstance(each, Weighed)]
    measures = [each for each in happened if isinstance(each, Measured)]
    care = [each for each in happened if isinstance(each, CareDecided)]
    assert {each.source for each in weights} == set(WeightSource)
    assert {each.way for each in weights} == set(Way)
    assert [each.flagged for each in measures if each.flagged] == [("haz",)]
    assert {each.step for each in care} == {"nrc", "medical_officer", "centre"}
    assert any(each.wasting == "MODERATE" for each in measures)
    assert all(visit_due(each.visits, [each.day], TODAY) is not None for each in care)


def test_measuring_of_this_month_has_begun(happened):
    recent = {each.person_id for each in happened if each.day >= TODAY - timedelta(days=7)}
    assert 5 <= len(recent) < 30
