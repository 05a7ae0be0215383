"""The light on a face, in five words: for the record and the fairness report, and to choose the hint.

A face is judged by its own brightness and against what is behind it. Dark skin in a normal light may be called dim, and
a light one in shade normal: the words are about the picture, and the report says so.
"""

from __future__ import annotations

import cv2
import numpy as np

from anganwadi.verification import Light
from models.face.detect import Detection

DARK = 35.0
DIM = 70.0
BRIGHT = 200.0
"""Mean level of the face, of 255."""
AGAINST = 80.0
"""So many levels brighter than the face is what is behind it when the light is behind her."""
GLARING = 150.0
"""And at least as bright as this."""
STEP = 8
"""Every so many pixels of the background are looked at."""
HEAD = (0.6, 0.9)
"""Half width and half height of head and hair, in widths of the face: what is nearer is not background."""


def light_on(face: float, background: float | None) -> Light:
    """The light's class, from the mean levels of the face and of what is behind it (None: it fills the picture)."""
    if background is not None and background >= GLARING and background - face >= AGAINST:
        return Light.BACKLIT
    if face < DARK:
        return Light.DARK
    if face < DIM:
        return Light.DIM
    return Light.BRIGHT if face > BRIGHT else Light.NORMAL


def behind(rgb: np.ndarray, face: Detection) -> float | None:
    """The mean level of the picture beside and above the head, of 255; None if there is nearly nothing of it."""
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[::STEP, ::STEP]), cv2.COLOR_RGB2GRAY)
    left, top, right, bottom = (float(edge) / STEP for edge in face.box)
    x, y = (left + right) / 2, (top + bottom) / 2
    width = right - left
    background = np.ones(grey.shape, bool)
    background[round(bottom) if bottom > 0 else 0 :] = False
    rows = slice(max(0, round(y - HEAD[1] * width)), max(0, round(y + HEAD[1] * width)))
    columns = slice(max(0, round(x - HEAD[0] * width)), max(0, round(x + HEAD[0] * width)))
    background[rows, columns] = False
    return float(grey[background].mean()) if background.sum() >= 0.05 * background.size else None
