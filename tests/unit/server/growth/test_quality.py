"""How well it was measured: last digits, implausible and confirmed values, spread."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.growth.quality import (
    Digits,
    Quality,
    digits,
    dissimilarity,
    dissimilarity_by_chance,
    expected_spreads,
)
from server.growth.shares import Share
from tests.unit.server.growth.test_prevalence import made
from tests.unit.server.web_district import TODAY, WebDistrict

COUNTS = st.lists(st.integers(0, 500), min_size=10, max_size=10).filter(any).map(tuple)


def of(web: WebDistrict) -> Quality:
    return made(web).quality


def test_index_is_nought_where_all_digits_come_alike_and_ninety_where_one_is_read():
    assert dissimilarity((7,) * 10) == 0
    assert dissimilarity((0, 0, 0, 0, 0, 80, 0, 0, 0, 0)) == pytest.approx(90)
    assert dissimilarity((50, 0, 0, 0, 0, 50, 0, 0, 0, 0)) == pytest.approx(80)


@given(counts=COUNTS)
def test_index_is_the_share_of_values_that_would_have_to_move(counts):
    total = sum(counts)
    above = sum(max(0.0, count - total / 10) for count in counts)
    assert dissimilarity(counts) == pytest.approx(100 * above / total)
    assert dissimilarity(counts) == pytest.approx(dissimilarity(tuple(reversed(counts))))


@pytest.mark.parametrize("values", [50, 400, 5_000])
def test_chance_makes_about_what_is_said_beside_the_index(values):
    chance = np.random.default_rng(7)
    drawn = [
        dissimilarity(tuple(np.bincount(chance.integers(0, 10, values), minlength=10).tolist()))
        for _ in range(300)
    ]
    assert dissimilarity_by_chance(values) == pytest.approx(np.mean(drawn), rel=0.05)


def test_few_values_have_no_index_and_beyond_the_sector_no_counts():
    few = np.array([0, 5, 5])
    assert digits(few, hide=False) == Digits((1, 0, 0, 0, 0, 2, 0, 0, 0, 0), None, None)
    assert digits(few, hide=True) == Digits(None, None, None)


def test_digits_are_of_the_hundred_grams_the_millimetre_and_the_centimetre(web, nursery):
    child = nursery.child("c")
    nursery.weigh(child, grams=9_370)
    nursery.measure(child, length=804, muac=141)
    found = of(web)
    read = {name: getattr(found, name).counts.index(1) for name in ("weight", "length", "length_cm", "muac")}
    assert read == {"weight": 3, "length": 4, "length_cm": 0, "muac": 1}


def test_how_values_came_about_is_told_of_those_it_can_be_told_of(web, nursery):
    for n, child in enumerate(nursery.children(12)):
        by_hand = n < 3
        nursery.weigh(
            child,
            source="manual" if by_hand else "scale",
            way="in_arms" if n == 5 else "alone",
            spread=None if by_hand else 120 if n == 7 else 100,
            confirmed=n == 8,
        )
    nursery.measure("c-0", length=800, confirmed=True)
    found = of(web)
    assert (found.by_hand, found.in_arms, found.differed) == (Share(3, 12), Share(1, 9), Share(1, 9))
    assert (found.confirmed_weights, found.confirmed_lengths) == (Share(1, 12), Share(1, 1))
    assert found.without_length == Share(11, 12)


def test_spread_is_of_plausible_scores_below_five_years(web, nursery):
    for n, child in enumerate(nursery.children(10)):
        nursery.weigh(child, waz=-2.0 if n % 2 else 0.0)
    nursery.weigh(nursery.child("wrong"), None, waz=-6.5, flagged=True)
    nursery.weigh(nursery.child("five", days=1900), waz=4.9)
    waz = of(web).spreads["waz"]
    assert waz.implausible == Share(1, 11)
    assert waz.deviation == 1.05
    assert of(web).spreads["haz"].deviation is None


def test_implausible_length_is_counted_by_its_index(web, nursery):
    nursery.measure(nursery.child("c"), length=990, haz=6.4, whz=-1.0, wasting="NORMAL", flagged=("haz",))
    found = of(web).spreads
    assert (found["haz"].implausible, found["whz"].implausible) == (Share(1, 1), Share(0, 1))


def test_value_of_another_month_is_not_counted(web, nursery):
    nursery.weigh(nursery.child("c"), day=TODAY - timedelta(days=31))
    assert of(web).weight.values == 0


def test_expected_spread_of_every_score_names_its_source():
    assert expected_spreads() == {"waz": (1.0, 1.2), "haz": (1.1, 1.3), "whz": (0.85, 1.1)}
