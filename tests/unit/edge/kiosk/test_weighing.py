"""The rule of two readings, at the scale."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import Grams
from anganwadi.weighing import AGREEMENT
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
        values = sorted(each.grams for each in weighing.readings)
        agreeing = [(a, b) for a, b in pairwise(values) if b - a <= AGREEMENT]
        assert any(a <= weighing.grams <= b for a, b in agreeing)
    assert len(weighing.readings) <= 3
