from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.faltering import Faltering, Weight, faltering, is_plausible
from anganwadi.ids import Grams

TODAY = date(2026, 11, 22)


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
    assert faltering(earlier, now) is said


def test_loss_is_told_before_all_else():
    assert faltering([weight(8.4, 30, -1.0)], weight(7.9, 0, -2.6)) is Faltering.LOST


@pytest.mark.parametrize(
    ("earlier", "now", "plausible"),
    [
        ([weight(8.1, 30)], weight(18.4), False),
        ([weight(8.1, 30)], weight(8.4), True),
        ([weight(8.1, 30)], weight(3.9), False),
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
    assert faltering(forwards, now) is faltering(backwards, now)
    assert is_plausible(forwards, now) is is_plausible(backwards, now)
