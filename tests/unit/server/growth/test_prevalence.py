"""How many children are malnourished, of how many who could be judged."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.anthropometry import Position
from anganwadi.child_visit import Taken, scores_of
from anganwadi.growth import AcuteMalnutrition, who_sex
from anganwadi.ids import Grams, Millimetres
from anganwadi.people import Sex
from server.accounts.scope import Officer, Role, in_scope
from server.growth.children import Children
from server.growth.measures import Acute, Latest, Measurings, Weighings
from server.growth.report import Growth, growth
from server.growth.shares import HIDDEN, Share
from tests.unit.server.web_district import DISTRICT, OTHER_SECTOR_CENTRE, TODAY, WebDistrict

MONTH = "2026-11"


def made(
    web: WebDistrict,
    role: Role = Role.SUPERVISOR,
    scope: str = "s-1",
    month: str = MONTH,
    *,
    hide: bool = False,
) -> Growth:
    officer = Officer(DISTRICT, "o", "o", role, scope, "en")
    with web.engine.connect() as connection:
        return growth(connection, in_scope(officer), month, TODAY, hide=hide)


def shares(found: Growth, group: str = "below_five") -> dict[str, Share]:
    return next(each.shares for each in found.prevalence if each.key == group)


def test_last_weight_of_the_month_counts_and_an_implausible_one_is_not_judged(web, nursery):
    for child in nursery.children(3):
        nursery.weigh(child, "SEVERE", day=TODAY - timedelta(days=6))
    nursery.weigh("c-0", "NORMAL")
    nursery.weigh("c-1", None, flagged=True, waz=5.6)
    assert shares(made(web))["severely_underweight"] == Share(1, 2)


def test_last_event_of_a_day_holds(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, "SEVERE")
    nursery.weigh(child, "NORMAL")
    found = made(web)
    assert shares(found)["severely_underweight"] == Share(0, 1)
    assert found.quality.weight.values == 1


def test_length_arm_and_feet_of_different_days_are_put_together(web, nursery):
    child = nursery.child("c")
    nursery.measure(
        child, day=TODAY - timedelta(days=3), length=800, whz=-2.4, wasting="MODERATE", stunting="NORMAL"
    )
    assert shares(made(web))["mam"] == Share(1, 1)
    nursery.measure(child, muac=112)
    found = shares(made(web))
    assert (found["sam"], found["mam"], found["severely_stunted"]) == (Share(1, 1), Share(0, 1), Share(0, 1))


def test_oedema_alone_is_sam_and_says_nothing_of_underweight(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, None)
    nursery.measure(child, oedema=True)
    found = shares(made(web))
    assert (found["sam"], found["severely_underweight"]) == (Share(1, 1), Share(0, 0))


def test_weight_of_a_child_with_oedema_is_judged_by_nobody_though_it_was_saved_before_the_feet(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, "NORMAL")
    nursery.measure(child, oedema=True)
    found = shares(made(web))
    assert (found["sam"], found["moderately_underweight"]) == (Share(1, 1), Share(0, 0))


def test_length_without_a_weight_takes_back_no_weight_for_height(web, nursery):
    child = nursery.child("c")
    nursery.measure(child, day=TODAY - timedelta(days=7), length=800, whz=-3.4, wasting="SEVERE")
    nursery.measure(child, length=800, haz=-1.0, stunting="NORMAL")
    assert shares(made(web))["sam"] == Share(1, 1)


def test_arm_measured_before_six_months_is_no_sam_after_them(web, nursery):
    nursery.measure(nursery.child("c", days=185), day=TODAY - timedelta(days=7), muac=112)
    assert shares(made(web))["sam"] == Share(0, 0)


def test_five_year_olds_stand_by_themselves_and_have_no_sam(web, nursery):
    nursery.weigh(nursery.child("young"), "NORMAL")
    five = nursery.child("five", days=1900)
    nursery.weigh(five, "SEVERE")
    nursery.measure(five, length=1000, muac=110, wasting="SEVERE", stunting="SEVERE")
    found = made(web)
    assert shares(found)["severely_underweight"] == Share(0, 1)
    alone = shares(found, "60_71")
    assert (alone["severely_underweight"], alone["severely_stunted"]) == (Share(1, 1), Share(1, 1))
    assert alone["sam"] == Share(0, 0)


def test_sexes_and_ages_are_parts_of_all_below_five(web, nursery):
    for n, days in enumerate((30, 182, 183, 700, 730, 731, 1000, 1826)):
        nursery.weigh(nursery.child(f"c-{n}", days=days, sex=list(Sex)[n % 2]), "MODERATE")
    found = made(web)
    counted = {group.key: group.shares["moderately_underweight"].of for group in found.prevalence}
    assert counted["below_five"] == 8
    assert counted["girls"] == counted["boys"] == 4
    assert [counted[band] for band in ("0_5", "6_23", "24_59", "60_71")] == [2, 3, 3, 0]


def test_month_of_another_time_is_not_in_the_report(web, nursery):
    nursery.weigh(nursery.child("c"), day=date(2026, 10, 31))
    found = made(web)
    assert found.coverage.weighed == Share(0, 1)
    assert made(web, month="2026-10").coverage.weighed == Share(1, 1)
    assert made(web, month="2026-10").day == date(2026, 10, 31)


def test_children_who_left_or_are_not_yet_born_are_not_in_the_report(web, nursery):
    nursery.weigh(nursery.child("left", left=TODAY - timedelta(days=1)), "SEVERE")
    nursery.weigh(nursery.child("erased"), "SEVERE")
    with web.engine.begin() as connection:
        connection.exec_driver_sql("delete from persons where person_id = 'erased'")
    assert made(web).registered == 0
    assert shares(made(web))["severely_underweight"] == Share(0, 0)


def test_arm_is_asked_of_those_of_six_to_fifty_nine_months(web, nursery):
    for n, days in enumerate((100, 183, 1826, 1827)):
        nursery.measure(nursery.child(f"c-{n}", days=days), muac=140)
    assert made(web).coverage.muac == Share(2, 2)


def test_officer_sees_the_children_of_her_area_alone(web, nursery):
    for child in nursery.children(6):
        nursery.weigh(child)
    for child in nursery.children(7, "far", centre=OTHER_SECTOR_CENTRE):
        nursery.weigh(child, "SEVERE", centre=OTHER_SECTOR_CENTRE)
    found = made(web)
    assert (found.registered, shares(found)["severely_underweight"]) == (6, Share(0, 6))
    assert OTHER_SECTOR_CENTRE not in {centre.centre_id for centre in found.centres}
    everything = made(web, Role.DPO, DISTRICT)
    assert (everything.registered, shares(everything)["severely_underweight"]) == (13, Share(7, 13))


def test_few_cases_are_hidden_beyond_the_sector(web, nursery):
    for n, child in enumerate(nursery.children(20)):
        nursery.weigh(child, "SEVERE" if n < 3 else "NORMAL")
    nursery.weigh(nursery.child("boy", sex=Sex.MALE), "SEVERE")
    found = made(web, Role.CDPO, "p-1", hide=True)
    assert shares(found)["severely_underweight"] == Share(None, 21, few=True)
    assert shares(found, "boys")["severely_underweight"] == HIDDEN


def test_centres_stand_by_name_whatever_their_figures(web, nursery):
    nursery.weigh(nursery.child("c", centre="09123456702"), centre="09123456702")
    assert [centre.names["en"] for centre in made(web).centres] == ["Rampur 1", "Rampur 2"]


MEASURED = st.fixed_dictionaries(
    {
        "days": st.integers(20, 2100),
        "grams": st.none() | st.integers(2_000, 25_000),
        "length": st.none() | st.integers(450, 1_180),
        "muac": st.none() | st.integers(90, 180),
        "oedema": st.none() | st.booleans(),
        "sex": st.sampled_from(list(Sex)),
    }
)


class Row(dict[str, object]):
    """A row as the database gives one: in order, and by name."""

    def __iter__(self):  # type: ignore[override]
        return iter(self.values())


@pytest.mark.parametrize("position", [None, Position.LYING])
@given(drawn=st.lists(MEASURED, min_size=1, max_size=12))
def test_acute_malnutrition_is_what_the_domain_says_of_each_child(drawn, position):
    ages = np.array([each["days"] for each in drawn])
    children = Children(
        day=TODAY,
        rows={f"c-{n}": n for n in range(len(drawn))},
        centre_ids=["a"],
        centre=np.zeros(len(drawn), np.int64),
        sex=np.array([who_sex(each["sex"]) for each in drawn]),
        age_days=ages,
    )
    expected, rows = [], []
    for n, each in enumerate(drawn):
        taken = Taken(
            weight=None if each["grams"] is None else Grams(each["grams"]),
            length=None if each["length"] is None else Millimetres(each["length"]),
            position=position,
            muac=None if each["muac"] is None else Millimetres(each["muac"]),
            oedema=each["oedema"],
        )
        scores = scores_of(each["sex"], TODAY - timedelta(days=each["days"]), TODAY, taken)
        expected.append(scores.acute if each["days"] / 30.4375 < 60 else None)
        rows.append(
            Row(
                day=TODAY.isoformat(), person=f"c-{n}", length=each["length"], muac=each["muac"],
                oedema=each["oedema"], haz=scores.haz, whz=scores.whz, stunting=scores.stunting,
                wasting=scores.wasting, flagged=str(list(scores.flagged)).replace("'", '"'), confirmed=False,
            )
        )  # fmt: skip
    latest = Latest.of(children, Weighings.of([], children), Measurings.of(rows, children))  # type: ignore[arg-type]
    acute = Acute.of(children, latest)
    assert list(acute.sam) == [each is AcuteMalnutrition.SAM for each in expected]
    assert list(acute.mam) == [each is AcuteMalnutrition.MAM for each in expected]
    assert list(acute.judged) == [each is not None for each in expected]
