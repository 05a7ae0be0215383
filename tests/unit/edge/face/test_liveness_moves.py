"""The rules of a challenge, told in angles and lids alone."""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.face.liveness_moves import Blink, Limits, Move, Script, Seen, random_moves

LIMITS = Limits()
TICK = 0.1
OPEN, SHUT = (1.0, 1.0), (0.2, 0.2)
LEFT, RIGHT, BLINK = Move.TURN_LEFT, Move.TURN_RIGHT, Move.BLINK

Answer = Callable[[Move | None, float], tuple[float, tuple[float, float], float | None]]
"""What a person does (yaw, lids, relief), told the move and for how many seconds it has been asked."""


def obedient(move: Move | None, since: float) -> tuple[float, tuple[float, float], float | None]:
    """Half a second after the question she turns, or shuts her eyes for 0.3 s."""
    if since < 0.5 or move is None:
        return 0.0, OPEN, None
    if move is BLINK:
        return 0.0, SHUT if since < 0.8 else OPEN, None
    yaw = min(25.0, 60.0 * (since - 0.4))
    return (yaw if move is LEFT else -yaw), OPEN, 0.9 if yaw >= LIMITS.turn else None


def play(moves: tuple[Move, ...], answer: Answer, seconds: float = 14.0, tick: float = TICK) -> Script:
    """The script after somebody answered in her way."""
    script = Script(moves, LIMITS, random.Random(1), 0.0)
    asked, since = script.move, 0.0
    for number in range(1, round(seconds / tick)):
        at = number * tick
        if script.move is not asked:
            asked, since = script.move, at
        yaw, lids, relief = answer(asked, at - since)
        script.take(Seen(at, yaw, 0.0, lids, relief))
    return script


@pytest.mark.parametrize("moves", [(a, b) for a in Move for b in Move if a is not b])
@pytest.mark.parametrize("tick", [1 / 15, 0.1, 0.2])
def test_whoever_does_what_she_is_asked_passes_in_every_order(moves: tuple[Move, ...], tick: float):
    script = play(moves, obedient, tick=tick)
    assert (script.passed, script.why, script.steps_done) == (True, None, 2)


@pytest.mark.parametrize("moves", [(LEFT, BLINK), (BLINK, RIGHT)])
def test_whoever_does_nothing_runs_out_of_time(moves: tuple[Move, ...]):
    assert play(moves, lambda *_: (0.0, OPEN, None)).why == "timeout"


def test_a_turn_to_the_other_side_ends_it():
    script = play((LEFT, BLINK), lambda move, since: obedient(RIGHT if move else None, since))
    assert (script.why, script.steps_done) == ("wrong_move", 0)


def test_a_turn_where_a_blink_was_asked_ends_it():
    script = play((BLINK, LEFT), lambda move, since: obedient(LEFT if move else None, since))
    assert script.why == "wrong_move"


def test_a_turn_before_anybody_could_have_heard_the_question_ends_it():
    script = play((LEFT, BLINK), lambda *_: (25.0, OPEN, 0.9))
    assert script.why == "wrong_move"


def test_a_recording_that_goes_on_by_itself_ends_it():
    def recording(move: Move | None, since: float):
        return obedient(move, since) if move else obedient(RIGHT, since + 0.5)

    script = play((LEFT, BLINK), recording)
    assert (script.why, script.steps_done) == ("wrong_move", 1)


def test_a_head_may_take_its_time_to_come_back():
    def slow(move: Move | None, since: float):
        return (max(0.0, 25.0 - 15.0 * since), OPEN, None) if move is None else obedient(move, since)

    assert play((LEFT, BLINK), slow).passed


def test_blinking_unasked_ends_nothing():
    def blinking(move: Move | None, since: float):
        yaw, lids, relief = obedient(move, since)
        return yaw, SHUT if since < 0.2 else lids, relief

    assert play((LEFT, RIGHT), blinking).passed


def test_a_turn_without_relief_is_flat():
    def sheet(move: Move | None, since: float):
        yaw, lids, relief = obedient(move, since)
        return yaw, lids, None if relief is None else 0.1

    assert play((LEFT, BLINK), sheet).why == "flat"


def test_a_turn_whose_relief_cannot_be_told_does_not_count():
    script = play((LEFT, BLINK), lambda move, since: (*obedient(move, since)[:2], None))
    assert (script.why, script.steps_done) == ("timeout", 0)


def test_half_a_turn_is_told_from_none():
    script = Script((LEFT, BLINK), LIMITS, random.Random(1), 0.0)
    script.take(Seen(0.5, 12.0, 0.0, OPEN))
    assert script.almost
    script.take(Seen(0.6, 2.0, 0.0, OPEN))
    assert not script.almost


@pytest.mark.parametrize(
    ("shut_for", "counts"), [(0.1, True), (0.3, True), (0.7, True), (1.2, False), (3.0, False)]
)
def test_a_blink_has_a_blinks_length(shut_for: float, counts: bool):
    blink = Blink(LIMITS)
    ended = False
    for number in range(60):
        at = number * 0.05
        ended |= blink.take(Seen(at, 0.0, 0.0, SHUT if 0.5 <= at < 0.5 + shut_for else OPEN))
    assert ended is counts


@pytest.mark.parametrize("shut", [(0.2, 1.0), (0.7, 0.7)], ids=["one eye alone", "narrowed"])
def test_a_wink_and_a_squint_are_no_blink(shut: tuple[float, float]):
    blink = Blink(LIMITS)
    assert not any(
        blink.take(Seen(number * 0.05, 0.0, 0.0, shut if 10 <= number < 15 else OPEN)) for number in range(40)
    )


def test_lids_of_a_head_that_turns_or_nods_say_nothing():
    for yaw, pitch in ((20.0, 0.0), (0.0, 20.0)):
        blink = Blink(LIMITS)
        assert not any(
            blink.take(Seen(number * 0.05, yaw, pitch, SHUT if 10 <= number < 15 else OPEN))
            for number in range(40)
        )


def test_every_order_of_two_moves_is_drawn_about_equally_often():
    rng = random.Random(5)
    drawn = Counter(random_moves(2, rng) for _ in range(6000))
    assert len(drawn) == 6
    assert all(850 < times < 1150 for times in drawn.values())


@given(
    st.permutations(list(Move)),
    st.lists(
        st.tuples(st.floats(-60, 60), st.floats(-40, 40), st.floats(0, 1.5), st.none() | st.floats(-2, 2)),
        max_size=150,
    ),
)
def test_whatever_is_seen_a_challenge_ends_in_time_and_never_both_ways(order: list[Move], shown: list[tuple]):
    script = Script(tuple(order[:2]), LIMITS, random.Random(2), 0.0)
    for number, (yaw, pitch, lids, relief) in enumerate([*shown, *[(0.0, 0.0, 1.0, None)] * 150], 1):
        script.take(Seen(number * 0.1, yaw, pitch, (lids, lids), relief))
    assert script.over
    assert not (script.passed and script.why)
    assert script.remaining(99.0) == 0.0
