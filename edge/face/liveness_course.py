"""A challenge once it has begun: each picture is measured against the straight look, then judged."""

from __future__ import annotations

import math
import random

import numpy as np

from edge.face.flags import Flags
from edge.face.hints import Hint
from edge.face.liveness_identity import Identity
from edge.face.liveness_look import Look, look
from edge.face.liveness_moves import Limits, Move, Script, Seen, Why
from edge.face.liveness_relief import Relief
from edge.face.liveness_straight import Base
from models.face.pipeline import FacePipeline

FRESH_S = 0.4
"""The straight look that a turn's relief is measured from is no older, while she still looks straight"""


class Course:
    """The moves of one challenge, from the first one asked to the end."""

    def __init__(
        self, pipeline: FacePipeline, base: Base, moves: tuple[Move, ...], limits: Limits, rng: random.Random
    ) -> None:
        """Begins with the straight look `base`."""
        self._pipeline, self._base, self._limits = pipeline, base, limits
        self._began = self._seen_at = self._alone_at = base.look.at
        self._box = base.look.face.detection.box
        self._relief = _relief(base.look)
        self._relief_at = base.look.at
        self._why: Why | None = None
        self.script = Script(moves, limits, rng, base.look.at)
        self.identity = Identity(base.identity, limits, pipeline.threshold)

    @property
    def why(self) -> Why | None:
        """What made it fail."""
        return self._why or self.script.why

    @property
    def passed(self) -> bool:
        """Every move is done, by one face."""
        return self._why is None and self.script.passed

    def seconds(self, at: float) -> float:
        """Since the first move was asked."""
        return at - self._began

    def take(self, rgb: np.ndarray, at: float, flags: Flags) -> Hint | None:
        """Judge one picture and say what to change."""
        seen = look(self._pipeline, rgb, at, self._box)
        if seen is None:
            return self._lost(at)
        if seen.beside < self._limits.beside:
            self._alone_at = at
        elif at - self._alone_at > self._limits.lost_s:
            self._why = "several_faces"
            return Hint.SEVERAL_FACES
        if at - self._seen_at > self._limits.lost_s:
            self.identity.doubt()  # nobody looked for a while: somebody else may stand there now
        self._seen_at, self._box = at, seen.face.detection.box
        measured = self._measure(seen, flags)
        if not self._same(seen, measured):
            return Hint.ANOTHER_FACE
        self.script.take(measured)
        if self.script.passed and not self._compare(seen, measured):
            self._why = "another_face"
        elif abs(measured.yaw) <= self._limits.straight:
            flags.look(rgb, seen.face, at)
        return self._advice(measured)

    def _lost(self, at: float) -> Hint:
        """The face is out of sight; whoever appears next is compared at once."""
        self.identity.doubt()
        if at - self._seen_at > self._limits.lost_s:
            self._why = "face_lost"
        elif self.script.remaining(at) <= 0:
            self._why = "timeout"
        return Hint.NO_FACE

    def _measure(self, seen: Look, flags: Flags) -> Seen:
        """The picture against the straight look; a turn with the relief it shows."""
        base, yaw, depth = self._base, seen.yaw - self._base.yaw, None
        self._relief.follow(seen.grey)
        if abs(yaw) >= self._limits.turn:
            depth = self._relief.depth(math.radians(yaw))
            flags.relief(depth, self._limits.relief)
        elif abs(yaw) < self._limits.straight / 2 and seen.at - self._relief_at > FRESH_S:
            self._relief, self._relief_at = _relief(seen), seen.at
        return Seen(
            at=seen.at,
            yaw=yaw,
            pitch=seen.pitch - base.pitch,
            lids=(seen.lids.left / base.lids.left, seen.lids.right / base.lids.right),
            relief=depth,
        )

    def _same(self, seen: Look, measured: Seen) -> bool:
        """Compare now and then, and always where a turn is judged. A picture that differs counts for nothing."""
        turned = abs(measured.yaw) >= self._limits.turn
        judged = turned and self.script.move in {Move.TURN_LEFT, Move.TURN_RIGHT}
        if not self.identity.due() and not judged:
            return True
        same = self._compare(seen, measured)
        if self.identity.another:
            self._why = "another_face"
        return same

    def _compare(self, seen: Look, measured: Seen) -> bool:
        return self.identity.see(self._pipeline.glance(seen.face), measured.yaw)

    def _advice(self, measured: Seen) -> Hint | None:
        if self.script.almost:
            return Hint.TURN_MORE
        away = self.script.move is None and abs(measured.yaw) > self._limits.straight
        return Hint.TURNED if away else None


def _relief(seen: Look) -> Relief:
    return Relief(seen.grey, seen.face.mesh, seen.face.detection.width)
