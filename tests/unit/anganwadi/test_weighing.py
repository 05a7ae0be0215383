"""The rule of two readings, and a child weighed in arms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import Grams
from anganwadi.weighing import (
    AGREEMENT,
    Agreed,
    NoChildInArms,
    OneMore,
    StartAgain,
    decide,
    held_in_arms,
)

weights = st.integers(min_value=500, max_value=150_000).map(Grams)


def grams(*values: int) -> list[Grams]:
    return [Grams(value) for value in values]


def test_one_reading_is_not_a_weight() -> None:
    assert decide([]) == OneMore()
    assert decide(grams(9120)) == OneMore()


def test_two_readings_100_g_apart_agree_on_their_mean() -> None:
    assert decide(grams(9100, 9200)) == Agreed(Grams(9150), (Grams(9100), Grams(9200)))


def test_two_readings_101_g_apart_ask_for_a_third() -> None:
    assert decide(grams(9100, 9201)) == OneMore(Grams(101))


def test_the_third_reading_decides_between_two_that_differ() -> None:
    assert decide(grams(9120, 9600, 9130)) == Agreed(Grams(9125), (Grams(9120), Grams(9130)))


def test_three_readings_of_which_no_two_agree_are_thrown_away() -> None:
    assert decide(grams(9000, 9200, 9500)) == StartAgain(Grams(200))


def test_a_fourth_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="3 readings at most"):
        decide(grams(1, 2, 3, 4))


@given(st.lists(weights, min_size=2, max_size=3))
def test_an_agreed_weight_lies_between_two_readings_that_agree(readings: list[Grams]) -> None:
    decision = decide(readings)
    if isinstance(decision, Agreed):
        low, high = sorted(decision.used)
        assert high - low <= AGREEMENT
        assert low <= decision.grams <= high
    else:
        assert decision.spread is not None
        assert decision.spread > AGREEMENT


@given(st.lists(weights, min_size=2, max_size=3), st.randoms())
def test_the_order_of_readings_does_not_change_whether_they_agree(readings: list[Grams], random) -> None:
    shuffled = list(readings)
    random.shuffle(shuffled)
    one, other = decide(readings), decide(shuffled)
    assert type(one) is type(other)
    if isinstance(one, Agreed) and isinstance(other, Agreed):
        assert abs(one.used[0] - one.used[1]) == abs(other.used[0] - other.used[1])


def test_a_child_in_arms_weighs_the_difference_with_root_two_of_the_uncertainty() -> None:
    held = held_in_arms(Grams(61_420), Grams(52_300), Grams(50))
    assert (held.grams, held.uncertainty) == (9120, 71)


def test_an_adult_no_heavier_with_the_child_than_alone_is_refused() -> None:
    with pytest.raises(NoChildInArms, match="weigh both again"):
        held_in_arms(Grams(52_300), Grams(52_300), Grams(50))
