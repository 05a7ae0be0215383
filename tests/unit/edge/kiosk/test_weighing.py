"""The rule of two readings, at the scale."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.anthropometry import Load, Way
from anganwadi.ids import Grams
from anganwadi.weighing import AGREEMENT, NoChildInArms
from edge.devices.scale import StableWeight
from edge.kiosk.weighing import AlreadyWeighed, NextStep, NotLifted, Weighing


def reading(grams: int) -> StableWeight:
    return StableWeight(grams=Grams(grams), at_monotonic=0.0, device_id="x", firmware="1", simulated=False)


def take(weighing: Weighing, *grams: int) -> NextStep:
    step = weighing.next
    for each in grams:
        weighing.saw_empty()
        step = weighing.take(reading(each))
    return step


def test_one_reading_is_no_weight():
    weighing = Weighing()
    assert take(weighing, 9000) is NextStep.LIFT
    assert weighing.grams is None


@pytest.mark.parametrize("second", [9000, 9100, 8900])
def test_two_readings_within_100_g_are_a_weight_their_mean(second):
    weighing = Weighing()
    assert take(weighing, 9000, second) is NextStep.SAVE
    assert weighing.grams == (9000 + second) // 2


def test_beyond_100_g_a_third_is_taken_and_the_closest_two_count():
    weighing = Weighing()
    assert take(weighing, 9000, 9101) is NextStep.LIFT
    assert take(weighing, 9090) is NextStep.SAVE
    assert weighing.grams == 9096


def test_three_readings_that_disagree_are_dropped():
    weighing = Weighing()
    assert take(weighing, 9000, 9300, 9600) is NextStep.AGAIN
    assert weighing.readings == []
    assert take(weighing, 9000) is NextStep.LIFT


def test_the_same_load_cannot_be_read_twice():
    weighing = Weighing()
    weighing.take(reading(9000))
    with pytest.raises(NotLifted):
        weighing.take(reading(9000))


def test_a_weight_that_stands_takes_no_more_readings():
    weighing = Weighing()
    take(weighing, 9000, 9000)
    weighing.saw_empty()
    with pytest.raises(AlreadyWeighed):
        weighing.take(reading(9000))


@given(st.lists(st.integers(500, 30_000), min_size=1, max_size=12))
def test_a_weight_lies_between_two_readings_that_agree(loads):
    weighing = Weighing()
    for grams in loads:
        if weighing.grams is not None:
            break
        take(weighing, grams)
    if weighing.grams is not None:
        values = sorted(weighing.readings)
        agreeing = [(a, b) for a, b in pairwise(values) if b - a <= AGREEMENT]
        assert any(a <= weighing.grams <= b for a, b in agreeing)
    assert len(weighing.readings) <= 3


def take_in_arms(weighing: Weighing, *pairs: tuple[int, int]) -> NextStep:
    step = weighing.next
    for alone, together in pairs:
        weighing.saw_empty()
        assert weighing.take(reading(alone)) is NextStep.HAND_OVER
        step = weighing.take(reading(together))
    return step


def test_a_child_in_arms_is_the_difference_of_two_loads_weighed_twice():
    weighing = Weighing(Way.IN_ARMS)
    assert take_in_arms(weighing, (52_300, 61_420)) is NextStep.LIFT
    assert take_in_arms(weighing, (52_310, 61_390)) is NextStep.SAVE
    assert weighing.readings == [9120, 9080]
    assert weighing.grams == 9100
    assert weighing.uncertainty == 41
    assert weighing.kinds == [Load.ADULT, Load.TOGETHER] * 2


def test_differences_that_disagree_need_a_third_pair():
    weighing = Weighing(Way.IN_ARMS)
    assert take_in_arms(weighing, (52_300, 61_420), (52_300, 61_700)) is NextStep.LIFT
    assert take_in_arms(weighing, (52_300, 61_690)) is NextStep.SAVE
    assert weighing.grams == 9395


def test_an_adult_without_the_child_is_no_child():
    weighing = Weighing(Way.IN_ARMS)
    weighing.take(reading(52_300))
    with pytest.raises(NoChildInArms):
        weighing.take(reading(52_350))
    assert weighing.take(reading(61_420)) is NextStep.LIFT


def test_the_adult_may_step_off_to_fetch_the_child():
    weighing = Weighing(Way.IN_ARMS)
    weighing.take(reading(52_300))
    weighing.saw_empty()
    assert weighing.take(reading(61_420)) is NextStep.LIFT
    assert weighing.readings == [9120]


def test_a_weight_typed_in_takes_the_readings_place():
    weighing = Weighing(Way.IN_ARMS)
    take_in_arms(weighing, (52_300, 61_420))
    weighing.type_in(Grams(9000), "scale_broken")
    assert (weighing.grams, weighing.loads, weighing.uncertainty) == (9000, [], None)
    weighing.restart()
    assert weighing.grams is None


@given(st.integers(30_000, 120_000), st.integers(1500, 25_000), st.integers(-100, 100))
def test_in_arms_the_adults_own_weight_never_matters(alone, child, slack):
    weighing = Weighing(Way.IN_ARMS)
    take_in_arms(weighing, (alone, alone + child), (alone + 700, alone + 700 + child + slack))
    assert weighing.grams is not None
    assert abs(weighing.grams - child) <= 50
