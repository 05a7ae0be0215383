"""A simulated person does what she hears, when a person would."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.synthetic_face.acting import HOLD_S, REACTION_S, SWAY, TURN_S, YAW_DEG, Actor

FPS = 30
PROMPTS = st.sampled_from(sorted(YAW_DEG))


def _yaws(actor: Actor, start: float, end: float) -> np.ndarray:
    return np.array([actor.pose(at).yaw_deg for at in np.arange(start, end, 1 / FPS)])


def _blinks(actor: Actor, start: float, end: float) -> list[float]:
    """How long each was, in seconds, with the lids less than half open."""
    shut = [actor.pose(at).lids < 0.5 for at in np.arange(start, end, 1 / 100)]
    edges = np.flatnonzero(np.diff(np.array([False, *shut, False]).astype(int)))
    return [float(stop - begin) / 100 for begin, stop in edges.reshape(-1, 2)]


@pytest.mark.parametrize("prompt", ["turn_left", "turn_right", "slightly_left", "slightly_right"])
def test_a_turn_begins_after_the_reaction_time_is_held_and_ends_in_the_middle(prompt: str):
    actor = Actor(1)
    actor.hear(prompt, 10.0)
    there = 10 + REACTION_S + TURN_S
    assert np.abs(_yaws(actor, 10.0, 10 + REACTION_S)).max() <= SWAY[0]
    assert np.abs(_yaws(actor, there, there + HOLD_S) - YAW_DEG[prompt]).max() <= SWAY[0]
    assert np.abs(_yaws(actor, there + HOLD_S + TURN_S, 20)).max() <= SWAY[0]


def test_left_is_her_own_left():
    assert YAW_DEG["turn_left"] > 0 > YAW_DEG["turn_right"]


def test_a_turn_asked_for_again_and_again_is_kept():
    actor = Actor(1)
    for step in range(20):
        actor.hear("turn_left", 10 + step * 0.25)
    assert _yaws(actor, 11.1, 15).min() > YAW_DEG["turn_left"] - SWAY[0] - 0.1


def test_asked_to_turn_the_other_way_she_goes_straight_there():
    actor = Actor(1)
    actor.hear("turn_left", 10)
    actor.hear("turn_right", 11.5)
    assert np.abs(_yaws(actor, 12.5, 13.5) - YAW_DEG["turn_right"]).max() <= SWAY[0]


def test_told_to_blink_she_blinks_twice_however_often_she_is_told():
    quiet, told = Actor(6), Actor(6)
    for step in range(8):
        told.hear("blink", 10 + step * 0.1)
    assert len(_blinks(told, 10.2, 12.2)) >= 2 + len(_blinks(quiet, 10.2, 12.2)) - 1
    assert len(_blinks(told, 12.2, 30)) == len(_blinks(quiet, 12.2, 30))


def test_blinks_come_by_themselves_and_last_as_blinks_do():
    lengths = _blinks(Actor(2), 0, 60)
    assert 6 < len(lengths) < 24
    assert all(0.05 < length < 0.25 for length in lengths)


def test_what_she_does_not_know_is_an_error():
    with pytest.raises(KeyError):
        Actor(1).hear("jump", 0.0)


@settings(max_examples=20)
@given(st.lists(st.tuples(PROMPTS, st.floats(0.01, 3.0)), max_size=10), st.integers(0, 50))
def test_no_words_make_her_head_jump(heard: list[tuple[str, float]], seed: int):
    actor, now, yaws = Actor(seed), 0.0, []
    for prompt, wait in heard:
        actor.hear(prompt, now)
        yaws.extend(_yaws(actor, now, now + wait - 1e-9))
        now += int(np.ceil(wait * FPS - 1e-6)) / FPS
    yaws.extend(_yaws(actor, now, now + 4))
    fastest = 1.9 * 60 / TURN_S / FPS + 1.0
    assert np.abs(np.diff(yaws)).max() < fastest
