"""One picture of a challenge, measured: where the head points, how far the eyes are open, which face it is.

Angles come from the mesh's own three dimensions: the normal of the plane through cheeks, brow and chin. Left and right
are the person's own: she turns to her left, her nose goes to the right of the picture.
"""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

from edge.face.headpose import angles
from models.face.detect import Detection
from models.face.eyelids import Eyelids
from models.face.pipeline import Face, FacePipeline, main_face


class Look(msgspec.Struct, frozen=True, eq=False):
    """What one picture showed of the face that is followed."""

    at: float
    """Monotonic seconds"""
    face: Face
    grey: np.ndarray
    yaw: float
    """Degrees, positive to the person's own left"""
    pitch: float
    """Degrees, positive downwards"""
    lids: Eyelids
    beside: float
    """Width of the largest other face, as a share of this one's"""

    def __repr__(self) -> str:
        """Without the picture."""
        return f"Look(at={self.at:.3f}, yaw={self.yaw:.0f}, lids={self.lids})"


def look(
    pipeline: FacePipeline, rgb: np.ndarray, at: float, followed: np.ndarray | None = None
) -> Look | None:
    """Measure the main face of an H x W x 3 uint8 picture, or the one nearest to the box that is `followed`.

    None if there is no face, or the followed one is gone.
    """
    detections = pipeline.detect(rgb)
    if not detections:
        return None
    chosen = main_face(detections, rgb.shape) if followed is None else nearest(detections, followed)
    face = pipeline.place(rgb, chosen) if chosen is not None else None
    if face is None:
        return None
    yaw, pitch = angles(face.mesh)
    others = [other.width for other in detections if other is not chosen]
    return Look(
        at=at,
        face=face,
        grey=cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY),
        yaw=yaw,
        pitch=pitch,
        lids=pipeline.eyelids(rgb, face.mesh),
        beside=max(others, default=0.0) / max(face.detection.width, 1e-6),
    )


def nearest(detections: list[Detection], box: np.ndarray) -> Detection | None:
    """The face that may be the one whose box was there a moment ago: its middle lies within it."""
    width = float(box[2] - box[0])
    middle = (box[:2] + box[2:]) / 2

    def away(detection: Detection) -> float:
        return float(np.linalg.norm((detection.box[:2] + detection.box[2:]) / 2 - middle))

    closest = min(detections, key=away)
    return closest if away(closest) < width / 2 else None
