"""The replay camera: follows its scene, never repeats itself, and says when it cannot."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from edge.devices.camera import CameraError, Hears
from edge.devices.camera_light import Light
from edge.devices.camera_motion import Motion, picture
from edge.devices.camera_replay import PORTRAITS, ReplayCamera, load_portrait
from edge.devices.camera_scene import Scene, SceneFile, ShownAs, write_scene
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


@pytest.fixture(scope="module")
def pipeline() -> FacePipeline:
    fetch(settings().models_dir, manifest.read().model)
    return FacePipeline.load(settings().models_dir)


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


def test_an_old_scene_file_is_a_live_person_who_obeys(scene: Path):
    scene.write_text('{"face": "astronaut", "light": "dark"}')
    now = SceneFile(scene).now()
    assert (now.shown_as, now.obeys) == ("live", True)


def test_a_seed_and_a_number_make_one_picture_and_no_two_numbers_the_same(faces_dir: Path):
    portrait = load_portrait(faces_dir, "astronaut")

    def made(seed: int, number: int) -> bytes:
        motion = Motion(seed)
        return picture(portrait, motion.pose(number / 12), motion.lens(number, SIZE), SIZE).tobytes()

    assert made(1, 5) == made(1, 5)
    assert len({made(seed, number) for seed in (1, 2) for number in range(5)}) == 10


def test_without_a_seed_every_start_moves_differently(scene: Path, faces_dir: Path):
    write_scene(scene, Scene(face="astronaut"))
    camera = ReplayCamera(ReplaySettings(scene=scene, faces_dir=faces_dir))
    with camera:
        first = camera.frame().rgb
    with camera:
        assert (camera.frame().rgb != first).mean() > 0.3


def _turn(camera: ReplayCamera, pipeline: FacePipeline) -> float:
    rgb = camera.frame().rgb
    (detection,) = pipeline.detect(rgb)
    face = pipeline.place(rgb, detection)
    assert face is not None
    return face.mesh.turn()


def _most_turned(camera: ReplayCamera, pipeline: FacePipeline, within_s: float) -> float:
    """The furthest turn to her left within that time, or the first that is clearly one."""
    deadline, most, sequence = time.monotonic() + within_s, -1.0, camera.frame().sequence
    while time.monotonic() < deadline and most < 0.5:
        sequence = camera.frame(after=sequence).sequence
        most = max(most, _turn(camera, pipeline))
    return most


@pytest.mark.parametrize("light", ["day", "dim", "backlight"])
@pytest.mark.parametrize("shown_as", ["live", "print", "screen", "flat", "replay"])
def test_there_is_one_face_however_it_is_shown_and_in_any_light_but_the_dark(
    camera: ReplayCamera, scene: Path, pipeline: FacePipeline, shown_as: ShownAs, light: Light
):
    write_scene(scene, Scene(face="grace_hopper", shown_as=shown_as, light=light))
    rgb = camera.frame().rgb
    assert len(pipeline.detect(rgb)) == 1
    assert camera.simulated


def test_a_person_hears_the_kiosk_and_turns(camera: ReplayCamera, scene: Path, pipeline: FacePipeline):
    assert isinstance(camera, Hears)
    camera.hear("turn_left")
    write_scene(scene, Scene(face="astronaut"))
    assert abs(_turn(camera, pipeline)) < 0.3
    camera.hear("turn_left")
    assert _most_turned(camera, pipeline, within_s=5) >= 0.5


@pytest.mark.parametrize(
    "deaf", [Scene(face="astronaut", obeys=False), Scene(face="astronaut", shown_as="print")]
)
def test_who_does_not_obey_and_what_cannot_hear_do_not_turn(
    camera: ReplayCamera, scene: Path, pipeline: FacePipeline, deaf: Scene
):
    write_scene(scene, deaf)
    camera.frame()
    camera.hear("turn_left")
    assert _most_turned(camera, pipeline, within_s=1.3) < 0.4


def test_other_light_finds_the_same_person_at_the_same_place(
    camera: ReplayCamera, scene: Path, pipeline: FacePipeline
):
    write_scene(scene, Scene(face="astronaut"))
    day = camera.frame().rgb
    write_scene(scene, Scene(face="astronaut", light="dim"))
    dim = camera.frame().rgb
    write_scene(scene, Scene(face="astronaut", light="backlight"))
    against = camera.frame().rgb
    face = (slice(180, 260), slice(270, 370))
    assert 0.2 * day[face].mean() < dim[face].mean() < 0.5 * day[face].mean()
    assert against[face].mean() < 0.7 * day[face].mean()
    assert against[100:200, 560:].mean() > 1.2 * day[100:200, 560:].mean()


def test_both_portraits_are_framed_where_their_faces_are(faces_dir: Path, pipeline: FacePipeline):
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
