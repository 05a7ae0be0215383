"""Somebody who does what she is asked passes; pictures of her, and other people, do not. All clips are synthetic."""

import random

import numpy as np
import pytest

from edge.face.engine import FaceEngine
from edge.face.hints import Hint
from edge.face.liveness import Challenge, Limits, Liveness, Move
from hardware.synthetic_face.attacks import Flat, Print, Replay, Screen, Subject
from hardware.synthetic_face.head import Pose, SyntheticHead
from models import manifest, timing
from models.fetch import fetch
from models.settings import settings
from tests.liveness.clips import SIZE, Bent, Frozen, Person, Swapped, shown_to

LEFT, RIGHT, BLINK = Move.TURN_LEFT, Move.TURN_RIGHT, Move.BLINK
FPS = 6.0

Heads = dict[str, SyntheticHead]


@pytest.fixture(scope="module")
def heads(engine: FaceEngine) -> Heads:
    """The two public-domain portraits in the round."""
    folder = settings().faces_dir
    fetch(folder, manifest.read().face)
    files = {"collins": "astronaut.png", "hopper": "grace_hopper.jpg"}
    return {
        name: SyntheticHead.of(timing.portrait(folder, file), engine.pipeline) for name, file in files.items()
    }


def challenge(engine: FaceEngine, *moves: Move, seed: int = 1, limits: Limits = Limits()) -> Challenge:  # noqa: B008
    return Challenge(engine, moves=moves or None, rng=random.Random(seed), limits=limits)


def tried(engine: FaceEngine, clip: Subject, *moves: Move, seed: int = 1) -> Liveness:
    return shown_to(challenge(engine, *moves, seed=seed), clip, seed, FPS)


@pytest.mark.parametrize(
    ("who", "moves", "seed"),
    [
        ("collins", (LEFT, BLINK), 1),
        ("collins", (RIGHT, LEFT), 2),
        ("hopper", (BLINK, RIGHT), 3),
        ("hopper", (LEFT, RIGHT), 4),
    ],
)
def test_a_person_who_does_what_she_is_asked_passes(
    engine: FaceEngine, heads: Heads, who: str, moves: tuple[Move, ...], seed: int
):
    result = tried(engine, Person(heads[who], seed), *moves, seed=seed)
    assert (result.passed, result.why, result.moves) == (True, None, moves)
    assert 1.0 < result.seconds < 8.0
    assert not {"flat", "frozen", "moire"} & set(result.flags)
    assert result.least_identity is not None
    assert result.least_identity > 0.6


@pytest.mark.parametrize("attack", [Print, Screen, Flat])
def test_a_picture_of_her_that_is_held_up_or_turned_by_hand_runs_out_of_time(
    engine: FaceEngine, heads: Heads, attack: type[Print | Screen | Flat]
):
    asked = challenge(engine, LEFT, BLINK, limits=Limits(seconds=3.0))
    result = shown_to(asked, attack(heads["hopper"], 1), 1, FPS)
    assert (result.passed, result.why) == (False, "timeout")
    assert result.seconds == pytest.approx(3.0, abs=0.2)


def test_a_bent_picture_that_the_landmarks_take_for_a_turned_head_is_flat(engine: FaceEngine, heads: Heads):
    asked = challenge(engine, RIGHT, LEFT, limits=Limits(seconds=4.0))
    result = shown_to(asked, Bent(heads["collins"], 2), 2, FPS)
    assert (result.passed, result.why) == (False, "flat")
    assert "flat" in result.flags


def test_a_recording_in_another_order_makes_a_wrong_move(engine: FaceEngine, heads: Heads):
    result = tried(engine, Replay(heads["hopper"], 1), RIGHT, BLINK)
    assert (result.passed, result.why) == (False, "wrong_move")


def test_two_people_swapped_midway_are_another_face(engine: FaceEngine, heads: Heads):
    clip = Swapped(Person(heads["collins"], 1), Person(heads["hopper"], 1), lambda prompt, _: prompt == RIGHT)
    result = tried(engine, clip, BLINK, RIGHT)
    assert (result.why, result.passed) == ("another_face", False)


def test_the_face_that_was_challenged_is_the_only_one_that_may_be_compared(engine: FaceEngine, heads: Heads):
    clip = Person(heads["collins"], 1)
    asked = challenge(engine, BLINK, LEFT)
    assert shown_to(asked, clip, 1, FPS).passed
    hers = engine.analyse(clip.picture(30.0, SIZE)).template
    other = engine.analyse(heads["hopper"].render(Pose(), SIZE)).template
    assert hers is not None
    assert other is not None
    assert asked.holds(hers)
    assert not asked.holds(other)
    assert not challenge(engine).holds(hers)


def test_a_picture_that_stands_still_to_the_last_bit_fails_and_is_flagged(engine: FaceEngine, heads: Heads):
    clip = Frozen(Person(heads["hopper"], 1), after=1.0)
    result = shown_to(challenge(engine, LEFT, BLINK, limits=Limits(seconds=2.0)), clip, 1, FPS, sensor=False)
    assert (result.why, "frozen" in result.flags) == ("timeout", True)


def test_a_face_that_leaves_ends_the_challenge(engine: FaceEngine, heads: Heads):
    class Gone(Person):
        def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
            return super().picture(at, size) if at < 1.0 else np.full((SIZE[1], SIZE[0], 3), 170, np.uint8)

    assert tried(engine, Gone(heads["hopper"], 1), LEFT, BLINK).why == "face_lost"


def test_a_second_face_as_large_ends_the_challenge_once_it_stays(engine: FaceEngine, heads: Heads):
    class Crowd(Person):
        def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
            hers = heads["hopper"].render(self.pose(at), size)
            if at > 1.0:
                hers[:, 400:] = hers[:, 200:440]
            return hers

    assert tried(engine, Crowd(heads["hopper"], 1), LEFT, BLINK).why == "several_faces"


def test_nobody_in_sight_is_told_so_and_ends_after_the_time_to_settle(engine: FaceEngine):
    empty = np.full((SIZE[1], SIZE[0], 3), 170, np.uint8)
    asked = challenge(engine)
    first, last = asked.take(empty, 0.0), asked.take(empty, 10.5)
    assert (first.hint, first.move, first.done) == (Hint.NO_FACE, None, False)
    assert (last.done, last.why, last.hint) == (True, "face_lost", None)
    assert asked.result().seconds == 0.0


def test_a_picture_older_than_the_last_one_is_passed_over(engine: FaceEngine, heads: Heads):
    asked = challenge(engine, LEFT, BLINK)
    straight = heads["hopper"].render(Pose(), SIZE)
    for number in range(3):
        asked.take(straight, number * 0.2)
    step = asked.take(straight, 0.1)
    assert (step.move, step.remaining_s, step.steps_done, step.steps) == (LEFT, 12.0, 0, 2)


def test_the_steps_tell_what_is_asked_and_what_to_change(engine: FaceEngine, heads: Heads):
    asked, at, hints = challenge(engine, RIGHT, BLINK), 0.0, []
    for yaw in (0, 0, 0, 0, 0, 0, -14, -20, -30, -30, -30, -30, -20, 0, 0):
        at += 0.15
        step = asked.take(heads["collins"].render(Pose(yaw_deg=yaw), SIZE), at)
        hints.append((step.move, step.hint))
    assert (RIGHT, None) in hints
    assert (RIGHT, Hint.TURN_MORE) in hints
    assert (None, Hint.TURNED) in hints
    assert asked.result().why is None


def test_moves_are_drawn_by_lot_unless_they_are_given(engine: FaceEngine):
    drawn = {Challenge(engine, rng=random.Random(seed)).result().moves for seed in range(40)}
    assert len(drawn) == 6
    assert Challenge(engine, moves=(BLINK,)).result().moves == (BLINK,)
