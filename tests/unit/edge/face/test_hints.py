"""A picture that cannot be used says what to change, and is never scored."""

import threading
from itertools import islice

import cv2
import msgspec
import numpy as np
import pytest

from anganwadi.verification import Light
from edge.devices.camera_motion import Motion, Portrait, picture
from edge.face.engine import FaceEngine
from edge.face.hints import Hint
from edge.face.quality import Limits, Quality, picture_hint

SIZE = (640, 480)
GOOD = Quality(width=150, brightness=120, contrast=40, sharpness=200, turn=0.0)


def _stands(portraits: dict[str, Portrait], **pose: float) -> np.ndarray:
    motion = Motion(9)
    changed = msgspec.structs.replace(motion.pose(0), **pose)
    return picture(portraits["astronaut"], changed, motion.lens(0, SIZE), SIZE)


def test_a_good_picture_has_a_template_a_box_and_no_hint(engine: FaceEngine, portraits: dict[str, Portrait]):
    finding = engine.analyse(_stands(portraits))
    assert (finding.status, finding.hint) == ("ok", None)
    assert finding.template is not None
    assert finding.template.dtype == np.float32
    assert finding.box is not None
    left, top, right, bottom = finding.box
    assert left < 320 < right
    assert top < 240 < bottom


def test_somebody_too_far_away_is_told_so(engine: FaceEngine, portraits: dict[str, Portrait]):
    finding = engine.analyse(_stands(portraits, width=0.125))
    assert (finding.status, finding.hint, finding.template) == ("poor", Hint.TOO_FAR, None)


def test_a_face_half_out_of_the_picture_is_off_centre(engine: FaceEngine, portraits: dict[str, Portrait]):
    finding = engine.analyse(_stands(portraits, x=0.07, tilt=0))
    assert (finding.status, finding.hint) == ("poor", Hint.OFF_CENTRE)


def test_two_faces_side_by_side_are_several(engine: FaceEngine, portraits: dict[str, Portrait]):
    left, right = _stands(portraits, x=0.5), _stands(portraits, x=0.5)
    finding = engine.analyse(np.hstack([left[:, 160:480], right[:, 160:480]]))
    assert (finding.status, finding.hint) == ("several_faces", Hint.SEVERAL_FACES)


def test_a_child_in_the_arms_is_not_asked_who_is_collecting(
    engine: FaceEngine, portraits: dict[str, Portrait]
):
    rgb = _stands(portraits, x=0.5, y=0.35, width=0.24, tilt=0).copy()
    child = cv2.resize(_stands(portraits, x=0.5, y=0.5, width=0.3, tilt=0), None, fx=0.6, fy=0.6)
    rgb[290:480, 330:560] = child[48:238, 77:307]
    finding = engine.look(rgb)
    assert len(engine.pipeline.detect(rgb)) == 2
    assert finding.status == "ok"
    assert finding.box is not None
    assert finding.box[1] < 200


def test_somebody_small_in_the_background_does_not_disturb(
    engine: FaceEngine, portraits: dict[str, Portrait]
):
    rgb = _stands(portraits, x=0.6, width=0.36).copy()
    small = cv2.resize(_stands(portraits, x=0.5)[:, 160:480], (160, 240))
    rgb[:240, :160] = small
    assert engine.analyse(rgb).status == "ok"


def test_an_overexposed_face_is_too_bright(engine: FaceEngine, portraits: dict[str, Portrait]):
    rgb = cv2.convertScaleAbs(_stands(portraits), alpha=0.12, beta=228)
    assert engine.analyse(rgb).hint in {Hint.TOO_BRIGHT, Hint.NO_FACE}


def test_a_smeared_picture_is_blurred(engine: FaceEngine, portraits: dict[str, Portrait]):
    finding = engine.analyse(cv2.GaussianBlur(_stands(portraits), (0, 0), 9))
    assert (finding.status, finding.hint) == ("poor", Hint.BLURRED)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"brightness": 19.0}, Hint.TOO_DARK),
        ({"brightness": 240.0}, Hint.TOO_BRIGHT),
        ({"turn": -0.6}, Hint.TURNED),
        ({"turn": 0.6}, Hint.TURNED),
        ({"sharpness": 5.0}, Hint.BLURRED),
        ({"contrast": 3.0}, Hint.BLURRED),
        ({"yaw": 40.0}, Hint.TURNED),
        ({"pitch": -40.0}, Hint.TURNED),
        ({"covered": 0.95}, Hint.COVERED),
        ({"brightness": 19.0, "light": Light.BACKLIT}, Hint.BACKLIT),
        ({"sharpness": 5.0, "covered": 0.95, "turn": 0.6}, Hint.TURNED),
        ({}, None),
    ],
)
def test_each_limit_has_its_hint(change: dict[str, object], hint: Hint | None):
    assert picture_hint(msgspec.structs.replace(GOOD, **change), Limits()) is hint


def test_threads_that_share_an_engine_get_the_answers_they_would_get_alone(engine: FaceEngine, show):
    pictures = [rgb for face in ("astronaut", "grace_hopper") for rgb, _ in islice(show(face, 3), 4)]
    alone = [engine.analyse(rgb).template for rgb in pictures]
    together: list[np.ndarray | None] = [None] * len(pictures)

    def work(number: int) -> None:
        together[number] = engine.analyse(pictures[number]).template

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine, shared in zip(alone, together, strict=True):
        assert mine is not None
        assert shared is not None
        np.testing.assert_array_equal(mine, shared)
