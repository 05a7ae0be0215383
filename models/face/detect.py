"""Step 1: where are the faces? BlazeFace, decoded as MediaPipe decodes it.

The picture is letterboxed to a square; the model answers with anchors, each a box, six key points and a score.
Overlapping answers are merged, weighted by score. `SHORT` is the model for one person before the kiosk, `FULL` the one
for small faces, as in the picture of a group.
"""

from __future__ import annotations

import cv2
import msgspec
import numpy as np

from models.face.runtime import Network

OVERLAP = 0.3
"""Answers whose intersection over union is above this are one face."""


class Layout(msgspec.Struct, frozen=True):
    """How a variant of BlazeFace lays out its answers (MediaPipe's SSD options of that variant)."""

    side: int
    """Of its square input, in pixels"""
    grids: tuple[tuple[int, int], ...]
    """Cells a side and anchors a cell of each feature map"""
    min_score: float

    def anchors(self) -> np.ndarray:
        """n x 2 anchor centres, in pixels of the square."""
        grids = []
        for cells, repeats in self.grids:
            centres = (np.arange(cells, dtype=np.float32) + 0.5) * (self.side / cells)
            x, y = np.meshgrid(centres, centres)
            grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
        return np.concatenate(grids)


SHORT = Layout(side=128, grids=((16, 2), (8, 6)), min_score=0.5)
"""Faces within 2 m; strides 8 and 16."""
FULL = Layout(side=192, grids=((48, 1),), min_score=0.6)
"""Faces within 5 m; stride 4."""


class Detection(msgspec.Struct, frozen=True, eq=False):
    """A face in a picture, in pixels of that picture."""

    box: np.ndarray
    """left, top, right, bottom"""
    points: np.ndarray
    """6 x 2: eye left in the picture, eye right in the picture, nose, mouth, the two ears"""
    score: float

    @property
    def width(self) -> float:
        """Of the box, in pixels."""
        return float(self.box[2] - self.box[0])

    @property
    def area(self) -> float:
        """Of the box, in square pixels."""
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))


class Detector:
    """BlazeFace over a network of input 1 x side x side x 3."""

    def __init__(self, network: Network, layout: Layout = SHORT) -> None:
        self._network = network
        self._layout = layout
        self._anchors = layout.anchors()

    def __call__(self, rgb: np.ndarray) -> list[Detection]:
        """Every face in an H x W x 3 uint8 picture, best score first."""
        tensor, scale, left, top = _letterbox(rgb, self._layout.side)
        regressors, logits = _by_width(self._network.run(tensor))
        scores = _sigmoid(logits)
        keep = scores > self._layout.min_score
        if not keep.any():
            return []
        boxes, points = self._decode(regressors[keep], self._anchors[keep])
        offset = np.array([left, top], np.float32)
        return [
            Detection(((box.reshape(2, 2) - offset) / scale).reshape(4), (six - offset) / scale, score)
            for box, six, score in merged(boxes, points, scores[keep])
        ]

    @staticmethod
    def _decode(raw: np.ndarray, anchors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """n x 16 -> boxes n x 4 and key points n x 6 x 2, in pixels of the square."""
        pairs = raw.reshape(-1, 8, 2)
        centre = pairs[:, 0] + anchors
        half = pairs[:, 1] / 2
        return np.hstack([centre - half, centre + half]), pairs[:, 2:] + anchors[:, None]


def _letterbox(rgb: np.ndarray, side: int) -> tuple[np.ndarray, float, float, float]:
    """The picture centred in a square as the model's input, with its scale and offset there."""
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    square = np.zeros((side, side, 3), np.uint8)
    square[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return (square.astype(np.float32) / 127.5 - 1.0)[None], scale, float(left), float(top)


def _by_width(outputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (n x 16) and scores (n), told apart by shape: runtimes differ in their order."""
    boxes, scores = sorted(outputs, key=lambda output: -output.shape[-1])
    return boxes[0], scores[0, :, 0]


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -80.0, 80.0)))


def merged(
    boxes: np.ndarray, points: np.ndarray, scores: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Weighted non-maximum suppression: each group of overlapping answers becomes its score-weighted mean."""
    faces = []
    left = np.argsort(-scores, kind="stable")
    while left.size:
        group = left[_overlap(boxes[left[0]], boxes[left]) > OVERLAP]
        group = group if group.size else left[:1]
        weight = scores[group] / scores[group].sum()
        box = (boxes[group] * weight[:, None]).sum(axis=0)
        six = (points[group] * weight[:, None, None]).sum(axis=0)
        if box[2] > box[0] and box[3] > box[1]:
            faces.append((box, six, float(scores[left[0]])))
        left = np.setdiff1d(left, group, assume_unique=True)
        left = left[np.argsort(-scores[left], kind="stable")]
    return faces


def _overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of one box with each of the others."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    common = np.clip(high - low, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + areas - common
    return np.where(union > 0, common / np.maximum(union, 1e-9), 0.0)
