"""What is kept of a face: three vectors of 192 numbers, which model made them, and never a picture."""

from __future__ import annotations

import msgspec
import numpy as np

from anganwadi.events import FaceTemplateRecord
from models.face.embed import DIMENSIONS, unit

FRAMES = 3


class TemplateError(ValueError):
    """These bytes are not a face template."""


class FaceTemplate(msgspec.Struct, frozen=True):
    """One person's enrolled face. Shows nothing of itself when printed."""

    model: str
    """Name and weights of the embedder; templates of another model do not compare"""
    vectors: bytes
    """3 x 192 float32, little-endian, each row of length 1"""

    def __post_init__(self) -> None:
        """Refuse bytes that are not three unit vectors."""
        if len(self.vectors) != FRAMES * DIMENSIONS * 4:
            raise TemplateError(
                f"a face template has {FRAMES * DIMENSIONS * 4} bytes, not {len(self.vectors)}"
            )
        lengths = np.linalg.norm(self.rows(), axis=1)
        if not np.all(np.abs(lengths - 1.0) < 1e-3):
            raise TemplateError("a face template's rows must have length 1")

    def __repr__(self) -> str:
        """Without the numbers."""
        return f"FaceTemplate(model={self.model!r}, vectors=<hidden>)"

    @classmethod
    def of(cls, model: str, rows: list[np.ndarray]) -> FaceTemplate:
        """From three embeddings of one person."""
        return cls(model, np.stack(rows).astype("<f4").tobytes())

    @classmethod
    def of_record(cls, record: FaceTemplateRecord) -> FaceTemplate:
        """From a record of the vault, whose float16 rows are brought back to length 1.

        Raises:
            TemplateError: the record does not hold three vectors of 192.
        """
        if len(record.vectors) != FRAMES * DIMENSIONS * 2:
            raise TemplateError(
                f"a template record has {FRAMES * DIMENSIONS * 2} bytes, not {len(record.vectors)}"
            )
        halves = np.frombuffer(record.vectors, "<f2").reshape(FRAMES, DIMENSIONS).astype(np.float32)
        return cls.of(record.model, [unit(row) for row in halves])

    def record(self) -> FaceTemplateRecord:
        """As it travels and is kept: float16, which moves a cosine by less than 0.001."""
        return FaceTemplateRecord(self.model, self.rows().astype("<f2").tobytes())

    def rows(self) -> np.ndarray:
        """3 x 192 float32."""
        return np.frombuffer(self.vectors, "<f4").reshape(FRAMES, DIMENSIONS)

    def centre(self) -> np.ndarray:
        """The mean direction of the three, of length 1: what a new face is compared with."""
        return unit(self.rows().mean(axis=0))
