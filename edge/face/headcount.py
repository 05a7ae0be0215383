"""How many faces are in a group picture? A number to lay beside the tapped attendance; the picture stays in RAM.

    counter = HeadCounter.load(models_dir)
    faces = counter.count(frame.rgb)

The full-range detector sees 192 px, in which a child at the back of a group is too small. So it looks at the whole
picture and at overlapping squares of it; a face that an inner edge of a square cuts is left to the neighbouring square,
and what is found twice is one face. Nobody is recognised: no landmark or embedding model is even loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np

from models import manifest
from models.face.detect import FULL, Detection, Detector
from models.face.runtime import Network

STAGE = "detect_full"

LONGER_SIDE = 1280
"""Every picture is brought to this size first, in pixels, so that a face of `SMALLEST` costs the same on any camera."""
SQUARE = 440
"""Side of a square: in it a face of 40 px is 17 of the model's 192 px, about the least it finds."""
LEAST_OVERLAP = 140
"""Of two neighbouring squares: a face of up to some 110 px lies whole in one of them; larger ones are found in the
whole picture."""
EDGE = 3.0
"""A box that comes nearer than this to an inner edge of its square, in pixels, is of a face cut there."""
SAME = 0.45
"""Boxes that share more than this part of the smaller one are of one face."""


class Window(msgspec.Struct, frozen=True):
    """A part of the picture: left, top, right, bottom in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class HeadCounter:
    """Counts faces. May be shared between threads."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._lock = threading.Lock()

    @classmethod
    def load(cls, models_dir: Path, threads: int = 1) -> HeadCounter:
        """From a folder of fetched models.

        Raises:
            ArtefactError: the model is missing or is not the one of the manifest; the text says what to run.
        """
        model = manifest.read().stage(STAGE)
        return cls(Detector(Network(model.load(models_dir), model.input, threads), FULL))

    def count(self, rgb: np.ndarray) -> int:
        """The number of faces in an H x W x 3 uint8 RGB picture."""
        with self._lock:
            return count_faces(rgb, self._detector)


def count_faces(rgb: np.ndarray, detector: Detector) -> int:
    """The number of faces in an H x W x 3 uint8 RGB picture, by a full-range detector."""
    scale = LONGER_SIDE / max(rgb.shape[:2])
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    found = [face for window in windows(*size) for face in _faces_in(picture, window, detector)]
    return len(_distinct(found))


def windows(width: int, height: int) -> Iterator[Window]:
    """The whole picture, then overlapping squares that cover it."""
    yield Window(0, 0, width, height)
    for top in _starts(height):
        for left in _starts(width):
            yield Window(left, top, min(left + SQUARE, width), min(top + SQUARE, height))


def _starts(length: int) -> list[int]:
    """Where squares begin along one side: evenly, overlapping by at least `LEAST_OVERLAP`."""
    if length <= SQUARE:
        return [0]
    count = 1 + -(-(length - SQUARE) // (SQUARE - LEAST_OVERLAP))
    return [round(start) for start in np.linspace(0, length - SQUARE, count)]


def _faces_in(picture: np.ndarray, window: Window, detector: Detector) -> Iterator[tuple[np.ndarray, float]]:
    """Box in pixels of the picture, and score, of each face that lies whole in a window."""
    for face in detector(picture[window.top : window.bottom, window.left : window.right]):
        if not _is_cut(face, window, picture.shape):
            yield face.box + np.array([window.left, window.top] * 2), face.score


def _is_cut(face: Detection, window: Window, shape: tuple[int, ...]) -> bool:
    """Whether the box runs over an edge of the window that is not the picture's own edge."""
    left, top, right, bottom = (float(edge) for edge in face.box)
    return (
        (window.left > 0 and left < EDGE)
        or (window.top > 0 and top < EDGE)
        or (window.right < shape[1] and right > window.right - window.left - EDGE)
        or (window.bottom < shape[0] and bottom > window.bottom - window.top - EDGE)
    )


def _distinct(found: list[tuple[np.ndarray, float]]) -> list[np.ndarray]:
    """The boxes without those that a better-scored one covers for the most part."""
    kept: list[np.ndarray] = []
    for box, _ in sorted(found, key=lambda one: -one[1]):
        if all(_shared(box, other) <= SAME for other in kept):
            kept.append(box)
    return kept


def _shared(one: np.ndarray, other: np.ndarray) -> float:
    """The common area as a part of the smaller box."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    common = float(np.clip(high - low, 0, None).prod())
    smaller = min(float((box[2:] - box[:2]).prod()) for box in (one, other))
    return common / max(smaller, 1e-6)
