"""Is the picture good enough to be compared? A bad one gets a hint, never a score.

Where the limits come from: below 15 % of the picture's width the detector still answers, but with a box too rough
for the landmarks (one portrait fell from 0.97 to 0.39 there). Brightness is that of the face: the same portraits still
score 0.9 at a mean of 20 levels, and the limit is no higher, so that dark skin in shade is not refused for itself.
LFW's photographs (71 to 191 levels, sharpness 25 up) lie well inside. False refusals must be watched in the field.
"""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

from edge.face.hints import Hint
from models.face.detect import Detection
from models.face.pipeline import Face

INNER = (slice(20, 105), slice(18, 94))
"""The face without hair and background, in the 112 px aligned crop."""


class Limits(msgspec.Struct, frozen=True):
    """What a picture must keep to. Brightness and contrast are in levels of 255, width is a share of the picture's
    longer side, turn runs from -1 to 1."""

    darkest: float = 20.0
    brightest: float = 232.0
    least_contrast: float = 9.0
    least_width: float = 0.15
    most_turn: float = 0.55
    least_sharpness: float = 12.0
    """Variance of the Laplacian of the aligned crop"""
    beside: float = 0.6
    """A second face of at least this share of the first one's width makes it unclear who is meant"""
    outside: float = 0.06
    """Share of the face box that may lie beyond the picture's edge"""


class Quality(msgspec.Struct, frozen=True):
    """What was measured on a face, in the units of `Limits`, but the width in pixels."""

    width: float
    brightness: float
    contrast: float
    sharpness: float
    turn: float


def quality(face: Face) -> Quality:
    """Measure one face."""
    grey = cv2.cvtColor(face.crop, cv2.COLOR_RGB2GRAY)
    inner = grey[INNER]
    return Quality(
        width=face.detection.width,
        brightness=float(inner.mean()),
        contrast=float(inner.std()),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        turn=face.mesh.turn(),
    )


def missing_hint(rgb: np.ndarray, limits: Limits) -> Hint:
    """Why no face was found: it may be there in the dark."""
    return Hint.TOO_DARK if float(rgb.mean()) < limits.darkest else Hint.NO_FACE


def placing_hint(
    detections: list[Detection], main: Detection, shape: tuple[int, ...], limits: Limits
) -> Hint | None:
    """What is wrong with where the faces are."""
    others = [face for face in detections if face is not main]
    if any(face.width >= limits.beside * main.width for face in others):
        return Hint.SEVERAL_FACES
    if main.width < limits.least_width * max(shape[:2]):
        return Hint.TOO_FAR
    low = np.maximum(main.box[:2], 0)
    high = np.minimum(main.box[2:], [shape[1], shape[0]])
    inside = float(np.clip(high - low, 0, None).prod()) / max(main.area, 1e-6)
    return Hint.OFF_CENTRE if inside < 1 - limits.outside else None


def picture_hint(measured: Quality, limits: Limits) -> Hint | None:
    """What is wrong with how the face looks."""
    if measured.brightness < limits.darkest:
        return Hint.TOO_DARK
    if measured.brightness > limits.brightest:
        return Hint.TOO_BRIGHT
    if abs(measured.turn) > limits.most_turn:
        return Hint.TURNED
    if measured.sharpness < limits.least_sharpness or measured.contrast < limits.least_contrast:
        return Hint.BLURRED
    return None
