"""The rules of a challenge, without pictures: which move is asked now, and does what is seen answer it?

    script = Script((Move.TURN_RIGHT, Move.BLINK), limits, rng)
    script.take(seen)           # of every picture: angles against her own straight look, lids against her own open eyes
    script.move, script.why, script.passed

After each move she looks straight again, and the next one is asked after a pause of random length. A head that turns
the other way, or turns unasked, or before anybody could have heard the question, ends the challenge: that is how a
recording goes on by itself. Blinking unasked ends nothing, for everybody does.
"""

from __future__ import annotations

import random
import statistics
from enum import StrEnum
from typing import Literal

import msgspec

Why = Literal["timeout", "wrong_move", "another_face", "flat", "face_lost", "several_faces"]


class Move(StrEnum):
    """What is asked. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    BLINK = "blink"


class Limits(msgspec.Struct, frozen=True):
    """What a challenge asks for. Where the figures come from: docs/liveness.md."""

    moves: int = 2
    seconds: float = 12.0
    """From the first move asked to the last one done"""
    settle_s: float = 10.0
    """To find one face that looks straight, before anything is asked"""
    turn: float = 18.0
    """Degrees that are a turn, against her own straight look"""
    straight: float = 9.0
    """Degrees that still are straight"""
    soonest_s: float = 0.2
    """No person answers sooner"""
    pause_s: tuple[float, float] = (0.3, 1.0)
    """Looking straight before the next move is asked: shortest and longest"""
    closed: float = 0.65
    """Share of her own opening below which an eye is closed"""
    reopened: float = 0.8
    blink_s: tuple[float, float] = (0.1, 0.8)
    """Shortest and longest blink that is one"""
    relief: float = 0.3
    """Share of a head's relief that a turn must show"""
    same: float = 1.1
    """Least score against the face of the straight look, while looking straight, in thresholds of the pipeline"""
    same_turned: float = 0.75
    """The same at `turn` degrees and beyond"""
    lost_s: float = 1.0
    """The face may be out of sight so long"""
    beside: float = 0.8
    """Another face of this share of her width makes it unclear who is asked, if it stays `lost_s`"""


class Seen(msgspec.Struct, frozen=True):
    """One picture, against the straight look the challenge began with."""

    at: float
    yaw: float
    pitch: float
    """Degrees; yaw is positive to the person's own left"""
    lids: tuple[float, float]
    """Opening of the two eyes, 1 is as open as at the beginning"""
    relief: float | None = None
    """1 is a head's, 0 a sheet's; None if it could not be told"""


class Blink:
    """Finds one blink: both lids fall and open again, in a blink's time, while the head is still."""

    MOST_TURN = 12.0
    """Degrees of yaw or pitch beyond which lids say nothing"""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open_at: float | None = None
        self._closed: tuple[float, float] | None = None

    def take(self, seen: Seen) -> bool:
        """True on the picture that ends a blink."""
        if max(abs(seen.yaw), abs(seen.pitch)) > self.MOST_TURN:
            self._open_at = self._closed = None
            return False
        if max(seen.lids) < self._limits.closed:
            self._closed = (self._closed[0] if self._closed else seen.at, seen.at)
            return False
        if min(seen.lids) < self._limits.reopened:
            return False
        opened, closed, self._open_at, self._closed = self._open_at, self._closed, seen.at, None
        if opened is None or closed is None:
            return False
        shortest, longest = self._limits.blink_s
        return seen.at - opened >= shortest and closed[1] - closed[0] <= longest


class Script:
    """One challenge's moves in their order. `why` ends it as failed, `passed` as passed."""

    JUDGED = 3
    """Turned pictures whose median relief decides; below the limit it takes `SURELY_FLAT` of them"""
    SURELY_FLAT = 6

    def __init__(self, moves: tuple[Move, ...], limits: Limits, rng: random.Random, at: float) -> None:
        """Begins at the time `at`, the person looking straight."""
        self._moves, self._limits, self._rng = moves, limits, rng
        self._began = at
        self.why: Why | None = None
        self.steps_done = 0
        self.move: Move | None = None
        self.almost = False
        """She turns the right way, but not far enough yet"""
        self._side = 0.0
        self._ask_at: float | None = None
        self._ask(at)

    @property
    def passed(self) -> bool:
        """Every move is done."""
        return self.why is None and self.steps_done == len(self._moves)

    @property
    def over(self) -> bool:
        """Passed or failed."""
        return self.passed or self.why is not None

    def remaining(self, at: float) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._began + self._limits.seconds - at)

    def take(self, seen: Seen) -> None:
        """Judge one picture."""
        if self.over:
            return
        if self.remaining(seen.at) <= 0:
            self.why = "flat" if self._flat_so_far() else "timeout"
        elif self.move is None:
            self._between(seen)
        elif self.move is Move.BLINK:
            self._blinking(seen)
        else:
            self._turning(seen, 1.0 if self.move is Move.TURN_LEFT else -1.0)

    def _ask(self, at: float) -> None:
        self.move = self._moves[self.steps_done]
        self._asked_at = at
        self._blink = Blink(self._limits)
        self._reliefs: list[float] = []

    def _done(self) -> None:
        self._side = 0.0 if self.move is Move.BLINK else (1.0 if self.move is Move.TURN_LEFT else -1.0)
        self.steps_done += 1
        self.move, self.almost = None, False
        self._returned, self._ask_at = False, None

    def _between(self, seen: Seen) -> None:
        """She looks straight again; whoever turns elsewhere was not asked to."""
        turned = abs(seen.yaw) >= self._limits.turn
        on_the_way_back = not self._returned and seen.yaw * self._side > 0
        if turned and not on_the_way_back:
            self.why = "wrong_move"
        elif abs(seen.yaw) > self._limits.straight:
            self._ask_at = None
        elif self._ask_at is None:
            self._returned = True
            self._ask_at = seen.at + self._rng.uniform(*self._limits.pause_s)
        elif seen.at >= self._ask_at:
            self._ask(seen.at)

    def _turning(self, seen: Seen, side: float) -> None:
        towards = side * seen.yaw
        self.almost = self._limits.straight < towards < self._limits.turn
        if towards <= -self._limits.turn:
            self.why = "wrong_move"
        elif towards >= self._limits.turn:
            if seen.at - self._asked_at < self._limits.soonest_s:
                self.why = "wrong_move"
                return
            if seen.relief is not None:
                self._reliefs.append(seen.relief)
            if len(self._reliefs) >= self.JUDGED and not self._flat_so_far():
                self._done()
            elif len(self._reliefs) >= self.SURELY_FLAT:
                self.why = "flat"

    def _blinking(self, seen: Seen) -> None:
        if abs(seen.yaw) >= self._limits.turn:
            self.why = "wrong_move"
        elif self._blink.take(seen) and seen.at - self._asked_at >= self._limits.soonest_s:
            self._done()

    def _flat_so_far(self) -> bool:
        return bool(self._reliefs) and statistics.median(self._reliefs) < self._limits.relief


def random_moves(count: int, rng: random.Random) -> tuple[Move, ...]:
    """`count` different moves in random order; every order is equally likely."""
    return tuple(rng.sample(list(Move), count))
