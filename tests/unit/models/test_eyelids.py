"""Open eyes measure wide, closed ones narrow, each on its own side. The lids are drawn down on the portraits."""

import cv2
import numpy as np
import pytest

from hardware.synthetic_face.head import Pose, SyntheticHead
from models.face.eyelids import Eyelids
from models.face.pipeline import FacePipeline


def lids_of(pipeline: FacePipeline, rgb: np.ndarray) -> Eyelids:
    face = pipeline.place(rgb, pipeline.detect(rgb)[0])
    assert face is not None
    return pipeline.eyelids(rgb, face.mesh)


@pytest.mark.parametrize("portrait", ["astronaut", "hopper"])
def test_closed_eyes_are_under_two_thirds_of_the_open_ones(
    pipeline: FacePipeline, portrait: str, request: pytest.FixtureRequest
):
    head = SyntheticHead.of(request.getfixturevalue(portrait), pipeline)
    opened, half, closed = (
        lids_of(pipeline, head.render(Pose(lids=lids), (640, 480))) for lids in (1.0, 0.5, 0.0)
    )
    assert min(opened.left, opened.right) > 0.2
    assert max(opened.left, opened.right) < 0.45
    assert closed.left < 0.6 * opened.left
    assert closed.right < 0.6 * opened.right
    assert closed.wider < half.wider < opened.wider


def test_one_closed_eye_is_found_on_its_own_side_and_on_the_other_in_the_mirror(
    pipeline: FacePipeline, astronaut: np.ndarray
):
    head = SyntheticHead.of(astronaut, pipeline)
    winking = head.render(Pose(), (640, 480))
    winking[:, :320] = head.render(Pose(lids=0.0), (640, 480))[:, :320]
    wink, mirrored = (lids_of(pipeline, np.ascontiguousarray(rgb)) for rgb in (winking, winking[:, ::-1]))
    assert wink.left < 0.7 * wink.right
    assert mirrored.right < 0.7 * mirrored.left


def test_a_tilted_head_and_a_smaller_one_measure_about_the_same(
    pipeline: FacePipeline, astronaut: np.ndarray
):
    straight = lids_of(pipeline, astronaut)
    for angle, scale in ((20.0, 1.0), (-20.0, 1.0), (0.0, 0.7)):
        turned = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((225, 128), angle, scale), (512, 512))
        lids = lids_of(pipeline, turned)
        assert lids.left == pytest.approx(straight.left, rel=0.2)
        assert lids.right == pytest.approx(straight.right, rel=0.2)
