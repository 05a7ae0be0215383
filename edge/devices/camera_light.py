"""Light, lens and sensor of the replay camera: what becomes of a scene on its way to the picture."""

from __future__ import annotations

from functools import cache
from typing import Literal

import cv2
import msgspec
import numpy as np

Light = Literal["day", "dim", "dark", "backlight"]

GAIN = {"day": 1.0, "dim": 0.32, "dark": 0.02, "backlight": 1.0}
"""How much of the day's light there is: in a shaded room, in a room at night with the lamp out."""
AGAINST = 0.4
"""Gain of a person who stands before a bright window, and beside her that window's:"""
WINDOW = 2.4


class Lens(msgspec.Struct, frozen=True, eq=False):
    """What lens and sensor add to one picture."""

    blur: float
    """Standard deviation in pixels"""
    grain: np.ndarray
    """H x W x 3 int8, added to the picture"""


def developed(scene: np.ndarray, lens: Lens, light: Light, exposure: float, gamma: float) -> np.ndarray:
    """The picture, H x W x 3 uint8, of a scene as it is by day."""
    blurred = cv2.GaussianBlur(scene, (0, 0), lens.blur)
    levels = np.linspace(0, 1, 256) ** gamma * 255 * exposure * GAIN[light]
    exposed = cv2.LUT(blurred, np.clip(levels.round(), 0, 255).astype(np.uint8))
    if light == "backlight":
        exposed = cv2.multiply(exposed, _against(scene.shape[1], scene.shape[0]), dtype=cv2.CV_8U)
    return cv2.add(exposed, lens.grain, dtype=cv2.CV_8U)


@cache
def _against(width: int, height: int) -> np.ndarray:
    """H x W x 3 gains: little on somebody in the middle, much beside her."""
    person = np.zeros((height, width), np.float32)
    middle = (round(0.5 * width), round(0.46 * height))
    cv2.ellipse(person, middle, (round(0.21 * width), round(0.36 * height)), 0, 0, 360, (1.0,), -1)
    shoulders = (middle[0], round(1.1 * height))
    cv2.ellipse(person, shoulders, (round(0.36 * width), round(0.36 * height)), 0, 0, 360, (1.0,), -1)
    person = cv2.GaussianBlur(person, (0, 0), 0.03 * width)
    return cv2.merge([WINDOW + (AGAINST - WINDOW) * person] * 3)
