"""How far are the eyes open? MediaPipe's iris model on each eye: the gap between the lids over the width of the eye.

The 468-point mesh cannot answer this: its lids stay open over a closed eye. The iris model looks at one eye at a time,
64 px square, always as if it were the one that is left in the picture; the other is mirrored for it.
"""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

from models.face.mesh import EYE_CORNERS, Mesh
from models.face.runtime import Network

SIDE = 64
MARGIN = 2.3
"""Side of the crop, in longer sides of the box around the eye's two corners (as MediaPipe cuts it)."""
CONTOUR = 71
"""Points of the eye and the brow in the model's longer output."""
OUTER, INNER = 0, 8
"""Points at the corners of the eye."""
LOWER, UPPER = slice(2, 7), slice(10, 15)
"""The middle five of the seven points on each lid, in pairs one above the other."""


class Eyelids(msgspec.Struct, frozen=True):
    """The gap between the lids as a share of the eye's width. On LFW's first fold half of the open eyes lie above 0.28
    and 19 of 20 above 0.19; closed and lowered lids lie at 0.07 to 0.14. Left and right are those of the picture: the
    person's right eye is the left one."""

    left: float
    right: float

    @property
    def wider(self) -> float:
        """Of the eye that is further open."""
        return max(self.left, self.right)


class EyelidGauge:
    """The iris model over a network of input 1 x 64 x 64 x 3."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, rgb: np.ndarray, mesh: Mesh) -> Eyelids:
        """Both eyes of a face whose mesh lies on an H x W x 3 uint8 picture."""
        flat = mesh.vertices[:, :2]
        left, right = (flat[list(corners)] for corners in EYE_CORNERS)
        return Eyelids(self._opening(rgb, *left), self._opening(rgb, *right, mirrored=True))

    def _opening(
        self, rgb: np.ndarray, start: np.ndarray, end: np.ndarray, *, mirrored: bool = False
    ) -> float:
        """Of one eye between its corners, `start` the left one in the picture."""
        crop = cv2.warpAffine(
            rgb, _crop_transform(start, end, mirrored), (SIDE, SIDE), flags=cv2.INTER_LINEAR
        )
        outputs = self._network.run((crop.astype(np.float32) / 255.0)[None])
        contour = max(outputs, key=lambda output: output.size).reshape(CONTOUR, 3)[:, :2]
        width = float(np.linalg.norm(contour[INNER] - contour[OUTER]))
        gap = float(np.linalg.norm(contour[UPPER] - contour[LOWER], axis=1).mean())
        return gap / max(width, 1e-6)


def _crop_transform(start: np.ndarray, end: np.ndarray, mirrored: bool) -> np.ndarray:
    """2 x 3, from the picture to the crop: levelled, 2.3 eyes wide, mirrored for the eye that is right in it."""
    across = end - start
    scale = SIDE / max(MARGIN * float(np.abs(across).max()), 1e-6)
    angle = float(np.arctan2(across[1], across[0]))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    if mirrored:
        turn[0] *= -1
    return np.hstack([turn, (SIDE / 2 - turn @ ((start + end) / 2))[:, None]])
