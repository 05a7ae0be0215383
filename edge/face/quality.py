"""Is the picture good enough to be compared? A bad one gets one hint, the most useful first, and never a score.

Where the limits come from: below 15 % of the picture's width the detector still answers, but with a box too rough
for the landmarks (one portrait fell from 0.97 to 0.39 there). Brightness is that of the face: the same portraits still
score 0.9 at a mean of 20 levels, and the limit is no higher, so that dark skin in shade is not refused for itself.
LFW's photographs (71 to 191 levels, sharpness 25 up) lie well inside. False refusals must be watched in the field.
"""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

from anganwadi.verification import Light
from edge.face.headpose import angles
from edge.face.hints import Hint
from edge.face.light import behind, light_on
from edge.face.occlusion import covered
from models.face.detect import Detection
from models.face.pipeline import Face

INNER = (slice(20, 105), slice(18, 94))
"""The face without hair and background, in the 112 px aligned crop."""


class Limits(msgspec.Struct, frozen=True):
    """What a picture must keep to. Brightness and contrast are in levels of 255, width is a share of the picture's
    longer side, turn runs from -1 to 1, yaw and pitch are in degrees."""

    darkest: float = 20.0
    brightest: float = 232.0
    least_contrast: float = 9.0
    least_width: float = 0.15
    most_turn: float = 0.55
    most_yaw: float = 35.0
    most_pitch: float = 35.0
    most_covered: float = 0.9
    least_sharpness: float = 12.0
    """Variance of the Laplacian of the aligned crop"""
    beside: float = 0.6
    """A second face of at least this share of the first one's width makes it unclear who is meant ..."""
    in_arms: float = 0.85
    """... but below this share it is a child's in the arms, if it is lower"""
    outside: float = 0.06
    """Share of the face box that may lie beyond the picture's edge"""


class Quality(msgspec.Struct, frozen=True):
    """What was measured on a face, in the units of `Limits`, but the width in pixels."""

    width: float
    brightness: float
    contrast: float
    sharpness: float
    turn: float
    yaw: float = 0.0
    """Positive to the person's own left"""
    pitch: float = 0.0
    """Positive downwards"""
    covered: float = 0.0
    """0 to 1: how sure it is that something is before the face"""
    light: Light = Light.NORMAL

    def rank(self) -> float:
        """0 to 1, to choose among usable pictures of one moment: large, sharp, straight, uncovered, evenly lit."""
        size = min(1.0, self.width / 160.0)
        sharp = min(1.0, self.sharpness / 150.0)
        straight = max(0.0, 1.0 - np.hypot(self.yaw, self.pitch) / 60.0)
        lit = 1.0 if self.light in {Light.NORMAL, Light.BRIGHT} else 0.8
        return float(size * (0.3 + 0.7 * sharp) * straight * (1.0 - 0.5 * self.covered) * lit)


def quality(face: Face, rgb: np.ndarray) -> Quality:
    """Measure one face of a picture."""
    grey = cv2.cvtColor(face.crop, cv2.COLOR_RGB2GRAY)
    inner = grey[INNER]
    brightness = float(inner.mean())
    yaw, pitch = angles(face.mesh)
    return Quality(
        width=face.detection.width,
        brightness=brightness,
        contrast=float(inner.std()),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        turn=face.mesh.turn(),
        yaw=yaw,
        pitch=pitch,
        covered=covered(face),
        light=light_on(brightness, behind(rgb, face.detection)),
    )


def missing_hint(rgb: np.ndarray, limits: Limits) -> Hint:
    """Why no face was found: it may be there in the dark."""
    return Hint.TOO_DARK if is_dark(rgb, limits) else Hint.NO_FACE


def is_dark(rgb: np.ndarray, limits: Limits) -> bool:
    """Whether the whole picture is too dark: nothing else that is wrong with it can then be trusted."""
    return float(rgb.mean()) < limits.darkest


def placing_hint(
    detections: list[Detection], main: Detection, shape: tuple[int, ...], limits: Limits
) -> Hint | None:
    """What is wrong with where the faces are."""
    others = [face for face in detections if face is not main]
    if any(_rivals(face, main, limits) for face in others):
        return Hint.SEVERAL_FACES
    if main.width < limits.least_width * max(shape[:2]):
        return Hint.TOO_FAR
    low = np.maximum(main.box[:2], 0)
    high = np.minimum(main.box[2:], [shape[1], shape[0]])
    inside = float(np.clip(high - low, 0, None).prod()) / max(main.area, 1e-6)
    return Hint.OFF_CENTRE if inside < 1 - limits.outside else None


def _rivals(other: Detection, main: Detection, limits: Limits) -> bool:
    """Whether another face may be the one that is meant: about as large, and no child's in the arms."""
    if other.width < limits.beside * main.width:
        return False
    lower = float(other.box[1] + other.box[3]) / 2 > float(main.box[3]) - 0.25 * main.width
    return not (lower and other.width < limits.in_arms * main.width)


def picture_hint(measured: Quality, limits: Limits) -> Hint | None:
    """What is wrong with how the face looks."""
    if measured.brightness < limits.darkest:
        return Hint.BACKLIT if measured.light is Light.BACKLIT else Hint.TOO_DARK
    if measured.brightness > limits.brightest:
        return Hint.TOO_BRIGHT
    turned = abs(measured.turn) > limits.most_turn or abs(measured.yaw) > limits.most_yaw
    if turned or abs(measured.pitch) > limits.most_pitch:
        return Hint.TURNED
    if measured.sharpness < limits.least_sharpness or measured.contrast < limits.least_contrast:
        return Hint.BLURRED
    return Hint.COVERED if measured.covered > limits.most_covered else None
