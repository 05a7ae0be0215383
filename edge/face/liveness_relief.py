"""Does what turns have a face's relief, or is it a picture of one? Points of the skin are followed from the straight
look into the turn, in the pixels themselves, because the landmark model sees depth where there is none.

    relief = Relief(grey, mesh, face_width)      # the straight look
    relief.follow(grey)                          # every picture after it
    relief.depth(turned_by)                      # 1: a head that turned so far; 0: a flat or a bent sheet

Where it comes from: seen from afar, a head turned by an angle moves each point sideways by its depth times the sine of
that angle, on top of what a turned plane does. A plane in perspective moves points by terms of first and second
degree in x and y, and so does a sheet bent about the face; both are fitted away beside the depth, so that only what
stands out of a smooth sheet counts: nose, brow, eye sockets. Depth at a point is that of the straight look's mesh.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.face.mesh import Mesh

FACE_WIDTH = 128.0
"""Pictures are shrunk to this width of the face, in pixels, before points are followed."""
MOST_POINTS = 120
LEAST_POINTS = 25
"""Fewer points than this say nothing."""
WINDOW = (15, 15)
LEVELS = 3
BACK_AGAIN = 1.0
"""Followed there and back, a point must arrive where it began, within this many pixels."""
EDGE = 0.86
"""Only points within this share of the face's outline are followed: behind its edge things come and go."""


class Relief:
    """Points of one face, from one straight look on."""

    def __init__(self, grey: np.ndarray, mesh: Mesh, face_width: float) -> None:
        """`grey` is H x W uint8, the mesh and the face's width are in its pixels."""
        self._scale = min(1.0, FACE_WIDTH / max(face_width, 1.0))
        self._latest = self._small(grey)
        vertices = mesh.vertices * self._scale
        self._start = _points(self._latest, vertices)
        self._now = self._start.copy()
        self._depth = _depth(self._start, vertices)
        self._there = np.ones(len(self._start), bool)

    @property
    def points(self) -> int:
        """How many are still followed."""
        return int(self._there.sum())

    def follow(self, grey: np.ndarray) -> None:
        """Find the points again in the next picture; those that get lost stay lost."""
        small = self._small(grey)
        alive = np.flatnonzero(self._there)
        if alive.size:
            found, good = _flow(self._latest, small, self._now[alive])
            self._now[alive] = found
            self._there[alive] = good
        self._latest = small

    def depth(self, turned_by: float) -> float | None:
        """How much of a head's relief the points show for a turn of this many radians; None if too few are left.

        1 is a head as deep as the mesh has it, 0 a sheet.
        """
        alive = self._there
        if alive.sum() < LEAST_POINTS or abs(turned_by) < 1e-3:
            return None
        return parallax(self._start[alive], self._now[alive], self._depth[alive]) / float(np.sin(turned_by))

    def _small(self, grey: np.ndarray) -> np.ndarray:
        return cv2.resize(grey, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_AREA)


def parallax(start: np.ndarray, now: np.ndarray, depth: np.ndarray) -> float:
    """What one unit of depth (n, away from the camera) adds to the way sideways between two looks (n x 2 each).

    Least squares of the new place on 1, x, y, x^2, xy, y^2 and depth, outliers left out once; divided by how much the
    face grew, so that coming nearer does not count. Positive if the near points went to the right of the far ones.
    """
    centre, size = start.mean(axis=0), max(float(start.std()), 1e-6)
    x, y = ((start - centre) / size).T
    z = (depth - depth.mean()) / size
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, z], axis=1)
    target = (now - now.mean(axis=0)) / size
    keep = np.ones(len(start), bool)
    fit = np.zeros((design.shape[1], 2))
    for _ in range(2):
        fit = np.linalg.lstsq(design[keep], target[keep], rcond=None)[0]
        miss = np.linalg.norm(target - design @ fit, axis=1)
        keep = miss <= 3.0 * max(float(np.median(miss)), 1e-6)
    growth = max(float(np.linalg.norm(fit[2])), 1e-6)
    return float(-fit[6, 0]) / growth


def _points(grey: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """n x 2 float32: corners of the picture's texture on the face, and landmarks where there is room."""
    outline = cv2.convexHull(vertices[:, :2].astype(np.float32))[:, 0]
    middle = outline.mean(axis=0)
    mask = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(middle + EDGE * (outline - middle)).astype(np.int32), (255,))
    corners = cv2.goodFeaturesToTrack(grey, MOST_POINTS, 0.005, 3.0, mask=mask)
    return np.zeros((0, 2), np.float32) if corners is None else corners.reshape(-1, 2).astype(np.float32)


def _depth(points: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """The mesh's depth at each point: of its three nearest vertices, the near ones counting more."""
    away = np.linalg.norm(points[:, None] - vertices[None, :, :2], axis=2)
    nearest = np.argsort(away, axis=1)[:, :3]
    weight = 1.0 / (np.take_along_axis(away, nearest, axis=1) + 0.5)
    return (vertices[nearest, 2] * weight).sum(axis=1) / weight.sum(axis=1)


def _flow(before: np.ndarray, after: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the points went (Lucas-Kanade over a pyramid), and which of them came back when followed back."""
    seed = points[:, None]
    there, ok, _ = cv2.calcOpticalFlowPyrLK(before, after, seed, seed.copy(), winSize=WINDOW, maxLevel=LEVELS)
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(
        after, before, there, there.copy(), winSize=WINDOW, maxLevel=LEVELS
    )
    miss = np.linalg.norm(back[:, 0] - points, axis=1)
    good = (ok.ravel() == 1) & (ok_back.ravel() == 1) & (miss < BACK_AGAIN)
    return there[:, 0], good
