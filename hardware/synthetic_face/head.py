"""A head made of one photograph: the mesh's own 468 points in space, the photograph as its skin.

At `Pose()` the picture is the photograph; turned, the near cheek grows and the far one goes behind the nose, as on a
head and as on no flat picture. What the photograph does not show (ears, the side of the hair) is stretched from what it
does: plausible to about 40 degrees. The light stays on the skin and does not turn against it.
"""

from __future__ import annotations

import threading
from typing import Self

import cv2
import msgspec
import numpy as np

from hardware.synthetic_face.lids import closed
from hardware.synthetic_face.raster import draw
from hardware.synthetic_face.shell import shell
from models.face.pipeline import FacePipeline

EYE_DISTANCE = 8.0
"""From the camera to the face, in face widths: a little perspective."""
PIVOT = (0.25, 0.10)
"""The neck's axis, in face widths: below the middle of the face, and behind its rim."""
LID_STEPS = 6
"""Lids are drawn in so many positions."""
SEAM_PX = 25.0
"""Over which a photograph smaller than the picture fades into its continuation."""
SOFTER = 8
"""The continuation is blurred at this part of the picture's resolution."""


class Pose(msgspec.Struct, frozen=True):
    """How a head is held; `Pose()` is as in its photograph."""

    yaw_deg: float = 0.0
    """To the person's own left, which is the right in the picture"""
    pitch_deg: float = 0.0
    """Down"""
    roll_deg: float = 0.0
    """Clockwise in the picture"""
    lids: float = 1.0
    """0 closed to 1 open"""
    x: float = 0.0
    y: float = 0.0
    """Sway to the right and down, in face widths"""
    near: float = 1.0
    """Times as large"""


class Place(msgspec.Struct, frozen=True):
    """Where in the picture the person stands."""

    x: float = 0.5
    y: float = 0.46
    """Middle of the face, as a share of the picture's width and height"""
    width: float = 0.27
    """Of the face, as a share of the picture's width"""


class NoFace(ValueError):
    """The photograph cannot be made a head: it shows no face, or several."""


class SyntheticHead:
    """One person's head. Rendering is safe from several threads."""

    def __init__(
        self, rgb: np.ndarray, mesh: np.ndarray, centre: tuple[float, float], face_width: float
    ) -> None:
        """From a photograph (H x W x 3 uint8), its 468 x 3 mesh and its face box's middle and width, in its pixels."""
        self.centre, self.face_width = centre, face_width
        self._rgb, self._mesh = rgb, mesh
        self._shell = shell(mesh, face_width)
        rim_depth = float(mesh[:, 2].max())
        self._pivot = np.array(
            [centre[0], centre[1] + PIVOT[0] * face_width, rim_depth + PIVOT[1] * face_width]
        )
        self._skins = {LID_STEPS: rgb}
        self._backdrops: dict[tuple[object, ...], np.ndarray] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, rgb: np.ndarray, pipeline: FacePipeline) -> Self:
        """From a photograph of one person.

        Raises:
            NoFace: it shows no face, or several.
        """
        detections = pipeline.detect(rgb)
        face = pipeline.place(rgb, detections[0]) if len(detections) == 1 else None
        if face is None:
            raise NoFace(f"a head needs a photograph of one person; this one shows {len(detections)} faces")
        box = detections[0].box
        return cls(
            rgb,
            face.mesh.vertices,
            (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2),
            float(box[2] - box[0]),
        )

    def render(
        self, pose: Pose, size: tuple[int, int] = (640, 480), place: Place | None = None
    ) -> np.ndarray:
        """The picture of this moment, H x W x 3 uint8 RGB, new; `size` is width, height."""
        scale, offset = self._stands(size, place or Place())
        with self._lock:
            canvas = self._backdrop(size, scale, offset).copy()
            skin = self._skin(pose.lids)
        moved = self._moved(pose)
        target = np.column_stack([moved[:, :2] * scale + offset, moved[:, 2]])
        draw(canvas, skin, self._shell.vertices[:, :2], target, self._shell.triangles)
        return canvas

    def photograph(self, size: tuple[int, int], place: Place) -> np.ndarray:
        """The photograph itself at that place, not turned; its edges drawn out to the picture's."""
        return _stretched(self._rgb, *self._stands(size, place), size)

    def _stands(self, size: tuple[int, int], place: Place) -> tuple[float, np.ndarray]:
        """Scale and shift from the photograph to the picture."""
        scale = place.width * size[0] / self.face_width
        return scale, np.array([place.x * size[0], place.y * size[1]]) - scale * np.array(self.centre)

    def _moved(self, pose: Pose) -> np.ndarray:
        """The shell's vertices in this pose, n x 3, in pixels of the photograph."""
        vertices, follows = self._shell.vertices, self._shell.follows[:, None]
        turned = (vertices - self._pivot) @ _rotation(pose).T + self._pivot
        turned[:, :2] += self._seen(turned) - self._seen(vertices) + vertices[:, :2] - turned[:, :2]
        middle = np.array([*self.centre, 0.0])
        turned = (turned - middle) * (pose.near, pose.near, 1.0) + middle
        turned[:, :2] += np.array([pose.x, pose.y]) * self.face_width
        return vertices + follows * (turned - vertices)

    def _seen(self, vertices: np.ndarray) -> np.ndarray:
        """n x 2: the vertices as the camera sees them."""
        distance = EYE_DISTANCE * self.face_width
        return (vertices[:, :2] - self.centre) * (distance / (distance + vertices[:, 2:])) + self.centre

    def _skin(self, lids: float) -> np.ndarray:
        step = round(float(np.clip(lids, 0, 1)) * LID_STEPS)
        if step not in self._skins:
            self._skins[step] = closed(self._rgb, self._mesh, 1 - step / LID_STEPS)
        return self._skins[step]

    def _backdrop(self, size: tuple[int, int], scale: float, offset: np.ndarray) -> np.ndarray:
        """The photograph at its place, its edges drawn out to the picture's."""
        key = (size, round(scale, 4), *offset.round(1).tolist())
        if key not in self._backdrops:
            if len(self._backdrops) > 4:
                self._backdrops.clear()
            self._backdrops[key] = _stretched(self._rgb, scale, offset, size)
        return self._backdrops[key]


def _rotation(pose: Pose) -> np.ndarray:
    """3 x 3, for vertices with x right, y down and z away from the camera."""
    yaw, pitch, roll = np.radians([-pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def _stretched(rgb: np.ndarray, scale: float, offset: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The photograph scaled and shifted; beyond its edges a blurred continuation, blended in."""
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scene = cv2.warpAffine(rgb, matrix, size, flags=way, borderMode=cv2.BORDER_REPLICATE)
    high, wide = rgb.shape[0] * scale, rgb.shape[1] * scale
    across, down = _ramp(size[0], offset[0], wide), _ramp(size[1], offset[1], high)
    if across.min() == down.min() == 1:
        return scene
    weight = down[:, None] * across[None]
    small = cv2.resize(scene, (size[0] // SOFTER, size[1] // SOFTER), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2), size, interpolation=cv2.INTER_CUBIC)
    return cv2.blendLinear(scene, soft, weight, 1 - weight)


def _ramp(length: int, start: float, extent: float) -> np.ndarray:
    """1 where the photograph is, 0 beyond it, along one side of the picture."""
    at = np.arange(length, dtype=np.float32)
    inside = np.minimum(at - start, start + extent - at)
    return np.clip(inside / SEAM_PX, 0, 1)
