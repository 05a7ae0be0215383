import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.face.rotation import Rotation, UnknownModel, parts_of, rotation_matrix

PARTS = (192, 128)
ONE, OTHER = Rotation(1, bytes(range(32))), Rotation(2, bytes(32))


def faces(seed: int, count: int = 4) -> np.ndarray:
    """Rows whose parts each have length 1."""
    rows = np.random.default_rng(seed).normal(size=(count, sum(PARTS)))
    parts = np.split(rows, [PARTS[0]], axis=1)
    return np.hstack([part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts]).astype(
        np.float32
    )


@settings(max_examples=10)
@given(st.binary(min_size=32, max_size=33), st.integers(2, 200))
def test_matrix_is_orthogonal(secret, dimensions):
    matrix = rotation_matrix(secret, dimensions)
    assert np.allclose(matrix @ matrix.T, np.eye(dimensions), atol=1e-10)


def test_same_secret_gives_the_same_matrix_on_every_machine():
    matrix = rotation_matrix(bytes(range(32)), 192)
    assert np.allclose(
        matrix[0, :3], [0.08188449971838563, 0.07814900709662174, -0.005964665874057553], atol=1e-9
    )


@given(st.integers(0, 1000))
def test_cosines_of_every_part_stay_what_they_were(seed):
    rows = faces(seed)
    turned = ONE.turn(rows, PARTS)
    for part in (slice(0, 192), slice(192, 320)):
        assert np.allclose(turned[:, part] @ turned[:, part].T, rows[:, part] @ rows[:, part].T, atol=1e-5)


@given(st.integers(0, 1000))
def test_turning_back_gives_the_template_again(seed):
    rows = faces(seed)
    assert np.allclose(ONE.back(ONE.turn(rows, PARTS), PARTS), rows, atol=1e-5)


def test_face_turned_by_another_secret_is_an_unrelated_direction():
    rows = faces(7, 200)
    here, elsewhere = ONE.turn(rows, PARTS)[:, :192], OTHER.turn(rows, PARTS)[:, :192]
    scores = np.sum(here * elsewhere, axis=1)
    assert abs(float(scores.mean())) < 0.02
    assert float(np.abs(scores).max()) < 0.35


def test_turned_vectors_keep_nothing_of_the_plain_ones():
    rows = faces(8, 200)
    scores = np.sum(rows[:, :192] * ONE.turn(rows, PARTS)[:, :192], axis=1)
    assert float(np.abs(scores).max()) < 0.35


def test_parts_follow_from_the_models_name():
    assert parts_of("mobilefacenet-d8decf464006") == (192,)
    assert parts_of("mobilefacenet-d8decf464006+sface-827d2b58fe49") == (192, 128)
    with pytest.raises(UnknownModel, match="facenet9"):
        parts_of("facenet9-00")


def test_vectors_of_another_size_are_refused():
    with pytest.raises(ValueError, match="no parts of"):
        ONE.turn(np.zeros((1, 191), np.float32), (192,))


def test_secret_is_not_shown():
    assert "hidden" in repr(ONE)
