"""A centre's secret rotation of its face templates.

Every template of a centre is turned by the same orthogonal matrix before it is written down, and so is every new face
before it is compared: cosines stay what they were. Turned by another centre's matrix, or by none, the same face is an
unrelated direction. That makes templates renewable (turn them on by another matrix) and useless elsewhere. It is
pseudonymisation, not encryption: whoever has the secret turns them back (`docs/biometrics.md`).

The matrix is drawn evenly from all rotations and reflections (Haar measure): the QR decomposition of a matrix of normal
numbers, with the signs of R's diagonal taken out (Mezzadri, "How to generate random matrices from the classical compact
groups", Notices of the AMS 54, 2007). Its numbers are drawn from SHAKE-256 of the secret, so that every machine draws
the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

SECRET_BYTES = 32

PART_SIZES = {"mobilefacenet": 192, "sface": 128}
"""Numbers a template has of each embedder, by the first word of its model's name."""


class UnknownModel(ValueError):
    """A template of a model that is not known here: it cannot be turned."""


def parts_of(model: str) -> tuple[int, ...]:
    """The sizes of the parts that templates of `model` are made of; a model of two embedders is named `one+other`.

    Raises:
        UnknownModel: an embedder of that name is not known.
    """
    try:
        return tuple(PART_SIZES[name.split("-")[0]] for name in model.split("+"))
    except KeyError as error:
        raise UnknownModel(f"no embedder is known as {error.args[0]}") from None


class Rotation:
    """One centre's secret matrix, for one log-in; it holds the secret and shows nothing of it."""

    def __init__(self, number: int, secret: bytes) -> None:
        """`number` counts a centre's secrets; `secret` are 32 random bytes.

        Raises:
            ValueError: the secret has another length.
        """
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a rotation's secret has {SECRET_BYTES} bytes, not {len(secret)}")
        self.number = number
        self._secret = secret
        self._matrices: dict[tuple[int, int], np.ndarray] = {}

    def __repr__(self) -> str:
        return f"Rotation(number={self.number}, secret=<hidden>)"

    def turn(self, vectors: np.ndarray, parts: Sequence[int]) -> np.ndarray:
        """Vectors (... x sum of `parts`, float32), each part turned by its own matrix; lengths and cosines stay."""
        return self._each_part(vectors, parts, back=False)

    def back(self, vectors: np.ndarray, parts: Sequence[int]) -> np.ndarray:
        """The vectors that `turn` made these of."""
        return self._each_part(vectors, parts, back=True)

    def _each_part(self, vectors: np.ndarray, parts: Sequence[int], *, back: bool) -> np.ndarray:
        if sum(parts) != vectors.shape[-1]:
            raise ValueError(f"a template of {vectors.shape[-1]} numbers has no parts of {tuple(parts)}")
        turned: list[np.ndarray] = []
        begin = 0
        for place, size in enumerate(parts):
            matrix = self._matrix(place, size)
            turned.append(vectors[..., begin : begin + size] @ (matrix if back else matrix.T))
            begin += size
        return np.concatenate(turned, axis=-1).astype(np.float32)

    def _matrix(self, place: int, size: int) -> np.ndarray:
        if (place, size) not in self._matrices:
            self._matrices[place, size] = rotation_matrix(self._secret + bytes([place]), size)
        return self._matrices[place, size]


def rotation_matrix(secret: bytes, dimensions: int) -> np.ndarray:
    """The orthogonal matrix (`dimensions` x `dimensions`, float64) that `secret` stands for."""
    normal = _normal_numbers(b"aangan template rotation" + secret, dimensions * dimensions)
    q, r = np.linalg.qr(normal.reshape(dimensions, dimensions))
    return q * np.sign(np.diagonal(r))


def _normal_numbers(seed: bytes, count: int) -> np.ndarray:
    """`count` (even) standard normal numbers, by Box and Muller from uniform ones."""
    even = count + count % 2
    drawn = np.frombuffer(hashlib.shake_256(seed).digest(8 * even), "<u8")
    uniform = ((drawn >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    radius = np.sqrt(-2.0 * np.log(uniform[: even // 2]))
    angle = 2.0 * np.pi * uniform[even // 2 :]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
