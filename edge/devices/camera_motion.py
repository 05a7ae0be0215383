"""Where a simulated person stands from picture to picture, and how the light and the sensor waver.

Slow sums of sines, their phases drawn from a seed, move place, distance, tilt, turn and light; blur and sensor noise
are drawn anew for every picture from (seed, number). So the same seed and number give the same picture, and no two
numbers do. The person is a head in space (`hardware.synthetic_face`): synthetic, whatever it looks like.
"""

from __future__ import annotations

import msgspec
import numpy as np

from edge.devices.camera_light import Lens, developed
from hardware.synthetic_face import head
from hardware.synthetic_face.sheet import wall

FREQUENCIES_HZ = (0.11, 0.23, 0.41)
"""Sway of somebody standing still, slow against the picture rate."""
GRAIN = 2.6
"""Standard deviation of the sensor's noise, in levels of 255."""
GRAIN_FIELD = 911
"""Side of the noise drawn once a seed; each picture mixes its rows anew."""


class Portrait(msgspec.Struct, frozen=True, eq=False):
    """A photograph, where its face is, and the head made of it."""

    rgb: np.ndarray
    centre: tuple[float, float]
    face_width: float
    """Of the detector's face box, in pixels of the photograph"""
    head: head.SyntheticHead


class Pose(msgspec.Struct, frozen=True):
    """How the person stands in one picture, and its light."""

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
        blur = float(generator.uniform(0.35, 1.0))
        return Lens(blur, np.take(np.take(self._grain, rows, axis=0), columns, axis=1))


def picture(
    portrait: Portrait | None, pose: Pose, lens: Lens, size: tuple[int, int], dark: bool = False
) -> np.ndarray:
    """One picture, H x W x 3 uint8 RGB, of somebody who stands anywhere, or of the wall."""
    if portrait is None:
        scene = wall(size)
    else:
        held = head.Pose(yaw_deg=pose.turn, pitch_deg=pose.nod, roll_deg=pose.tilt)
        scene = portrait.head.render(held, size, head.Place(pose.x, pose.y, pose.width))
    return developed(scene, lens, "dark" if dark else "day", pose.exposure, pose.gamma)
