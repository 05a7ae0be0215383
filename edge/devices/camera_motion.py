"""A photograph as a moving picture: where the replay camera gets its life from.

Slow sums of sines, their phases drawn from a seed, move the portrait (place, distance, tilt, turn) and the light;
blur and sensor noise are drawn anew for every picture from (seed, number). So the same seed and number give the same
picture, and no two numbers do. Turning is a perspective warp of a flat photograph: it looks alive to a viewer and to
the face check, and proves nothing about liveness.
"""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

FREQUENCIES_HZ = (0.11, 0.23, 0.41)
"""Sway of somebody standing still, slow against the picture rate."""
DARK = 0.035
"""Gain of a room at night with the lamp out."""
GRAIN = 2.6
"""Standard deviation of the sensor's noise, in levels of 255."""
GRAIN_FIELD = 911
"""Side of the noise drawn once a seed; each picture mixes its rows anew."""


class Portrait(msgspec.Struct, frozen=True, eq=False):
    """A photograph and where its face is."""

    rgb: np.ndarray
    centre: tuple[float, float]
    face_width: float
    """Of the detector's face box, in pixels of the photograph"""


class Pose(msgspec.Struct, frozen=True):
    """How the portrait stands in one picture."""

    x: float
    y: float
    """Middle of the face, as a share of the picture's width and height"""
    width: float
    """Of the face, as a share of the picture's width: the distance"""
    tilt: float
    turn: float
    nod: float
    """Degrees, about the axes towards the camera, up, and sideways"""
    exposure: float
    gamma: float


class Lens(msgspec.Struct, frozen=True, eq=False):
    """What lens and sensor add to one picture."""

    blur: float
    """Standard deviation in pixels"""
    grain: np.ndarray
    """H x W x 3 int8, added to the picture"""


class Motion:
    """The motion that belongs to one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        generator = np.random.default_rng([seed, 1])
        self._phase = generator.uniform(0, 2 * np.pi, (8, len(FREQUENCIES_HZ)))
        self._weight = generator.dirichlet(np.ones(len(FREQUENCIES_HZ)) * 3, 8)
        self._grain = generator.normal(0, GRAIN, (GRAIN_FIELD, GRAIN_FIELD, 3)).round().astype(np.int8)

    def pose(self, seconds: float) -> Pose:
        """Where everything is at this time."""
        angles = 2 * np.pi * seconds * np.array(FREQUENCIES_HZ) + self._phase
        x, y, near, tilt, turn, nod, light, tone = ((np.sin(angles) * self._weight).sum(axis=1)).tolist()
        return Pose(
            x=0.5 + 0.07 * x,
            y=0.46 + 0.05 * y,
            width=0.27 + 0.055 * near,
            tilt=7.0 * tilt,
            turn=14.0 * turn,
            nod=8.0 * nod,
            exposure=1.0 + 0.14 * light,
            gamma=1.0 + 0.12 * tone,
        )

    def lens(self, number: int, size: tuple[int, int]) -> Lens:
        """Blur and noise of one picture."""
        generator = np.random.default_rng([self._seed, 2, number])
        rows = generator.integers(0, GRAIN_FIELD, size[1])
        start = int(generator.integers(0, GRAIN_FIELD - 1))
        columns = (start + np.arange(size[0])) % GRAIN_FIELD
        return Lens(
            blur=float(generator.uniform(0.35, 1.0)), grain=self._grain[rows[:, None], columns[None, :]]
        )


def picture(
    portrait: Portrait | None, pose: Pose, lens: Lens, size: tuple[int, int], dark: bool = False
) -> np.ndarray:
    """One picture, H x W x 3 uint8 RGB: the wall, the portrait in front of it, the lens, the light, the sensor."""
    canvas = _wall(size)
    if portrait is not None:
        cv2.warpPerspective(
            portrait.rgb,
            _stand(portrait, pose, size),
            size,
            dst=canvas,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
    canvas = cv2.GaussianBlur(canvas, (0, 0), lens.blur)
    levels = np.linspace(0, 1, 256) ** pose.gamma * 255 * pose.exposure * (DARK if dark else 1.0)
    exposed = cv2.LUT(canvas, np.clip(levels.round(), 0, 255).astype(np.uint8))
    return cv2.add(exposed, lens.grain, dtype=cv2.CV_8U)


def _wall(size: tuple[int, int]) -> np.ndarray:
    """A plain painted wall, a little brighter above."""
    shade = np.linspace(1.0, 0.82, size[1])[:, None, None]
    return np.broadcast_to(shade * (196, 190, 176), (size[1], size[0], 3)).astype(np.uint8, order="C")


def _stand(portrait: Portrait, pose: Pose, size: tuple[int, int]) -> np.ndarray:
    """3 x 3, from the photograph to the picture: turned in space about the face, seen from 4 picture widths away."""
    tilt, turn, nod = np.radians([pose.tilt, pose.turn, pose.nod])
    scale = pose.width * size[0] / portrait.face_width
    about_z = np.array([[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(nod), -np.sin(nod)], [0, np.sin(nod), np.cos(nod)]])
    rotation = about_z @ about_y @ about_x
    distance = 4.0 * size[0]
    to_face = np.array(
        [[scale, 0, -scale * portrait.centre[0]], [0, scale, -scale * portrait.centre[1]], [0, 0, 1]]
    )
    flat_to_space = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, distance]])
    project = np.array([[distance, 0, pose.x * size[0]], [0, distance, pose.y * size[1]], [0, 0, 1]])
    return project @ flat_to_space @ to_face
