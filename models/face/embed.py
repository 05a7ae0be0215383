"""Step 4: the face as 192 numbers. MobileFaceNet; two crops of one person point the same way (cosine)."""

from __future__ import annotations

import numpy as np

from models.face.runtime import Network

DIMENSIONS = 192


def tensor(crop: np.ndarray) -> np.ndarray:
    """A 112 x 112 x 3 uint8 RGB crop as the model's input, without the batch axis."""
    return (crop.astype(np.float32) - 127.5) / 128.0


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector at length 1, float32."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)


class Embedder:
    """MobileFaceNet over a network of input 1 x 112 x 112 x 3."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, crop: np.ndarray) -> np.ndarray:
        """The L2-normalised float32 template of an aligned crop."""
        (embedding,) = self._network.run(tensor(crop)[None])
        return unit(embedding[0])
