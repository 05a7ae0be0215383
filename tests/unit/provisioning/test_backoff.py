"""Rests between tries: they grow, they are spread, they end, and a connection that worked forgets them."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.backoff import STABLE_S, BackOff


def longest(low: float, high: float) -> float:
    assert low == 0.0
    return high


def test_the_longest_rest_doubles_up_to_the_bound():
    backoff = BackOff(4.0, 100.0, longest)
    assert [backoff.after(0.0) for _ in range(7)] == [4, 8, 16, 32, 64, 100, 100]


def test_a_connection_that_stood_starts_the_rests_anew_and_one_that_fell_at_once_does_not():
    backoff = BackOff(4.0, 100.0, longest)
    assert [backoff.after(lived) for lived in (0.0, STABLE_S - 1, STABLE_S, 0.0)] == [4, 8, 4, 8]


@given(st.floats(0.01, 60), st.floats(0.01, 600), st.lists(st.floats(0, 1000), max_size=60))
def test_no_rest_is_negative_or_beyond_the_bound(first_s: float, longest_s: float, lives: list[float]):
    backoff = BackOff(first_s, longest_s)
    assert all(0 <= backoff.after(lived) <= longest_s for lived in lives)


def test_kiosks_that_lost_the_broker_together_do_not_come_back_together():
    first = sorted(BackOff(4.0, 120.0).after(3600.0) for _ in range(4000))
    busiest = max(sum(start <= rest < start + 0.1 for rest in first) for start in (n / 10 for n in range(40)))
    assert busiest < 200  # of 4,000: 100 on average
