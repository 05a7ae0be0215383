"""Is somebody there who does what she is asked? Two of three moves in random order, against the clock.

    challenge = Challenge(engine)
    while not (step := challenge.take(frame.rgb, frame.at)).done:
        ...                                   # ask for step.move; None: look straight
    challenge.result()                        # passed, moves, seconds, flags: what is recorded; no picture

It begins with a straight look (`liveness_straight`). Each picture after it is measured (`liveness_look`), judged by the
rules of the moves (`liveness_moves`), a turn by the relief it shows (`liveness_relief`), and compared with the face of
the beginning (`liveness_identity`); `liveness_course` holds these together. What looks odd besides is a flag (`flags`),
never a verdict. What this stops and what not: docs/liveness.md. It chooses the evidence, never who eats.
"""

from __future__ import annotations

import random

import msgspec
import numpy as np

from edge.face.engine import FaceEngine
from edge.face.flags import Flags
from edge.face.hints import Hint
from edge.face.liveness_course import Course
from edge.face.liveness_moves import Limits, Move, Why, random_moves
from edge.face.liveness_straight import Straight

__all__ = ["Challenge", "ChallengeStep", "Limits", "Liveness", "Move", "Why"]


class ChallengeStep(msgspec.Struct, frozen=True):
    """Where a challenge stands after a picture."""

    move: Move | None
    """What is asked now; None: look straight"""
    done: bool
    passed: bool
    why: Why | None
    """Of a failed challenge"""
    hint: Hint | None
    remaining_s: float
    steps_done: int
    steps: int


class Liveness(msgspec.Struct, frozen=True):
    """What is recorded of a challenge."""

    passed: bool
    moves: tuple[Move, ...]
    """Asked, in their order"""
    seconds: float
    """From the first move asked to the end; 0 if none was asked"""
    flags: tuple[str, ...]
    least_identity: float | None
    """Lowest cosine with the face of the beginning; None if it was never compared"""
    why: Why | None


class Challenge:
    """One challenge, from first picture to result. Used by one thread at a time."""

    def __init__(
        self,
        engine: FaceEngine,
        *,
        moves: tuple[Move, ...] | None = None,
        rng: random.Random | None = None,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
    ) -> None:
        """`moves` are drawn by lot unless they are given."""
        self._engine, self._limits = engine, limits
        self._rng = rng or random.SystemRandom()
        self._moves = moves or random_moves(limits.moves, self._rng)
        self._straight = Straight(engine, limits)
        self._flags = Flags()
        self._course: Course | None = None
        self._unsettled: Why | None = None
        self._first: float | None = None
        self._last = float("-inf")

    def take(self, rgb: np.ndarray, at: float) -> ChallengeStep:
        """Look at one picture (H x W x 3 uint8 RGB) taken at the monotonic time `at`; older ones are passed over."""
        if self._why or self._passed or at <= self._last:
            return self._step(None)
        self._last = at
        self._flags.frozen(rgb)
        return self._step(self._course.take(rgb, at, self._flags) if self._course else self._settle(rgb, at))

    def result(self) -> Liveness:
        """What came of it so far; complete once a step was `done`."""
        course = self._course
        return Liveness(
            passed=self._passed,
            moves=self._moves,
            seconds=course.seconds(self._last) if course else 0.0,
            flags=self._flags.result(),
            least_identity=course.identity.least if course else None,
            why=self._why,
        )

    def holds(self, face: np.ndarray) -> bool:
        """Whether this template, not rotated, shows the face that was challenged: it must be hers that is compared."""
        return self._course is not None and self._course.identity.same(face)

    @property
    def _why(self) -> Why | None:
        return self._course.why if self._course else self._unsettled

    @property
    def _passed(self) -> bool:
        return self._course is not None and self._course.passed

    def _step(self, hint: Hint | None) -> ChallengeStep:
        done = self._passed or self._why is not None
        script = self._course.script if self._course else None
        return ChallengeStep(
            move=script.move if script and not done else None,
            done=done,
            passed=self._passed,
            why=self._why,
            hint=None if done else hint,
            remaining_s=script.remaining(self._last) if script else self._limits.seconds,
            steps_done=script.steps_done if script else 0,
            steps=len(self._moves),
        )

    def _settle(self, rgb: np.ndarray, at: float) -> Hint | None:
        """Before the first move: one face, looking straight, eyes open, for a few pictures."""
        self._first = at if self._first is None else self._first
        hint = self._straight.take(rgb, at)
        base = self._straight.base
        if base is not None:
            self._flags.look(rgb, base.look.face, at)
            self._course = Course(self._engine.pipeline, base, self._moves, self._limits, self._rng)
        elif at - self._first > self._limits.settle_s:
            self._unsettled = _unsettled(hint)
        return hint


def _unsettled(hint: Hint | None) -> Why:
    """Why nothing could be asked."""
    if hint is Hint.SEVERAL_FACES:
        return "several_faces"
    return "face_lost" if hint in {Hint.NO_FACE, Hint.TOO_DARK} else "timeout"
