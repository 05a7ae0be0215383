"""What is held up to the camera shows a face that would match, and does only what such a thing can do."""

from collections.abc import Callable

import numpy as np
import pytest

from hardware.synthetic_face.attacks import RECORDED, RECORDED_EVERY_S, SUBJECTS
from hardware.synthetic_face.head import SyntheticHead

SIZE = (640, 480)
Heads = dict[str, SyntheticHead]


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
@pytest.mark.parametrize("kind", SUBJECTS)
def test_each_of_them_shows_the_persons_face_at_any_time(
    kind: str, name: str, heads: Heads, photographs: dict[str, np.ndarray], look: Callable
):
    subject, herself = SUBJECTS[kind](heads[name], 3), look(photographs[name])
    for at in np.arange(0, 9, 1.5):
        seen = look(subject.picture(at, SIZE))
        assert seen is not None
        assert float(seen.template @ herself.template) > 0.7


@pytest.mark.parametrize("kind", ["live", "print", "screen", "flat"])
def test_asked_to_turn_only_a_head_turns(kind: str, heads: Heads, look: Callable):
    subject = SUBJECTS[kind](heads["astronaut"], 3)
    turns = []
    for prompt, at in (("turn_left", 10.0), ("turn_right", 12.0)):
        subject.hear(prompt, at)
        turns.append(look(subject.picture(at + 1.2, SIZE)).mesh.turn())
    if kind == "live":
        assert turns[0] > 0.5
        assert turns[1] < -0.5
    else:
        assert max(map(abs, turns)) < 0.4


@pytest.mark.parametrize("kind", ["print", "screen", "flat"])
def test_a_photograph_does_not_blink(kind: str, heads: Heads, look: Callable):
    subject = SUBJECTS[kind](heads["astronaut"], 3)
    subject.hear("blink", 10.0)
    openings = [look(subject.picture(at, SIZE)).lids.wider for at in np.arange(10.3, 12.3, 0.1)]
    assert min(openings) > 0.8 * max(openings)


def test_a_replay_goes_on_in_its_own_order_whatever_is_asked(heads: Heads, look: Callable):
    subject = SUBJECTS["replay"](heads["astronaut"], 3)
    subject.picture(100.0, SIZE)
    turns = {}
    for number, prompt in enumerate(RECORDED[:2]):
        at = 100.0 + number * RECORDED_EVERY_S
        subject.hear("blink", at)
        turns[prompt] = look(subject.picture(at + 1.5, SIZE)).mesh.turn()
    assert turns["turn_left"] > 0.5
    assert turns["turn_right"] < -0.5


@pytest.mark.parametrize("kind", SUBJECTS)
def test_no_two_moments_are_the_same_picture(kind: str, heads: Heads):
    subject = SUBJECTS[kind](heads["astronaut"], 3)
    pictures = {subject.picture(at, SIZE).tobytes() for at in np.arange(0, 1, 0.1)}
    assert len(pictures) == 10
