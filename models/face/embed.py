"""Step 4: the face as numbers; two crops of one person point the same way (cosine).

Two embedders look at the same crop, each as it was trained to see it: MobileFaceNet, quick, 192 numbers, and SFace,
accurate and three times as slow, 128 numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
import numpy as np

DIMENSIONS = 192
"""Of the quick embedder."""


class Runs(Protocol):
    """A network of one input: `models.face.runtime.Network`."""

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        """The outputs for one input tensor."""
        ...


class Look(msgspec.Struct, frozen=True):
    """How an embedder wants its crop, and how many numbers it gives."""

    stage: str
    """Of the manifest"""
    name: str
    dimensions: int
    tensor: Callable[[np.ndarray], np.ndarray]


def tensor(crop: np.ndarray) -> np.ndarray:
    """A 112 x 112 x 3 uint8 RGB crop as MobileFaceNet's input, without the batch axis."""
    return (crop.astype(np.float32) - 127.5) / 128.0


def plain(crop: np.ndarray) -> np.ndarray:
    """The same crop as SFace's input: RGB from 0 to 255, since the scaling is part of that model.

    OpenCV's FaceRecognizerSF, which takes BGR, swaps the colours before it asks the model.
    """
    return crop.astype(np.float32)


QUICK = Look("embed", "mobilefacenet", DIMENSIONS, tensor)
ACCURATE = Look("embed_accurate", "sface", 128, plain)


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector at length 1, float32."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)


class Embedder:
    """One embedder over a network of input 1 x 112 x 112 x 3."""

    def __init__(self, network: Runs, look: Look = QUICK) -> None:
        self._network = network
        self.look = look

    def __call__(self, crop: np.ndarray) -> np.ndarray:
        """The L2-normalised float32 numbers of an aligned crop."""
        (embedding,) = self._network.run(self.look.tensor(crop)[None])
        return unit(embedding[0])
