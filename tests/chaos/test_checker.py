"""The checker finds what is wrong, and only that: a run it calls good is worth something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.checker import NOTHING, Stored, judge
from tests.chaos.ledger import Entry, Ledger, NotAsAsked, read


def log(*tokens: str) -> list[Stored]:
    return [Stored(number, 10 + number, token) for number, token in enumerate(tokens, start=1)]


def accepted(*tokens: str) -> Entry:
    return Entry(tokens, accepted=True)


def unanswered(*tokens: str) -> Entry:
    return Entry(tokens, accepted=False)


def faults(ledger: list[Entry], stored: list[Stored]) -> tuple[int, int, int]:
    verdict = judge(ledger, stored)
    return verdict.lost, verdict.doubled, verdict.out_of_order


LEDGER = [accepted("a"), accepted("b", "c"), unanswered("d"), accepted("a"), unanswered("e", "f")]


@pytest.mark.parametrize(
    "stored", ["abca", "abcda", "abcaef", "abcdaef"], ids=["neither", "the first", "the second", "both"]
)
def test_unanswered_request_may_be_stored_or_not(stored):
    assert judge(LEDGER, log(*stored)).good


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ("abc", (1, 0, 0)),
        ("", (4, 0, 0)),
        ("abcaa", (0, 1, 0)),
        ("abcddaef", (0, 1, 0)),
        ("abcax", (0, 1, 0)),
        ("abca", (0, 0, 0)),
    ],
)
def test_lost_and_doubled_events_are_counted(stored, found):
    assert faults(LEDGER, log(*stored)) == found


@pytest.mark.parametrize("stored", ["acba", "aabc", "abcae"])
def test_other_order_or_half_a_request_is_out_of_order(stored):
    lost, doubled, out_of_order = faults(LEDGER, log(*stored))
    assert (lost, doubled) == (0, 0)
    assert out_of_order > 0


def test_hole_in_the_sequences_is_a_loss():
    assert faults([accepted("a"), accepted("b")], [Stored(1, 1, "a"), Stored(3, 2, "b")])[0] == 1


def test_event_that_arrived_before_its_forerunner_is_out_of_order():
    assert faults([accepted("a"), accepted("b")], [Stored(1, 9, "a"), Stored(2, 8, "b")]) == (0, 0, 1)


@given(st.lists(st.tuples(st.text("ab", min_size=1, max_size=3), st.booleans(), st.booleans()), max_size=12))
def test_whatever_a_kiosk_may_have_stored_is_called_good(requests):
    ledger = [Entry(tuple(tokens), answered) for tokens, answered, _ in requests]
    stored = "".join(tokens for tokens, answered, kept in requests if answered or kept)
    assert judge(ledger, log(*stored)).good


@given(st.text("abc", min_size=2, max_size=12), st.data())
def test_any_accepted_event_left_out_is_noticed(tokens, data):
    left_out = data.draw(st.integers(0, len(tokens) - 1))
    verdict = judge([accepted(token) for token in tokens], log(*(tokens[:left_out] + tokens[left_out + 1 :])))
    assert verdict.lost == 1


def test_verdicts_of_several_kiosks_add_up():
    one = judge(LEDGER, log(*"abca"))
    both = NOTHING + one + one
    assert (both.captured, both.stored, both.unanswered, both.good) == (8, 8, 4, True)


def test_ledger_keeps_what_it_was_told_and_refuses_what_was_not_asked(tmp_path):
    book = Ledger(tmp_path / "book")
    book.accept(("weighed:p:9000", "weighed:q:8000"), "weighed=2")
    book.leave_open(("meal_served:HCM:3",))
    with pytest.raises(NotAsAsked):
        book.accept(("weighed:p:9000",), "weighed=2")
    book.close()
    assert book.accepted == 2
    assert read(tmp_path / "book") == [
        accepted("weighed:p:9000", "weighed:q:8000"),
        unanswered("meal_served:HCM:3"),
    ]


def test_care_that_a_weight_calls_for_may_follow_it_even_unanswered():
    ledger = [unanswered("weighed:p:9000")]
    for stored in (log(), log("weighed:p:9000"), log("weighed:p:9000", "care_decided")):
        assert faults(ledger, stored) == (0, 0, 0)
    assert faults(ledger, log("care_decided")) != (0, 0, 0)
