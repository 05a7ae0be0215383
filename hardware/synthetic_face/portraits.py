"""The mesh of the demo's two portraits, as the landmark model reads it: a head can be made without loading a model.

A test compares it with the model's answer of today.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np

DATA = Path(__file__).with_name("portraits.json")


def mesh(name: str) -> np.ndarray:
    """468 x 3, in pixels of the portrait, z negative towards the camera; `name` is astronaut or grace_hopper."""
    return np.array(_meshes()[name])


@cache
def _meshes() -> dict[str, list[tuple[float, float, float]]]:
    return msgspec.json.decode(DATA.read_bytes(), type=dict[str, list[tuple[float, float, float]]])
