"""Which of the mesh's 468 vertices make triangles, the face's rim and the lids: MediaPipe's canonical face."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np

DATA = Path(__file__).with_name("topology.json")


class EyeRim(msgspec.Struct, frozen=True):
    """The vertices along one eye's lids, both from corner to corner, left to right in the picture."""

    upper: list[int]
    lower: list[int]


class Topology(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Index lists into the 468 vertices."""

    source: str
    licence: str
    oval: list[int]
    """The rim of the face, 36 vertices, clockwise in the picture from the top"""
    eyes: list[EyeRim]
    """The eye that is left in the picture, then the other"""
    triangles: list[tuple[int, int, int]]

    def faces(self) -> np.ndarray:
        """The triangles as n x 3 int."""
        return np.array(self.triangles)


@cache
def topology() -> Topology:
    """The topology, read once."""
    return msgspec.json.decode(DATA.read_bytes(), type=Topology)
