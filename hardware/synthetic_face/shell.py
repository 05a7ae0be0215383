"""The rest of the head, which the mesh does not have: hair, ears, neck, as rings round the face's rim.

Each ring lies further out and further back than the one inside it and follows the head's motion less; the outermost
stands still. So the photograph round a turning face is stretched, never torn, and the wall behind does not move.
"""

from __future__ import annotations

import msgspec
import numpy as np

from hardware.synthetic_face.topology import topology

RINGS = (
    # distance from the middle of the face in units of its rim, depth behind the rim in face widths, share of motion
    (1.10, 0.08, 1.00),
    (1.28, 0.22, 0.97),
    (1.55, 0.30, 0.80),
    (1.90, 0.30, 0.45),
    (2.30, 0.30, 0.15),
    (2.80, 0.30, 0.00),
)


class Shell(msgspec.Struct, frozen=True, eq=False):
    """A face and what is round it."""

    vertices: np.ndarray
    """n x 3, in pixels of the photograph, z negative towards the camera; the 468 of the mesh come first"""
    triangles: np.ndarray
    """m x 3"""
    follows: np.ndarray
    """n, 0 to 1: how much of the head's motion the vertex makes"""


def shell(mesh: np.ndarray, face_width: float) -> Shell:
    """The shell round the 468 x 3 vertices of one mesh."""
    oval = np.array(topology().oval)
    rim = mesh[oval]
    middle = rim[:, :2].mean(axis=0)
    vertices, follows, triangles = [mesh], [np.ones(len(mesh))], [topology().faces()]
    inner = oval
    for distance, depth, share in RINGS:
        ring = rim.copy()
        ring[:, :2] = middle + (rim[:, :2] - middle) * distance
        ring[:, 2] += depth * face_width
        outer = sum(len(part) for part in vertices) + np.arange(len(oval))
        triangles.append(_band(inner, outer))
        vertices.append(ring)
        follows.append(np.full(len(oval), share))
        inner = outer
    return Shell(np.concatenate(vertices), np.concatenate(triangles), np.concatenate(follows))


def _band(inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """The triangles between two closed rings of as many vertices."""
    next_inner, next_outer = np.roll(inner, -1), np.roll(outer, -1)
    return np.concatenate(
        [
            np.stack([inner, outer, next_inner], axis=1),
            np.stack([next_inner, outer, next_outer], axis=1),
        ]
    )
