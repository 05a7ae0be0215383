"""What is kept of a face: three vectors, which model made them, which rotation turned them, and never a picture.

A vector has as many numbers as the model's parts together: 192 of the quick model, 128 of the accurate one, 320 of both
in a cascade. Where the centre has a secret rotation, what is recorded is turned by it, and `unturned` turns it back in
RAM for a comparison; turning both sides or neither gives the same score.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from anganwadi.events import FaceTemplateRecord
from models.face import recognise
from models.face.embed import DIMENSIONS
from models.face.rotation import Rotation, UnknownModel, parts_of

FRAMES = 3


class TemplateError(ValueError):
    """These bytes are not a face template."""


class OtherRotationError(Exception):
    """The template is turned by a secret that is not at hand: it comes with the next roster."""


class FaceTemplate(msgspec.Struct, frozen=True):
    """One person's enrolled face. Shows nothing of itself when printed."""

    model: str
    """Name and weights of the embedders; templates of another model do not compare"""
    vectors: bytes
    """3 x sum of `parts` float32, little-endian, each part of each row of length 1"""
    parts: tuple[int, ...] = (DIMENSIONS,)
    rotation: int = 0
    """Number of the rotation that turned the rows; 0 is none"""

    def __post_init__(self) -> None:
        """Refuse bytes that are not three vectors whose parts have length 1."""
        size = FRAMES * sum(self.parts) * 4
        if len(self.vectors) != size:
            raise TemplateError(f"a face template has {size} bytes, not {len(self.vectors)}")
        if not all(np.all(np.abs(_lengths(part) - 1.0) < 1e-3) for part in _split(self.rows(), self.parts)):
            raise TemplateError("a face template's rows must have length 1")

    def __repr__(self) -> str:
        """Without the numbers."""
        return f"FaceTemplate(model={self.model!r}, rotation={self.rotation}, vectors=<hidden>)"

    @classmethod
    def of(
        cls, model: str, rows: Sequence[np.ndarray], parts: tuple[int, ...] = (DIMENSIONS,), rotation: int = 0
    ) -> FaceTemplate:
        """From three embeddings of one person."""
        return cls(model, np.stack(rows).astype("<f4").tobytes(), parts, rotation)

    @classmethod
    def of_record(cls, record: FaceTemplateRecord) -> FaceTemplate:
        """From a record of the vault, whose float16 rows are brought back to length 1.

        Raises:
            TemplateError: the record does not hold three vectors of its model.
        """
        parts = _parts(record)
        halves = np.frombuffer(record.vectors, "<f2").astype(np.float32).reshape(FRAMES, -1)
        if not np.isfinite(halves).all() or not halves.any(axis=1).all():
            raise TemplateError("a face template's rows must have length 1")
        whole = [part / np.maximum(_lengths(part), 1e-6)[:, None] for part in _split(halves, parts)]
        return cls.of(record.model, list(np.hstack(whole)), parts, record.rotation)

    def record(self, rotation: Rotation | None = None) -> FaceTemplateRecord:
        """As it travels and is kept: float16, which moves a cosine by less than 0.001, and turned by `rotation`.

        Raises:
            OtherRotationError: it is turned already, by another rotation.
        """
        rows, number = self.rows(), self.rotation
        if rotation is not None and number != rotation.number:
            if number:
                raise OtherRotationError(f"turned by rotation {number}, not {rotation.number}")
            rows, number = rotation.turn(rows, self.parts), rotation.number
        return FaceTemplateRecord(self.model, rows.astype("<f2").tobytes(), number)

    def unturned(self, rotation: Rotation | None) -> FaceTemplate:
        """The template as the model gave it, by the rotation that turned it.

        Raises:
            OtherRotationError: it was turned by another one, or by one and there is none.
        """
        if self.rotation == 0:
            return self
        if rotation is None or rotation.number != self.rotation:
            raise OtherRotationError(f"turned by rotation {self.rotation}: log in again for a new roster")
        return FaceTemplate.of(self.model, list(rotation.back(self.rows(), self.parts)), self.parts)

    def rows(self) -> np.ndarray:
        """3 x sum of `parts`, float32."""
        return np.frombuffer(self.vectors, "<f4").reshape(FRAMES, sum(self.parts))

    def centre(self) -> np.ndarray:
        """The mean direction of the three, each part of length 1: what a new face is compared with."""
        return recognise.centre(self.rows(), self.parts)


def _parts(record: FaceTemplateRecord) -> tuple[int, ...]:
    """The sizes of a record's parts: of a model that is not known, one part of what there is.

    Raises:
        TemplateError: its length is not that of three such vectors.
    """
    numbers, rest = divmod(len(record.vectors), FRAMES * 2)
    try:
        parts = parts_of(record.model)
    except UnknownModel:
        parts = (numbers,)
    if rest or numbers == 0 or sum(parts) != numbers:
        raise TemplateError(f"{len(record.vectors)} bytes do not hold three vectors of {record.model}")
    return parts


def _split(rows: np.ndarray, parts: Sequence[int]) -> list[np.ndarray]:
    return np.split(rows, np.cumsum(parts)[:-1], axis=1)


def _lengths(rows: np.ndarray) -> np.ndarray:
    return np.linalg.norm(rows, axis=1)
