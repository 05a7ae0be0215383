"""Closing lids: skin painted over each eye from above, with a dark line of lashes at its edge.

Its colour is that of the skin below the eye, which neither brow nor spectacles darken. MediaPipe's iris model, looking
at the two portraits, sees 0.25 to 0.34 of an eye's width between open lids and 0.09 to 0.16 between these when closed.
"""

from __future__ import annotations

import cv2
import numpy as np

from hardware.synthetic_face.topology import EyeRim, topology

MARGIN = 0.6
"""How far beyond the eye the picture is worked on. This and all below in widths of the eye."""
BELOW = 0.16
"""Where the skin's colour is taken: so far below the lower lid's edge."""
LID_TOP = 0.12
"""The painted lid begins so far above the upper lid's edge, to cover its lashes."""
PAST = 0.05
"""A closed lid goes so far past the lower one's edge."""
LASHES = 0.045
"""Half the thickness of the line of lashes."""
SOFT = 0.02
"""Over which its edges are blended."""
CORNER = 0.08
"""The paint fades out over this at the corners."""


def closed(rgb: np.ndarray, mesh: np.ndarray, share: float) -> np.ndarray:
    """A copy of the photograph with both eyes closed by `share`, 0 (as photographed) to 1."""
    made = rgb.copy()
    for eye in topology().eyes:
        _close(made, rgb, mesh, eye, share)
    return made


def _close(made: np.ndarray, rgb: np.ndarray, mesh: np.ndarray, eye: EyeRim, share: float) -> None:
    upper, lower = mesh[eye.upper, :2], mesh[eye.lower, :2]
    width = float(np.linalg.norm(upper[-1] - upper[0]))
    low = np.floor(np.minimum(upper, lower).min(axis=0) - MARGIN * width).astype(int).clip(0)
    high = np.ceil(np.maximum(upper, lower).max(axis=0) + MARGIN * width).astype(int)
    high = high.clip(0, (rgb.shape[1], rgb.shape[0]))
    across = (upper[-1] - upper[0]) / width
    down = np.array([-across[1], across[0]])
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float64)
    points = (np.stack([x, y], axis=-1) - upper[0]) / width
    along, height = points @ across, points @ down
    lid = _curve((upper - upper[0]) / width, across, down, along)
    rim = _curve((lower - upper[0]) / width, across, down, along)
    bulge = np.sqrt(np.clip(4 * along * (1 - along), 0, 1))
    top, edge = lid - LID_TOP * bulge, lid + share * (rim + PAST * bulge - lid)

    away = (rim + BELOW - height) * width
    map_x, map_y = (x + away * down[0]).astype(np.float32), (y + away * down[1]).astype(np.float32)
    skin = cv2.remap(rgb, map_x, map_y, cv2.INTER_LINEAR).astype(np.float64)
    skin = cv2.GaussianBlur(skin, (0, 0), 0.05 * width)
    patch = made[low[1] : high[1], low[0] : high[0]]
    dark = np.percentile(patch[(height > lid) & (height < rim) & (bulge > 0)], 8, axis=0)
    cover = _step(height - top) * _step(edge - height) * np.clip(bulge / CORNER, 0, 1) * _inside(along)
    lashes = np.exp(-(((height - edge) / LASHES) ** 2)) * _inside(along) * 0.85
    painted = patch * (1 - cover[..., None]) + skin * cover[..., None]
    painted = painted * (1 - lashes[..., None]) + dark * lashes[..., None]
    patch[:] = painted.round().clip(0, 255).astype(np.uint8)


def _curve(rim: np.ndarray, across: np.ndarray, down: np.ndarray, along: np.ndarray) -> np.ndarray:
    """How far down the rim lies at each distance along the eye; beyond its corners as at the corner."""
    order = np.argsort(rim @ across)
    return np.interp(along, (rim @ across)[order], (rim @ down)[order])


def _step(away: np.ndarray) -> np.ndarray:
    """From 0 to 1 across an edge."""
    return np.clip(0.5 + away / (2 * SOFT), 0, 1)


def _inside(along: np.ndarray) -> np.ndarray:
    """1 between the corners, fading to 0 at them."""
    return np.clip((along + CORNER / 2) / CORNER, 0, 1) * np.clip((1 - along + CORNER / 2) / CORNER, 0, 1)
