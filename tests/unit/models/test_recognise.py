"""How profiles make templates and score faces against them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import calibration, manifest
from models.calibration import Band, Calibration
from models.face.embed import ACCURATE, QUICK, Embedder, plain, unit
from models.face.pipeline import Face, FacePipeline
from models.face.recognise import PROFILES, Recogniser, centre, model_name, scores
from models.face.runtime import Network

BAND = Band(low=0.3, high=0.6, quick=0.5, accurate=0.4)
CROP = np.zeros((112, 112, 3), np.uint8)
cosines = st.floats(-1, 1, allow_nan=False, width=32)


class Fixed:
    """A network whose answer has a given cosine with the first axis; counts how often it was asked."""

    def __init__(self, cosine: float, dimensions: int) -> None:
        self.asked = 0
        self._answer = np.zeros(dimensions, np.float32)
        self._answer[:2] = cosine, np.sqrt(1 - cosine**2)

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        self.asked += 1
        return [3 * self._answer[None]]


class Onnx:
    """SFace as its package has it, by OpenCV's own runtime: for tests, where no TensorFlow converts it."""

    def __init__(self, path: Path) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(path))

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        self._net.setInput(np.ascontiguousarray(tensor.transpose(0, 3, 1, 2)))
        return [self._net.forward()]


def _calibration(band: Band | None) -> Calibration:
    return Calibration("x", "x", 1, 1, (), (), band)


def _cascade(quick: float, accurate: float) -> tuple[Recogniser, Fixed, Fixed]:
    one, other = Fixed(quick, 192), Fixed(accurate, 128)
    embedders = [Embedder(one, QUICK), Embedder(other, ACCURATE)]
    return Recogniser(embedders, "both", _calibration(BAND)), one, other


def _first_axes() -> np.ndarray:
    centre = np.zeros(320, np.float32)
    centre[0] = centre[192] = 1
    return centre


@given(cosines, cosines)
def test_a_cascade_asks_the_accurate_embedder_only_in_doubt(quick: float, accurate: float):
    recogniser, one, other = _cascade(quick, accurate)
    score = recogniser.score(CROP, _first_axes())
    seen = float(Embedder(one, QUICK)(CROP)[0])
    in_doubt = BAND.low <= seen < BAND.high
    assert other.asked == int(in_doubt)
    expected = BAND.quick + (accurate - BAND.accurate) if in_doubt else quick
    assert score == pytest.approx(expected, abs=1e-5)


def test_in_doubt_the_accurate_threshold_lies_where_the_quick_one_does():
    recogniser, _, _ = _cascade(0.45, BAND.accurate)
    assert recogniser.score(CROP, _first_axes()) == pytest.approx(BAND.quick)


def test_every_part_of_a_template_has_length_1():
    recogniser, _, _ = _cascade(0.2, 0.7)
    template = recogniser.template(CROP)
    assert recogniser.parts == (192, 128)
    assert np.linalg.norm(template[:192]) == pytest.approx(1)
    assert np.linalg.norm(template[192:]) == pytest.approx(1)


def test_a_cascade_without_a_band_is_refused():
    with pytest.raises(ValueError, match="no band"):
        Recogniser([Embedder(Fixed(1, 192)), Embedder(Fixed(1, 128), ACCURATE)], "m", _calibration(None))


@given(arrays(np.float32, (4, 320), elements=st.floats(-1, 1, width=32)))
def test_scores_of_templates_are_the_scores_of_the_faces_behind_them(raw: np.ndarray):
    rows = np.stack([np.concatenate([unit(r[:192] + 2), unit(r[192:] - 2)]) for r in raw])
    table = scores(rows, rows, (192, 128), BAND)
    for i, probe in enumerate(rows):
        for j, enrolled in enumerate(rows):
            quick, accurate = float(probe[:192] @ enrolled[:192]), float(probe[192:] @ enrolled[192:])
            final = float(BAND.final(np.asarray(quick), np.asarray(accurate)))
            edge = min(abs(quick - BAND.low), abs(quick - BAND.high)) < 1e-5
            assert edge or table[i, j] == pytest.approx(final, abs=1e-4)


@given(arrays(np.float32, (3, 320), elements=st.floats(0, 1, width=32)))
def test_every_part_of_a_centre_has_length_1(rows: np.ndarray):
    middle = centre(rows + 0.01, (192, 128))
    assert np.linalg.norm(middle[:192]) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(middle[192:]) == pytest.approx(1, abs=1e-5)


def test_templates_that_cancel_each_other_out_have_no_centre():
    with pytest.raises(ValueError, match="cancel"):
        centre(np.array([[1.0, 0.0], [-1.0, 0.0]]), (2,))


def test_a_model_is_named_by_its_published_weights():
    quick, accurate, both = (model_name(profile) for profile in PROFILES)
    assert quick == "mobilefacenet-" + manifest.read().stage("embed_pair").sha256[:12]
    assert accurate == "sface-" + manifest.read().stage("peer_embed").sha256[:12]
    assert both == f"{quick}+{accurate}"


def _face(pipeline: FacePipeline, rgb: np.ndarray) -> Face:
    face = pipeline.place(rgb, pipeline.detect(rgb)[0])
    assert face is not None
    return face


def test_a_pipeline_says_what_its_templates_and_scores_are(pipeline: FacePipeline, hopper: np.ndarray):
    face = _face(pipeline, hopper)
    template = pipeline.embed(face)
    assert (pipeline.parts, pipeline.dimensions, template.shape) == ((192,), 192, (192,))
    assert pipeline.threshold == calibration.read()["quick"].threshold()
    assert pipeline.calibration == calibration.read()["quick"].version
    assert pipeline.score(face, template) == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(pipeline.glance(face), template)


def test_our_crop_and_colours_are_those_opencv_gives_sface(
    pipeline: FacePipeline, peers_dir: Path, astronaut: np.ndarray
):
    model = peers_dir / manifest.read().stage("peer_embed").name
    crop = _face(pipeline, astronaut).crop
    (ours,) = Onnx(model).run(plain(crop)[None])
    theirs = cv2.FaceRecognizerSF.create(str(model), "").feature(np.ascontiguousarray(crop[..., ::-1]))
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_cascade_of_the_real_models_knows_a_face_again_and_two_faces_apart(
    pipeline: FacePipeline, models_dir: Path, peers_dir: Path, astronaut: np.ndarray, hopper: np.ndarray
):
    embed = manifest.read().stage("embed")
    quick = Embedder(Network(embed.load(models_dir), embed.input), QUICK)
    accurate = Embedder(Onnx(peers_dir / manifest.read().stage("peer_embed").name), ACCURATE)
    always = Band(low=-1, high=1.01, quick=0.5277, accurate=0.4193)
    for band in (calibration.read()["cascade"].band, always):
        both = Recogniser([quick, accurate], model_name("cascade"), _calibration(band))
        enrolled = both.template(_face(pipeline, astronaut).crop)
        darker = _face(pipeline, cv2.convertScaleAbs(astronaut, alpha=0.6)).crop
        assert both.score(darker, enrolled) > calibration.read()["cascade"].threshold()
        assert both.score(_face(pipeline, hopper).crop, enrolled) < 0.4
