"""What looks like a picture of a picture is flagged, and an ordinary picture is not."""

import cv2
import numpy as np
import pytest

from edge.devices.camera_motion import Portrait
from edge.face.engine import FaceEngine
from edge.face.flags import NAMES, Flags
from models.face.pipeline import Face, main_face

SIZE = (640, 480)


@pytest.fixture(scope="module")
def picture(portraits: dict[str, Portrait]) -> np.ndarray:
    """Grace Hopper, her face 170 px wide, before a plain wall."""
    scene = np.full((SIZE[1], SIZE[0], 3), 150, np.uint8)
    rgb = portraits["grace_hopper"].rgb
    small = cv2.resize(rgb, None, fx=0.85, fy=0.85, interpolation=cv2.INTER_AREA)[:480]
    left = (SIZE[0] - small.shape[1]) // 2
    scene[: small.shape[0], left : left + small.shape[1]] = small
    return scene


def found(engine: FaceEngine, rgb: np.ndarray) -> Face:
    face = engine.pipeline.place(rgb, main_face(engine.pipeline.detect(rgb), rgb.shape))
    assert face is not None
    return face


def flagged(engine: FaceEngine, rgb: np.ndarray) -> tuple[str, ...]:
    flags = Flags()
    for number in range(3):
        flags.look(rgb, found(engine, rgb), float(number))
    return flags.result()


def test_a_screens_coloured_stripes_are_a_moire(engine: FaceEngine, picture: np.ndarray):
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    wave = 0.07 * np.sin(2 * np.pi * (0.11 * x + 0.05 * y))
    striped = picture * np.stack([1 + wave, 1 - wave, 1 + wave], axis=2)
    assert "moire" not in flagged(engine, picture)
    assert "moire" in flagged(engine, striped.clip(0, 255).astype(np.uint8))


def test_three_straight_edges_round_the_face_are_a_bezel(engine: FaceEngine, portraits: dict[str, Portrait]):
    scene = np.full((SIZE[1], SIZE[0], 3), 190, np.uint8)
    rgb = cv2.resize(portraits["grace_hopper"].rgb, (260, 308))
    scene[60:480, 170:470] = 20
    scene[80:388, 190:450] = rgb
    assert "bezel" in flagged(engine, scene)


def test_a_burnt_spot_on_the_face_is_a_glare(engine: FaceEngine, picture: np.ndarray):
    lit = picture.copy()
    x, y = found(engine, picture).mesh.five_points()[2]
    cv2.circle(lit, (round(float(x)) + 30, round(float(y))), 24, (255, 255, 255), -1)
    assert "glare" in flagged(engine, lit)
    assert "glare" not in flagged(engine, picture)


def test_a_face_out_of_focus_is_blurred(engine: FaceEngine, picture: np.ndarray):
    assert "blur" in flagged(engine, cv2.GaussianBlur(picture, (0, 0), 6.0))
    assert "blur" not in flagged(engine, picture)


def test_two_pictures_alike_to_the_last_bit_are_frozen(picture: np.ndarray):
    moving, still = Flags(), Flags()
    for number in range(3):
        moving.frozen(picture + np.uint8(number))
        still.frozen(picture)
    assert moving.result() == ()
    assert still.result() == ("frozen",)


def test_turns_are_flat_if_half_of_them_showed_no_relief():
    flags = Flags()
    for relief in (0.9, 0.1, None):
        flags.relief(relief, 0.3)
    assert flags.result() == ("flat",)
    flags.relief(0.8, 0.3)
    assert flags.result() == ()


def test_a_flag_that_most_looks_did_not_raise_falls(engine: FaceEngine, picture: np.ndarray):
    flags = Flags()
    blurred = cv2.GaussianBlur(picture, (0, 0), 6.0)
    for number, rgb in enumerate((blurred, picture, picture)):
        flags.look(rgb, found(engine, rgb), float(number))
        flags.look(blurred, found(engine, rgb), float(number) + 0.1)
    assert "blur" not in flags.result()
    assert set(flags.result()) <= set(NAMES)
