"""Three good pictures of one person, in three poses, become her template.

    enrolment = Enrolment(engine)
    while not enrolment.done:
        ...                                           # say enrolment.asking: straight, slightly_left, slightly_right
        step = enrolment.take(frame.rgb, frame.at)
    template = enrolment.template()

Three looks straight ahead are little more than one; turned a little to either side, the face is known as the camera
will see it on other days. Turns are measured against her own straight look, since no camera hangs quite straight.
Each picture must show the face of those before, so that two people cannot be enrolled as one.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from edge.face.engine import FaceEngine, FaceFinding
from edge.face.hints import Hint
from edge.face.template import FRAMES, FaceTemplate

Pose = Literal["straight", "slightly_left", "slightly_right"]
POSES: tuple[Pose, Pose, Pose] = ("straight", "slightly_left", "slightly_right")
"""In this order. Left and right are the person's own."""

SPACING_S = 0.35
"""Between two pictures that are taken."""
STRAIGHT = 15.0
"""Degrees of yaw that still are straight before the camera."""
LEAST_TURN, MOST_TURN = 5.0, 22.0
"""Degrees from her own straight look that are a small turn."""


class EnrolmentError(Exception):
    """The template was asked for before three pictures were taken."""


class Step(msgspec.Struct, frozen=True):
    """What one picture did for the enrolment."""

    taken: bool
    count: int
    """Pictures taken so far, of `FRAMES`"""
    finding: FaceFinding | None = None
    """None if the picture came too soon after the last one to be looked at"""
    hint: Hint | None = None


class Enrolment:
    """One person's enrolment, from first picture to template. Used by one thread at a time."""

    def __init__(self, engine: FaceEngine, threshold: float | None = None) -> None:
        """`threshold` is the cosine that two of her pictures have at least; None is the model's own."""
        self._engine = engine
        self._threshold = engine.threshold if threshold is None else threshold
        self._taken: list[np.ndarray] = []
        self._straight = 0.0
        self._last_at = float("-inf")

    @property
    def done(self) -> bool:
        """Three pictures are taken."""
        return len(self._taken) >= FRAMES

    @property
    def asking(self) -> Pose | None:
        """The pose that is to be asked for now; None when done."""
        return None if self.done else POSES[len(self._taken)]

    def take(self, rgb: np.ndarray, at: float) -> Step:
        """Look at one picture (H x W x 3 uint8 RGB) taken at the monotonic time `at`, and keep what is needed of it."""
        if self.done or at - self._last_at < SPACING_S:
            return Step(False, len(self._taken))
        finding = self._engine.look(rgb)
        if finding.quality is None or not finding.usable:
            too_far = finding.hint is Hint.TURNED and self.asking != "straight"
            return Step(False, len(self._taken), finding, Hint.TURN_LESS if too_far else finding.hint)
        yaw = finding.quality.yaw
        if hint := self._pose(yaw):
            return Step(False, len(self._taken), finding, hint)
        finding = self._engine.embedded(finding)
        if finding.template is None:
            return Step(False, len(self._taken), finding, finding.hint)
        if any(self._cosine(earlier, finding.template) < self._threshold for earlier in self._taken):
            return Step(False, len(self._taken), finding, Hint.ANOTHER_FACE)
        if not self._taken:
            self._straight = yaw
        self._taken.append(finding.template)
        self._last_at = at
        return Step(True, len(self._taken), finding)

    def template(self) -> FaceTemplate:
        """The finished template, not turned by any rotation.

        Raises:
            EnrolmentError: fewer than three pictures are taken.
        """
        if not self.done:
            raise EnrolmentError(f"{len(self._taken)} of {FRAMES} pictures are taken")
        return FaceTemplate.of(self._engine.model, self._taken, self._engine.parts)

    def _pose(self, yaw: float) -> Hint | None:
        """What is wrong with how the head is held for the pose that is asked for."""
        if self.asking == "straight":
            return Hint.TURNED if abs(yaw) > STRAIGHT else None
        turned = (yaw - self._straight) * (1.0 if self.asking == "slightly_left" else -1.0)
        if turned < LEAST_TURN:
            return Hint.TURN_MORE
        return Hint.TURN_LESS if turned > MOST_TURN else None

    def _cosine(self, one: np.ndarray, other: np.ndarray) -> float:
        """Of the first parts: their scale is the threshold's."""
        part = self._engine.parts[0]
        return float(one[:part] @ other[:part])
