"""Is it still the face the challenge began with? Compared every few pictures, and at once when there is doubt."""

from __future__ import annotations

import numpy as np

from edge.face.liveness_moves import Limits

EVERY = 4
"""Pictures from one comparison to the next: one embedding costs as much as all other steps together."""


class Identity:
    """The face of the straight look, and how near every later one came to it."""

    def __init__(self, face: np.ndarray, limits: Limits, threshold: float) -> None:
        """`face` is the glance at the straight look, `threshold` that of the model which made it."""
        self._face, self._limits, self._threshold = face, limits, threshold
        self._since = 0
        self._misses = 0
        self.least: float | None = None
        """Lowest cosine so far"""

    def due(self) -> bool:
        """Ask once a picture: should this one be compared?"""
        self._since += 1
        return self._since >= EVERY or self._misses > 0

    @property
    def another(self) -> bool:
        """Two comparisons in a row failed: one may be a smear of motion, two are somebody else."""
        return self._misses > 1

    def doubt(self) -> None:
        """The face was out of sight: compare the next picture."""
        self._since = EVERY

    def see(self, face: np.ndarray, yaw: float) -> bool:
        """Compare a glance at a head turned by `yaw` degrees."""
        score = cosine(self._face, face)
        self._since = 0
        self.least = score if self.least is None else min(self.least, score)
        same = score >= self._least_at(yaw)
        self._misses = 0 if same else self._misses + 1
        return same

    def same(self, face: np.ndarray) -> bool:
        """Whether a template, or a glance, of a straight look is this face; leaves no trace."""
        return cosine(self._face, face[: len(self._face)]) >= self._least_at(0.0)

    def _least_at(self, yaw: float) -> float:
        """The limit falls from straight to turned."""
        turned = min(1.0, abs(yaw) / self._limits.turn)
        share = self._limits.same + turned * (self._limits.same_turned - self._limits.same)
        return share * self._threshold


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Of two glances of one model, whatever their lengths."""
    return float(one @ other) / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9)
