"""The replay camera: follows its scene, never repeats itself, and says when it cannot."""

import os
from pathlib import Path

import numpy as np
import pytest

from edge.devices.camera import CameraError
from edge.devices.camera_motion import Motion, picture
from edge.devices.camera_replay import PORTRAITS, ReplayCamera, load_portrait
from edge.devices.camera_scene import Scene, SceneFile, write_scene
from edge.devices.camera_settings import ReplaySettings
from models import manifest
from models.face.pipeline import FacePipeline
from models.fetch import fetch
from models.settings import settings

SIZE = (640, 480)


@pytest.fixture(scope="module")
def faces_dir() -> Path:
    fetch(settings().faces_dir, manifest.read().face)
    return settings().faces_dir


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return tmp_path / "scene.json"


@pytest.fixture
def camera(scene: Path, faces_dir: Path):
    with ReplayCamera(ReplaySettings(scene=scene, faces_dir=faces_dir, fps=30, seed=4)) as started:
        yield started


def test_a_changed_scene_is_in_the_very_next_picture(camera: ReplayCamera, scene: Path):
    empty = camera.frame().rgb
    write_scene(scene, Scene(face="astronaut"))
    there = camera.frame().rgb
    write_scene(scene, Scene(face="astronaut", light="dark"))
    dark = camera.frame().rgb
    scene.unlink()
    gone = camera.frame().rgb
    assert np.abs(empty.astype(int) - gone).mean() < 10
    assert np.abs(there.astype(int) - empty).mean() > 20
    assert dark.mean() < 8


def test_no_scene_file_is_an_empty_room(camera: ReplayCamera):
    assert camera.frame().rgb.std() < 20


@pytest.mark.parametrize("text", ["{", '{"face": "somebody"}', '{"lamp": "on"}', "[]"])
def test_a_scene_that_is_not_one_is_an_error_that_names_the_file(
    camera: ReplayCamera, scene: Path, text: str
):
    scene.write_text(text)
    with pytest.raises(CameraError, match=r"scene\.json is not valid"):
        camera.frame()
    write_scene(scene, Scene())
    camera.frame()


def test_a_scene_is_read_again_when_only_its_time_changes(scene: Path):
    write_scene(scene, Scene(face="astronaut"))
    file = SceneFile(scene)
    assert file.now().face == "astronaut"
    write_scene(scene, Scene(light="dark"))
    os.utime(scene, (1, 1))
    assert file.now() == Scene(light="dark")


def test_a_seed_and_a_number_make_one_picture_and_no_two_numbers_the_same(faces_dir: Path):
    portrait = load_portrait(faces_dir, "astronaut")

    def made(seed: int, number: int) -> bytes:
        motion = Motion(seed)
        return picture(portrait, motion.pose(number / 12), motion.lens(number, SIZE), SIZE).tobytes()

    assert made(1, 5) == made(1, 5)
    assert len({made(seed, number) for seed in (1, 2) for number in range(10)}) == 20


def test_without_a_seed_every_start_moves_differently(scene: Path, faces_dir: Path):
    write_scene(scene, Scene(face="astronaut"))
    camera = ReplayCamera(ReplaySettings(scene=scene, faces_dir=faces_dir))
    with camera:
        first = camera.frame().rgb
    with camera:
        assert (camera.frame().rgb != first).mean() > 0.3


def test_both_portraits_are_framed_where_their_faces_are(faces_dir: Path):
    fetch(settings().models_dir, manifest.read().model)
    pipeline = FacePipeline.load(settings().models_dir)
    for name in PORTRAITS:
        portrait = load_portrait(faces_dir, name)
        (face,) = pipeline.detect(portrait.rgb)
        centre = (face.box[:2] + face.box[2:]) / 2
        assert np.abs(centre - portrait.centre).max() < 0.05 * face.width
        assert abs(face.width - portrait.face_width) < 0.05 * face.width


def test_portraits_that_were_not_fetched_are_named_with_the_remedy(scene: Path, tmp_path: Path):
    camera = ReplayCamera(ReplaySettings(scene=scene, faces_dir=tmp_path / "empty"))
    with pytest.raises(CameraError, match=r"astronaut\.png.*python -m models fetch"):
        camera.start()
