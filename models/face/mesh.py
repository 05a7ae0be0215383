"""Step 2: where exactly is the face? 468 points by MediaPipe's face mesh, from an eye-levelled crop of 1.5 boxes."""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

from models.face.detect import Detection
from models.face.runtime import Network

SIDE = 192
MARGIN = 1.5
"""Side of the crop, in longer sides of the face box."""
POINTS = 468

EYE_CORNERS = ((33, 133), (362, 263))
"""Vertices at the corners of the eye that is left in the picture, and of the one that is right."""
NOSE_TIP = 1
MOUTH_CORNERS = (61, 291)
CHEEKS = (234, 454)
"""Vertices at the left and right edge of the face in the picture, before the ears."""


class Mesh(msgspec.Struct, frozen=True, eq=False):
    """468 points of one face and how sure the model is that it is one."""

    vertices: np.ndarray
    """468 x 3, x and y in pixels of the picture, z in the same unit, negative towards the camera"""
    score: float

    def five_points(self) -> np.ndarray:
        """5 x 2: eye left in the picture, eye right, nose tip, mouth corner left, right: what `align` takes."""
        flat = self.vertices[:, :2]
        eyes = [flat[list(corners)].mean(axis=0) for corners in EYE_CORNERS]
        return np.stack([*eyes, flat[NOSE_TIP], *flat[list(MOUTH_CORNERS)]])

    def turn(self) -> float:
        """How far the head is turned sideways: the nose's way from the middle of the cheeks, -1 to 1, 0 is straight."""
        left, right = self.vertices[list(CHEEKS), :2]
        across = right - left
        along = float(
            np.dot(self.vertices[NOSE_TIP, :2] - left, across) / max(float(np.dot(across, across)), 1e-6)
        )
        return 2.0 * along - 1.0


class Mesher:
    """Face mesh over a network of input 1 x 192 x 192 x 3."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, rgb: np.ndarray, face: Detection) -> Mesh:
        """The mesh of one detected face in an H x W x 3 uint8 picture."""
        to_crop = _crop_transform(face)
        crop = cv2.warpAffine(rgb, to_crop, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        outputs = self._network.run((crop.astype(np.float32) / 255.0)[None])
        flat, logit = sorted(outputs, key=lambda output: -output.size)
        vertices = flat.reshape(POINTS, 3).astype(np.float64)
        back = cv2.invertAffineTransform(to_crop)
        vertices[:, :2] = vertices[:, :2] @ back[:, :2].T + back[:, 2]
        vertices[:, 2] *= float(np.hypot(back[0, 0], back[1, 0]))
        return Mesh(vertices, float(1.0 / (1.0 + np.exp(-np.clip(logit.ravel()[0], -80.0, 80.0)))))


def _crop_transform(face: Detection) -> np.ndarray:
    """2 x 3, from the picture to the crop: the box's longer side times 1.5, turned so that the eyes are level."""
    left, top, right, bottom = (float(edge) for edge in face.box)
    scale = SIDE / (MARGIN * max(right - left, bottom - top))
    between = face.points[1] - face.points[0]
    angle = float(np.arctan2(between[1], between[0]))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    centre = np.array([(left + right) / 2, (top + bottom) / 2])
    return np.hstack([turn, (SIDE / 2 - turn @ centre)[:, None]])
