"""The four steps on the two portraits."""

import cv2
import numpy as np

from models.face.detect import Detection
from models.face.pipeline import FacePipeline, main_face


def test_the_face_is_found_where_it_is(pipeline: FacePipeline, astronaut: np.ndarray):
    (face,) = pipeline.detect(astronaut)
    left, top, right, bottom = face.box
    assert left < 225 < right
    assert top < 128 < bottom
    assert 70 < face.width < 120
    left_eye, right_eye = face.points[:2]
    assert left_eye[0] < right_eye[0]


def test_the_five_points_lie_on_the_face_in_their_order(pipeline: FacePipeline, hopper: np.ndarray):
    face = pipeline.place(hopper, pipeline.detect(hopper)[0])
    assert face is not None
    eye_left, eye_right, nose, mouth_left, mouth_right = face.mesh.five_points()
    assert eye_left[0] < nose[0] < eye_right[0]
    assert mouth_left[0] < mouth_right[0]
    assert max(eye_left[1], eye_right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])
    assert abs(face.mesh.turn()) < 0.3


def test_a_head_in_profile_measures_as_turned_and_its_mirror_the_other_way(
    pipeline: FacePipeline, astronaut: np.ndarray
):
    squeezed = astronaut.copy()
    squeezed[:, 180:225] = cv2.resize(astronaut[:, 225 - 18 : 225], (45, 512))
    turns = []
    for picture in (squeezed, squeezed[:, ::-1]):
        picture = np.ascontiguousarray(picture)
        face = pipeline.place(picture, pipeline.detect(picture)[0])
        assert face is not None
        turns.append(face.mesh.turn())
    assert turns[0] * turns[1] < 0


def test_one_person_scores_high_and_two_people_low(
    pipeline: FacePipeline, astronaut: np.ndarray, hopper: np.ndarray
):
    darker = cv2.convertScaleAbs(astronaut, alpha=0.6)
    tilted = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((225, 128), 25, 0.8), (512, 512))
    own = [pipeline.analyse(picture).template for picture in (astronaut, darker, tilted)]
    other = pipeline.analyse(hopper).template
    assert other is not None
    for template in own:
        assert template is not None
        assert own[0] is not None
        assert template @ own[0] > 0.8
        assert template @ other < 0.35
        assert abs(np.linalg.norm(template) - 1) < 1e-5


def test_an_empty_wall_has_no_face(pipeline: FacePipeline):
    analysis = pipeline.analyse(np.full((480, 640, 3), 180, np.uint8))
    assert (analysis.status, analysis.template) == ("no_face", None)


def test_two_faces_are_both_found(pipeline: FacePipeline, astronaut: np.ndarray):
    person = astronaut[20:270, 100:350]
    assert len(pipeline.detect(np.hstack([person, person]))) == 2


def test_a_picture_of_any_shape_is_taken(pipeline: FacePipeline, astronaut: np.ndarray):
    for picture in (astronaut[:, 100:350], astronaut[:300], astronaut[:1], astronaut[:, :1]):
        assert pipeline.analyse(np.ascontiguousarray(picture)).status in {"ok", "no_face"}


def test_the_main_face_is_the_large_one_near_the_middle():
    def face(x: float, y: float, side: float) -> Detection:
        box = np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2])
        return Detection(box, np.zeros((6, 2)), 0.9)

    middle, corner, speck = face(320, 240, 120), face(60, 60, 130), face(320, 240, 20)
    assert main_face([corner, middle, speck], (480, 640, 3)) is middle
    assert main_face([speck, corner], (480, 640, 3)) is corner


def test_neither_face_nor_analysis_shows_its_numbers(pipeline: FacePipeline, astronaut: np.ndarray):
    analysis = pipeline.analyse(astronaut)
    face = pipeline.place(astronaut, pipeline.detect(astronaut)[0])
    assert "array" not in repr(analysis) + repr(face)
