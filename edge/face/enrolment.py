"""Three good, different pictures of one person become her template.

    enrolment = Enrolment(engine)
    while not enrolment.done:
        frame = camera.frame(after=sequence)
        step = enrolment.take(frame.rgb, frame.at)
    template = enrolment.template()

Pictures must lie `SPACING_S` apart, so that three of them are three looks; and each must show the face the first one
showed, so that two people cannot be enrolled as one.
"""

from __future__ import annotations

import msgspec
import numpy as np

from edge.face.engine import FaceEngine, FaceFinding
from edge.face.hints import Hint
from edge.face.matching import DEFAULT_THRESHOLD
from edge.face.template import FRAMES, FaceTemplate

SPACING_S = 0.35
SAME_PICTURE = 1.0 - 1e-6
"""A cosine as near to one as this is the same picture again."""


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

    def __init__(self, engine: FaceEngine, threshold: float = DEFAULT_THRESHOLD) -> None:
        self._engine = engine
        self._threshold = threshold
        self._taken: list[np.ndarray] = []
        self._last_at = float("-inf")

    @property
    def done(self) -> bool:
        """Three pictures are taken."""
        return len(self._taken) >= FRAMES

    def take(self, rgb: np.ndarray, at: float) -> Step:
        """Look at one picture (H x W x 3 uint8 RGB) taken at the monotonic time `at`, and keep what is needed of it."""
        if self.done or at - self._last_at < SPACING_S:
            return Step(False, len(self._taken))
        finding = self._engine.analyse(rgb)
        if finding.template is None:
            return Step(False, len(self._taken), finding, finding.hint)
        scores = [float(earlier @ finding.template) for earlier in self._taken]
        if any(score >= SAME_PICTURE for score in scores):
            return Step(False, len(self._taken), finding)
        if any(score < self._threshold for score in scores):
            return Step(False, len(self._taken), finding, Hint.ANOTHER_FACE)
        self._taken.append(finding.template)
        self._last_at = at
        return Step(True, len(self._taken), finding)

    def template(self) -> FaceTemplate:
        """The finished template.

        Raises:
            EnrolmentError: fewer than three pictures are taken.
        """
        if not self.done:
            raise EnrolmentError(f"{len(self._taken)} of {FRAMES} pictures are taken")
        return FaceTemplate.of(self._engine.model, self._taken)
