"""Where a head points, from the mesh's own three dimensions: the normal of the plane through cheeks, brow and chin.

Left and right are the person's own: she turns to her left, her nose goes to the right of the picture.
"""

from __future__ import annotations

import numpy as np

from models.face.mesh import CHEEKS, Mesh

BROW, CHIN = 10, 152
"""Vertices at the top and the bottom of the face."""


def angles(mesh: Mesh) -> tuple[float, float]:
    """Yaw and pitch of a head in degrees: yaw is positive to the person's own left, pitch downwards."""
    vertices = mesh.vertices
    across = vertices[CHEEKS[1]] - vertices[CHEEKS[0]]
    down = vertices[CHIN] - vertices[BROW]
    x, y, z = np.cross(down, across)
    """Out of the face, towards the camera: z is negative"""
    return float(np.degrees(np.arctan2(x, -z))), float(np.degrees(np.arctan2(y, np.hypot(x, z))))
