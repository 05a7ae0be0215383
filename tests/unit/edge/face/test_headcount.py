"""Faces in a group picture are counted to within one. The groups are montages of two public-domain portraits."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.camera_motion import Portrait
from edge.face.engine import FaceEngine
from edge.face.headcount import LEAST_OVERLAP, HeadCounter, windows
from models.settings import settings

SIZE = (1280, 960)
HEAD = (1.6, 2.1)
"""Half width and half height of what is cut out of a portrait, in face widths."""


@pytest.fixture(scope="module")
def counter(engine: FaceEngine) -> HeadCounter:
    return HeadCounter.load(settings().models_dir)


def _wall(size: tuple[int, int] = SIZE) -> np.ndarray:
    grain = np.random.default_rng(7).normal(0, 6, (size[1], size[0], 3))
    return np.clip(grain + np.array([150, 140, 125]), 0, 255).astype(np.uint8)


def _head(portrait: Portrait, width: float) -> np.ndarray:
    x, y = portrait.centre
    half = np.array(HEAD) * portrait.face_width
    low = np.maximum([x - half[0], y - half[1]], 0).astype(int)
    cut = portrait.rgb[low[1] : int(y + half[1]), low[0] : int(x + half[0])]
    scale = width / portrait.face_width
    return cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _group(portraits: dict[str, Portrait], widths: list[float], seed: int) -> tuple[np.ndarray, int]:
    """People side by side and in rows, none before another; how many found a place."""
    generator, picture = np.random.default_rng(seed), _wall()
    people = list(portraits.values())
    left = top = row = placed = 0
    for width in widths:
        head = _head(people[int(generator.integers(2))], width)
        head = head[:, ::-1] if generator.random() < 0.5 else head
        high, wide = head.shape[:2]
        if left + wide > SIZE[0]:
            left, top, row = 0, top + row, 0
        if left + wide > SIZE[0] or top + high > SIZE[1]:
            break
        lit = np.clip(head * generator.uniform(0.6, 1.1), 0, 255).astype(np.uint8)
        picture[top : top + high, left : left + wide] = lit
        left, row, placed = left + wide + int(generator.integers(30)), max(row, high), placed + 1
    return picture, placed


@pytest.mark.parametrize("people", range(2, 13))
def test_a_group_of_any_size_is_counted_to_within_one(
    counter: HeadCounter, portraits: dict[str, Portrait], people: int
):
    for seed in (1, 2):
        most = 110 if people < 9 else 75
        widths = sorted(np.random.default_rng([people, seed]).uniform(40, most, people).tolist())
        picture, there = _group(portraits, widths, seed)
        assert there == people
        assert abs(counter.count(picture) - there) <= 1


@pytest.mark.parametrize("width", [40, 55, 80, 120, 170, 240])
def test_faces_of_every_size_are_counted(counter: HeadCounter, portraits: dict[str, Portrait], width: int):
    picture, there = _group(portraits, [width] * 4, seed=width)
    assert abs(counter.count(picture) - there) <= (1 if there > 1 else 0)


def test_an_empty_room_has_nobody_in_it(counter: HeadCounter):
    assert counter.count(_wall()) == 0
    assert counter.count(np.zeros((480, 640, 3), np.uint8)) == 0


def test_one_face_that_fills_the_picture_is_one(counter: HeadCounter, stand):
    assert counter.count(stand(width=0.5)) == 1


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_every_pixel_lies_in_a_square_and_neighbours_overlap(width: int, height: int):
    covered = np.zeros((height, width), bool)
    whole, *squares = windows(width, height)
    assert (whole.left, whole.top, whole.right, whole.bottom) == (0, 0, width, height)
    for square in squares:
        covered[square.top : square.bottom, square.left : square.right] = True
        assert square.right <= width
        assert square.bottom <= height
    assert covered.all()
    lefts = sorted({square.left for square in squares})
    rights = sorted({square.right for square in squares})
    assert all(right - left >= LEAST_OVERLAP for left, right in zip(lefts[1:], rights, strict=False))
