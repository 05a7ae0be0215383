"""What stands out of a face moves sideways when a head turns; on a sheet, flat or bent, nothing stands out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.face.liveness_relief import LEAST_POINTS, Relief, parallax
from models.face.mesh import Mesh

POINTS = 80
SEEDS = st.integers(0, 10_000)
DEGREES = st.floats(15, 45) | st.floats(-45, -15)


def face_like(seed: int) -> np.ndarray:
    """n x 3: an egg with a nose, nearer parts with smaller z, about as wide as a face followed."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-50, 50, (2, POINTS))
    egg = 35 * ((x / 50) ** 2 + 0.6 * (y / 50) ** 2)
    nose = -26 * np.exp(-((x / 11) ** 2) - ((y - 8) / 17) ** 2)
    sockets = 9 * sum(np.exp(-(((x - side) / 10) ** 2) - ((y + 15) / 9) ** 2) for side in (-20, 20))
    return np.stack([x, y, egg + nose + sockets], axis=1)


def seen(shape: np.ndarray, degrees: float, grown: float = 1.0, away: float = 700.0) -> np.ndarray:
    """n x 2: the points turned to the person's own left (the picture's right) and seen from `away`."""
    angle = np.radians(degrees)
    x = shape[:, 0] * np.cos(angle) - shape[:, 2] * np.sin(angle)
    z = shape[:, 0] * np.sin(angle) + shape[:, 2] * np.cos(angle)
    return grown * np.stack([x, shape[:, 1]], axis=1) * away / (away + z[:, None]) + (300, 200)


@given(SEEDS, DEGREES, st.floats(0.8, 1.25))
def test_a_turned_head_shows_its_depth_times_the_sine_of_the_turn_however_near_it_came(
    seed: int, degrees: float, grown: float
):
    shape = face_like(seed)
    measured = parallax(seen(shape, 0.0), seen(shape, degrees, grown), shape[:, 2])
    assert measured == pytest.approx(np.sin(np.radians(degrees)), rel=0.3)


@given(SEEDS, DEGREES, st.floats(-20, 20))
def test_a_flat_sheet_shows_no_depth_whatever_it_is_turned_and_tilted(seed: int, degrees: float, tilt: float):
    shape = face_like(seed)
    sheet = shape * (1, 1, 0)
    sheet[:, 2] = np.sin(np.radians(tilt)) * sheet[:, 1]
    measured = parallax(seen(shape * (1, 1, 0), 0.0), seen(sheet, degrees), shape[:, 2])
    assert abs(measured / np.sin(np.radians(degrees))) < 0.12


@given(SEEDS, DEGREES, st.floats(60, 120))
def test_a_sheet_bent_about_the_face_shows_next_to_none(seed: int, degrees: float, radius: float):
    shape = face_like(seed)
    bent = shape.copy()
    bent[:, 2] = radius - np.sqrt(radius**2 - shape[:, 0] ** 2)
    measured = parallax(seen(bent, 0.0), seen(bent, degrees), shape[:, 2])
    assert abs(measured / np.sin(np.radians(degrees))) < 0.25


@given(SEEDS, DEGREES)
def test_a_point_that_slid_away_changes_little(seed: int, degrees: float):
    shape = face_like(seed)
    there = seen(shape, degrees)
    there[:4] += 40.0
    measured = parallax(seen(shape, 0.0), there, shape[:, 2])
    assert measured == pytest.approx(np.sin(np.radians(degrees)), rel=0.3)


def test_a_face_without_texture_says_nothing():
    mesh = Mesh(np.random.default_rng(1).uniform(50, 150, (468, 3)), 1.0)
    relief = Relief(np.full((200, 200), 128, np.uint8), mesh, 100.0)
    relief.follow(np.full((200, 200), 128, np.uint8))
    assert relief.points < LEAST_POINTS
    assert relief.depth(0.4) is None


def test_points_that_are_gone_stay_lost():
    rng = np.random.default_rng(2)
    picture = rng.integers(0, 255, (40, 40), np.uint8).repeat(5, axis=0).repeat(5, axis=1)
    relief = Relief(picture, Mesh(rng.uniform(40, 160, (468, 3)), 1.0), 100.0)
    began = relief.points
    relief.follow(picture)
    assert relief.points == began > LEAST_POINTS
    relief.follow(np.full((200, 200), 128, np.uint8))
    lost = relief.points
    relief.follow(picture)
    assert relief.points <= lost < began
