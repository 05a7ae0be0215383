"""Figures of a few people are not shown, nor can they be worked out from those that are."""

from hypothesis import given
from hypothesis import strategies as st

from server.verification.small_cells import FEWEST, hidden


def groups(*sizes: int) -> dict[int, set[str]]:
    """Groups of so many people each, nobody in two."""
    return {n: {f"{n}-{m}" for m in range(size)} for n, size in enumerate(sizes)}


def test_group_of_fewer_than_five_is_hidden_and_the_smallest_other_with_it():
    assert hidden(groups(3, 40, 20)) == {0, 2}


def test_groups_of_five_and_more_are_shown():
    assert hidden(groups(5, 6, 40)) == frozenset()


def test_group_of_nobody_neither_hides_nor_is_hidden():
    assert hidden(groups(0, 8)) == frozenset()
    assert hidden(groups(0, 3, 8)) == {1, 2}


def test_two_small_groups_that_are_few_together_take_another_with_them():
    assert hidden(groups(1, 2, 30)) == {0, 1, 2}
    assert hidden(groups(2, 3, 30)) == {0, 1}


def test_people_in_two_groups_count_once():
    both = {"a", "b", "c"}
    assert hidden({"dim": both, "dark": both, "good": {str(n) for n in range(9)}}) == {"dim", "dark", "good"}


@given(sizes=st.lists(st.integers(0, 12), max_size=8))
def test_whole_less_what_is_shown_is_never_of_one_group_or_of_few_people(sizes: list[int]):
    parts = groups(*sizes)
    gone = hidden(parts)
    assert all(len(parts[n]) > 0 for n in gone)
    assert all(n in gone for n, people in parts.items() if 0 < len(people) < FEWEST)
    together = sum(len(parts[n]) for n in gone)
    everybody = sum(sizes)
    if gone and together != everybody:
        assert len(gone) >= 2
        assert together >= FEWEST
    if gone and together == everybody:
        assert gone == {n for n, people in parts.items() if people}  # the whole is all that could be shown
