"""The alignment: a least-squares similarity transform."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.face.align import SIDE, TEMPLATE, aligned, umeyama

scales = st.floats(0.05, 20)
angles = st.floats(-np.pi, np.pi)
shifts = st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000))


def _similarity(scale: float, angle: float, shift: tuple[float, float]) -> np.ndarray:
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])


def _moved(points: np.ndarray, by: np.ndarray) -> np.ndarray:
    return points @ by[:, :2].T + by[:, 2]


@given(scales, angles, shifts)
def test_a_known_similarity_is_recovered(scale: float, angle: float, shift: tuple[float, float]):
    known = _similarity(scale, angle, shift)
    found = umeyama(TEMPLATE, _moved(TEMPLATE, known))
    np.testing.assert_allclose(_moved(TEMPLATE, found), _moved(TEMPLATE, known), atol=1e-6)
    np.testing.assert_allclose(found[:, :2], known[:, :2], atol=1e-9 * max(1, scale) * 1e3)


@given(scales, angles, shifts, st.integers(0, 2**32 - 1))
def test_no_other_similarity_fits_noisy_points_better(
    scale: float, angle: float, shift: tuple[float, float], seed: int
):
    generator = np.random.default_rng(seed)
    target = _moved(TEMPLATE, _similarity(scale, angle, shift)) + generator.normal(0, 0.1 * scale, (5, 2))
    found = umeyama(TEMPLATE, target)
    best = np.square(_moved(TEMPLATE, found) - target).sum()
    for _ in range(5):
        other = found + np.hstack([np.zeros((2, 2)), generator.normal(0, scale, (2, 1))])
        turn = _similarity(float(1 + generator.normal(0, 0.05)), float(generator.normal(0, 0.05)), (0, 0))[
            :, :2
        ]
        other[:, :2] = turn @ other[:, :2]
        assert np.square(_moved(TEMPLATE, other) - target).sum() >= best * (1 - 1e-9)


@given(st.integers(0, 2**32 - 1))
def test_a_mirrored_face_is_never_mirrored_back(seed: int):
    target = TEMPLATE * [-1, 1] + np.random.default_rng(seed).normal(0, 1, (5, 2))
    found = umeyama(TEMPLATE, target)
    assert np.linalg.det(found[:, :2]) > 0


def test_a_face_on_the_template_is_cut_out_unchanged():
    picture = np.random.default_rng(1).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    np.testing.assert_array_equal(
        aligned(picture, TEMPLATE + np.array([40, 30])), picture[30 : 30 + SIDE, 40 : 40 + SIDE]
    )
