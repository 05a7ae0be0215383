"""So many of so many children: when it is a percentage, when it is hidden."""

from hypothesis import given
from hypothesis import strategies as st

from server.growth.shares import FEWEST_FOR_PERCENT, HIDDEN, Counted, Share, covered, parts, plain, whole
from server.verification.small_cells import FEWEST

COUNTED = st.integers(0, 60).flatmap(lambda of: st.integers(0, of).map(lambda n: Counted(n, of)))
GROUPS = st.dictionaries(st.sampled_from("abcdefg"), COUNTED, min_size=1)


def test_share_of_fewer_than_ten_children_is_no_percentage():
    assert plain(Counted(3, 9)).percent is None
    assert plain(Counted(3, 10)).percent == 30.0
    assert plain(Counted(0, 0)).percent is None


def test_one_to_four_cases_are_told_as_that_and_none_as_none():
    assert whole(Counted(3, 80), hide=True) == Share(None, 80, few=True)
    assert whole(Counted(0, 80), hide=True) == Share(0, 80)
    assert whole(Counted(2, 4), hide=True) == HIDDEN


def test_cases_that_would_give_the_few_away_are_hidden_with_them():
    assert parts({"girls": Counted(2, 40), "boys": Counted(9, 40)}, hide=True) == {
        "girls": Share(None, 40, few=True),
        "boys": Share(None, 40),
    }


def test_measuring_tells_nothing_of_health_and_hides_by_the_children_alone():
    assert covered({"a": Counted(2, 40), "b": Counted(30, 30)}, hide=True)["a"] == Share(2, 40)
    assert covered({"a": Counted(2, 4), "b": Counted(30, 30)}, hide=True) == {"a": HIDDEN, "b": HIDDEN}


@given(groups=GROUPS)
def test_nobody_within_her_own_sector_has_anything_hidden_from_her(groups):
    assert parts(groups, hide=False) == {key: plain(counted) for key, counted in groups.items()}


@given(groups=GROUPS)
def test_no_number_of_one_to_four_is_shown_to_others(groups):
    for share in parts(groups, hide=True).values():
        assert share.n is None or not 0 < share.n < FEWEST
        assert share.of is None or not 0 < share.of < FEWEST
        if share.percent is not None:
            assert share.of is not None
            assert share.of >= FEWEST_FOR_PERCENT
            assert 0 <= share.percent <= 100


@given(groups=GROUPS)
def test_whole_less_what_is_shown_is_never_one_to_four(groups):
    shares = parts(groups, hide=True)
    for number in ("n", "of"):
        total = sum(getattr(counted, number) for counted in groups.values())
        shown = sum(getattr(share, number) or 0 for share in shares.values())
        assert shown == 0 or not 0 < total - shown < FEWEST
