"""STL files as arrays: read them, ask whether they are closed, and whether a point lies in the plastic."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 84
FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
WELD_MM = 1e-3

Triangles = NDArray[np.float64]


def read_stl(path: Path) -> Triangles:
    """Read a binary STL as triangles, shape (n, 3 corners, 3 coordinates) in millimetres.

    Raises:
        ValueError: the file's length is not what its header says.
    """
    data = path.read_bytes()
    count = int.from_bytes(data[80:HEADER_BYTES], "little")
    if len(data) != HEADER_BYTES + count * FACET.itemsize:
        raise ValueError(f"{path.name} is not a whole binary STL file")
    return np.frombuffer(data, FACET, offset=HEADER_BYTES)["corners"].astype(np.float64)


def volume(mesh: Triangles) -> float:
    """Volume in mm3, by the sum of signed tetrahedra; negative if the triangles face inwards."""
    a, b, c = mesh[:, 0], mesh[:, 1], mesh[:, 2]
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def open_edges(mesh: Triangles) -> int:
    """Count the edges without exactly one triangle on each side, turning the same way: 0 if watertight."""
    corners = np.round(mesh.reshape(-1, 3) / WELD_MM).astype(np.int64)
    _, index = np.unique(corners, axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    size = int(index.max()) + 1
    forth = np.sort(edges[:, 0] * size + edges[:, 1])
    back = np.sort(edges[:, 1] * size + edges[:, 0])
    return int(np.setxor1d(forth, back).size + forth.size - np.unique(forth).size)


def inside(mesh: Triangles, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say for each point whether it lies in the solid, by counting the faces on a ray from it upwards (+z)."""
    a, b, c = mesh[:, 0], mesh[:, 1], mesh[:, 2]
    found = np.empty(len(points), dtype=bool)
    for n, point in enumerate(points):
        areas = [_cross(p, q, point) for p, q in ((a, b), (b, c), (c, a))]
        hit = np.all([area > 0 for area in areas], axis=0) | np.all([area < 0 for area in areas], axis=0)
        weights = np.stack([areas[1][hit], areas[2][hit], areas[0][hit]])
        height = (weights * mesh[hit, :, 2].T).sum(axis=0) / weights.sum(axis=0)
        found[n] = np.count_nonzero(height > point[2]) % 2 == 1
    return found


def _cross(p: Triangles, q: Triangles, point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the signed area of p, q and the point, seen from above."""
    return (q[:, 0] - p[:, 0]) * (point[1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (point[0] - p[:, 0])
