"""What a challenge begins with: a few pictures of one face looking straight, eyes open, nearly still."""

from __future__ import annotations

import msgspec
import numpy as np

from edge.face.engine import FaceEngine
from edge.face.hints import Hint
from edge.face.liveness_identity import cosine
from edge.face.liveness_look import Look, look
from edge.face.liveness_moves import Limits
from models.face.eyelids import Eyelids

PICTURES = 3
LEAST_S = 0.2
"""From the first of them to the last"""
MOST_YAW = 15.0
"""Degrees beside which a head does not look straight"""
STILL = 5.0
"""Degrees the yaw may differ among them"""
OPEN = 0.1
"""Opening that eyes have at least, as a share of their width: of 250 photographs of LFW one had less"""


class Base(msgspec.Struct, frozen=True, eq=False):
    """The person's own straight look."""

    look: Look
    yaw: float
    pitch: float
    lids: Eyelids
    identity: np.ndarray

    def __repr__(self) -> str:
        """Without the face."""
        return f"Base(yaw={self.yaw:.0f}, pitch={self.pitch:.0f})"


class Straight:
    """Collects pictures until they make a straight look."""

    def __init__(self, engine: FaceEngine, limits: Limits) -> None:
        self._engine, self._limits = engine, limits
        self._looks: list[tuple[Look, np.ndarray]] = []
        self.base: Base | None = None

    def take(self, rgb: np.ndarray, at: float) -> Hint | None:
        """Judge one picture; a bad one starts the collection again and says what to change."""
        finding = self._engine.analyse(rgb)
        seen = look(self._engine.pipeline, rgb, at) if finding.template is not None else None
        if seen is None:
            return self._again(finding.hint or Hint.NO_FACE)
        if abs(seen.yaw) > MOST_YAW:
            return self._again(Hint.TURNED)
        if min(seen.lids.left, seen.lids.right) < OPEN:
            return self._again(None)
        face = self._engine.pipeline.glance(seen.face)
        least = self._limits.same * self._engine.pipeline.threshold
        if self._looks and cosine(self._looks[-1][1], face) < least:
            return self._again(Hint.ANOTHER_FACE)
        self._looks.append((seen, face))
        self._looks = [one for one in self._looks if abs(one[0].yaw - seen.yaw) <= STILL]
        if len(self._looks) >= PICTURES and at - self._looks[0][0].at >= LEAST_S:
            self._finish()
        return None

    def _again(self, hint: Hint | None) -> Hint | None:
        self._looks.clear()
        return hint

    def _finish(self) -> None:
        looks = [seen for seen, _ in self._looks]

        def middle(values: list[float]) -> float:
            return float(np.median(values))

        self.base = Base(
            look=looks[-1],
            yaw=middle([seen.yaw for seen in looks]),
            pitch=middle([seen.pitch for seen in looks]),
            lids=Eyelids(
                middle([seen.lids.left for seen in looks]), middle([seen.lids.right for seen in looks])
            ),
            identity=np.mean([face for _, face in self._looks], axis=0),
        )
