from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.faltering import Faltering, Length, Weight, faltering, is_plausible, is_plausible_length
from anganwadi.growth_tables import LAST_DAY, Standard, table
from anganwadi.ids import Grams, Millimetres

TODAY = date(2026, 11, 22)
BORN = TODAY - timedelta(days=500)


def weight(kg: float, days_ago: int = 0, waz: float | None = None) -> Weight:
    return Weight(TODAY - timedelta(days=days_ago), Grams(round(kg * 1000)), waz)


@pytest.mark.parametrize(
    ("earlier", "now", "said"),
    [
        ([weight(8.4, 30)], weight(8.1), Faltering.LOST),
        ([weight(8.4, 30)], weight(8.42), Faltering.NO_GAIN),
        ([weight(8.4, 10)], weight(8.42), None),
        ([weight(8.4, 30, -1.9)], weight(8.6, 0, -2.2), Faltering.FELL),
        ([weight(8.4, 90, -1.6), weight(8.5, 30, -1.9)], weight(8.7, 0, -2.05), Faltering.FELL),
        ([weight(8.4, 30, -1.95)], weight(8.6, 0, -2.05), None),
        ([weight(8.4, 30, -1.5)], weight(8.8, 0, -1.4), None),
        ([weight(9.4, 300)], weight(8.1), None),
        ([], weight(8.1), None),
    ],
)
def test_what_todays_weight_says_beside_the_earlier_ones(earlier, now, said):
    assert faltering(earlier, now, BORN) is said


def test_loss_is_told_before_all_else():
    assert faltering([weight(8.4, 30, -1.0)], weight(7.9, 0, -2.6), BORN) is Faltering.LOST


@pytest.mark.parametrize(
    ("age_days", "last_days_ago", "kg", "said"),
    [
        (3, 3, 2.95, None),
        (3, 3, 2.85, Faltering.LOST),
        (12, 12, 3.1, None),
        (12, 7, 3.1, Faltering.LOST),
        (25, 25, 3.1, Faltering.LOST),
    ],
)
def test_a_newborn_may_lose_a_tenth_of_its_first_days_weight_and_has_it_back_in_three_weeks(
    age_days, last_days_ago, kg, said
):
    born = TODAY - timedelta(days=age_days)
    assert faltering([weight(3.2, last_days_ago, 0.2)], weight(kg, 0, -1.2), born) is said


@pytest.mark.parametrize("sex", [1, 2])
@pytest.mark.parametrize("sd", [-3, -2, 0, 2, 3])
@pytest.mark.parametrize("between", [7, 30, 91, 365])
def test_a_child_along_any_line_of_the_chart_is_neither_doubted_nor_said_to_falter(sex, sd, between):
    ages = np.arange(LAST_DAY + 1)
    sexes = np.full(ages.shape, sex)
    kg = table(Standard.WEIGHT_FOR_AGE).look_up(sexes, ages).value_at(sd)
    cm = table(Standard.LENGTH_FOR_AGE).look_up(sexes, ages).value_at(sd)
    for age in range(0, LAST_DAY - between, 7):
        (w0, l0), (w1, l1) = (
            (
                Weight(BORN + timedelta(days), Grams(round(kg[days] * 1000)), sd),
                Length(BORN + timedelta(days), Millimetres(round(cm[days] * 10))),
            )
            for days in (int(age), int(age) + between)
        )
        assert faltering([w0], w1, BORN) is None, age
        assert is_plausible([w0], w1), age
        assert is_plausible_length([l0], l1), age


@pytest.mark.parametrize(
    ("earlier", "now", "plausible"),
    [
        ([weight(8.1, 30)], weight(18.4), False),
        ([weight(8.1, 30)], weight(8.4), True),
        ([weight(8.1, 150)], weight(18.4), False),
        ([weight(5.0, 91)], weight(9.4), True),
        ([weight(8.1, 30)], weight(3.9), False),
        ([weight(12.0, 60)], weight(7.0), False),
        ([weight(4.0, 30)], weight(2.5), False),
        ([weight(3.1, 60)], weight(5.2), True),
        ([weight(8.1, 700)], weight(12.0), True),
        ([], weight(18.4), True),
    ],
)
def test_weight_that_cannot_be_the_same_childs_asks_to_weigh_again(earlier, now, plausible):
    assert is_plausible(earlier, now) is plausible


@given(st.integers(2000, 25000), st.integers(1, 1500))
def test_the_same_weight_again_is_always_plausible(grams, days):
    assert is_plausible([Weight(TODAY - timedelta(days=days), Grams(grams))], Weight(TODAY, Grams(grams)))


@given(
    st.lists(st.tuples(st.integers(2000, 25000), st.integers(1, 400)), max_size=6), st.integers(2000, 25000)
)
def test_order_of_the_earlier_weights_does_not_matter(earlier, grams):
    past = {days: Weight(TODAY - timedelta(days=days), Grams(each)) for each, days in earlier}
    now = Weight(TODAY, Grams(grams))
    forwards, backwards = list(past.values()), list(reversed(past.values()))
    assert faltering(forwards, now, BORN) is faltering(backwards, now, BORN)
    assert is_plausible(forwards, now) is is_plausible(backwards, now)


@pytest.mark.parametrize(
    ("last_cm", "days", "cm", "plausible"),
    [(76.4, 91, 86.4, False), (76.4, 91, 80.0, True), (47.0, 61, 58.5, True), (50.0, 61, 68.5, False)],
)
def test_a_length_no_child_reaches_in_that_time_asks_to_measure_again(last_cm, days, cm, plausible):
    last = Length(TODAY - timedelta(days), Millimetres(round(last_cm * 10)))
    assert is_plausible_length([last], Length(TODAY, Millimetres(round(cm * 10)))) is plausible
