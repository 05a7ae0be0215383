"""A person before a camera: stands, sways, blinks, and does what she hears, as people do it.

She begins 0.4 s after she hears something, takes 0.6 s for a turn, keeps it while she is asked for it and a moment
longer, and comes back to the middle. Told to blink, she blinks, and once more. Times are seconds on the caller's clock.
"""

from __future__ import annotations

import msgspec
import numpy as np

from hardware.synthetic_face.head import Pose

REACTION_S = 0.4
TURN_S = 0.6
HOLD_S = 1.6
"""How long a turn is kept after it was last asked for."""
ASKED_BLINK_S = 0.4
"""A deliberate blink is slower than one of itself."""
BLINK_S = (0.15, 0.22)
BLINK_EVERY_S = (2.8, 6.0)
BLINK_AGAIN_S = 1.1
"""Between the blinks of somebody told to blink."""
YAW_DEG = {
    "turn_left": 30.0,
    "turn_right": -30.0,
    "slightly_left": 12.0,
    "slightly_right": -12.0,
    "straight": 0.0,
    "blink": 0.0,
}
"""What she can hear, and where she then looks; left and right are her own."""
SWAY_HZ = (0.13, 0.29, 0.47)
SWAY = (2.5, 2.0, 2.0, 0.03, 0.02, 0.02)
"""Of yaw, pitch and roll in degrees, x and y in face widths, near as a factor."""


class Glide(msgspec.Struct, frozen=True):
    """One turn of the head."""

    start: float
    yaw_from: float
    yaw_to: float

    def at(self, now: float) -> float:
        """Where the head is, in degrees: begins and ends at rest."""
        share = float(np.clip((now - self.start) / TURN_S, 0, 1))
        return self.yaw_from + (self.yaw_to - self.yaw_from) * share**3 * (10 - 15 * share + 6 * share**2)


class Actor:
    """One person's motion, the same for the same seed and the same words at the same times."""

    def __init__(self, seed: int) -> None:
        generator = np.random.default_rng([seed, 3])
        self._phase = generator.uniform(0, 2 * np.pi, (len(SWAY), len(SWAY_HZ)))
        self._weight = generator.dirichlet(np.ones(len(SWAY_HZ)) * 3, len(SWAY))
        gaps = generator.uniform(*BLINK_EVERY_S, 16)
        self._blinks, self._round = gaps.cumsum() - gaps[0] * 0.5, float(gaps.sum())
        self._blink_s = generator.uniform(*BLINK_S, 16)
        self._glides = [Glide(-np.inf, 0.0, 0.0)]
        self._asked_blinks: list[float] = []
        self._heard, self._heard_at = "straight", -np.inf

    def hear(self, prompt: str, at: float) -> None:
        """Be told something, once or again and again.

        Raises:
            KeyError: it is nothing of `YAW_DEG`.
        """
        target = YAW_DEG[prompt]
        begin = at + REACTION_S
        begun = sum(glide.start <= at for glide in self._glides)
        del self._glides[: begun - 1]
        again = prompt == self._heard and at - self._heard_at < HOLD_S
        if not again:
            self._turn(begin, target)
            self._asked_blinks = [blink for blink in self._asked_blinks if blink < at]
        if target:
            if self._glides[-1].yaw_to == 0 and self._glides[-1].start > at:
                self._glides.pop()  # the way back, which comes later now
            self._glides.append(Glide(begin + TURN_S + HOLD_S, target, 0.0))
        if prompt == "blink" and (not self._asked_blinks or self._asked_blinks[-1] < at):
            first = begin + (TURN_S if abs(self._yaw(begin)) > 5 else 0.0)
            self._asked_blinks += [first, first + BLINK_AGAIN_S]
        self._heard, self._heard_at = prompt, at

    def pose(self, at: float) -> Pose:
        """How the head is held at this time; to be asked in the order of time."""
        angles = 2 * np.pi * at * np.array(SWAY_HZ) + self._phase
        yaw, pitch, roll, x, y, near = (np.sin(angles) * self._weight).sum(axis=1) * SWAY
        return Pose(
            yaw_deg=float(yaw) + self._yaw(at),
            pitch_deg=float(pitch),
            roll_deg=float(roll),
            lids=self._lids(at),
            x=float(x),
            y=float(y),
            near=1.0 + float(near),
        )

    def _turn(self, begin: float, target: float) -> None:
        """From where the head will be at `begin`, dropping what was to come later."""
        yaw = self._yaw(begin)
        self._glides = [glide for glide in self._glides if glide.start < begin]
        self._glides.append(Glide(begin, yaw, target))

    def _yaw(self, at: float) -> float:
        begun = [glide for glide in self._glides if glide.start <= at]
        return (begun[-1] if begun else self._glides[0]).at(at)

    def _lids(self, at: float) -> float:
        own = ((start, length) for start, length in zip(self._blinks, self._blink_s, strict=True))
        lids = min(_lid(at % self._round - start, length) for start, length in own)
        return min([lids, *(_lid(at - start, ASKED_BLINK_S) for start in self._asked_blinks)])


def _lid(since: float, length: float) -> float:
    """How open the lids are, this long into a blink of that length: down fast, shut for half of it, up."""
    if not 0 <= since <= length:
        return 1.0
    share = since / length
    return float(np.clip(max(1 - share / 0.2, (share - 0.7) / 0.3), 0, 1))
