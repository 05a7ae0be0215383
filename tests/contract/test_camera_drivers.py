"""What every camera driver owes its reader, held against the replay driver and the OpenCV driver.

The OpenCV driver reads a video file written here, through the real `cv2.VideoCapture`, at the pace of a webcam.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.devices.camera import LATE_S, Camera, CameraError, CameraLate, Hears
from edge.devices.camera_opencv import OpenCvCamera
from edge.devices.camera_replay import ReplayCamera
from edge.devices.camera_scene import Scene, write_scene
from edge.devices.camera_settings import OpenCvSettings, ReplaySettings
from models import manifest
from models.fetch import fetch
from models.settings import settings

FPS = 25
RED = (210, 40, 30)


class PacedVideo:
    """A webcam made of a video file: real decoding, real time, and a plug that can be pulled or a wire that jams."""

    def __init__(self, path: Path) -> None:
        self._capture = cv2.VideoCapture(str(path))
        self.pulled = threading.Event()
        self.jammed = threading.Event()
        self.freed = threading.Event()

    def isOpened(self) -> bool:
        return self._capture.isOpened()

    def set(self, _property: int, _value: float, /) -> bool:
        return False

    def read(self) -> tuple[bool, np.ndarray | None]:
        if self.jammed.is_set():
            self.freed.wait(10)
        if self.pulled.wait(1 / FPS):
            return False, None
        good, picture = self._capture.read()
        if not good:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, picture = self._capture.read()
        return good, picture

    def release(self) -> None:
        self._capture.release()


class Bench:
    """One camera under test and the hands that can spoil it."""

    def __init__(self, camera: Camera, unplug: Callable[[], None], jam: Callable[[], None]) -> None:
        self.camera, self.unplug, self.jam = camera, unplug, jam


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    for number in range(20):
        picture = np.full((480, 640, 3), RED[::-1], np.uint8)
        cv2.circle(picture, (20 + number * 30, 240), 15, (255, 255, 255), -1)
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture(params=["replay", "opencv"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, video: Path) -> Iterator[Bench]:
    if request.param == "replay":
        fetch(settings().faces_dir, manifest.read().face)
        scene = tmp_path / "scene.json"
        camera = ReplayCamera(ReplaySettings(scene=scene, faces_dir=settings().faces_dir, fps=FPS))
        yield Bench(
            camera,
            unplug=lambda: write_scene(scene, Scene(fault="unplugged")),
            jam=lambda: write_scene(scene, Scene(fault="frozen")),
        )
        camera.stop()
        return
    opened: list[PacedVideo] = []

    def open_video(_device: int | str) -> PacedVideo:
        opened.append(PacedVideo(video))
        return opened[-1]

    camera = OpenCvCamera(OpenCvSettings(), open_video)
    yield Bench(camera, unplug=lambda: opened[-1].pulled.set(), jam=lambda: opened[-1].jammed.set())
    for capture in opened:
        capture.freed.set()
    camera.stop()


def _fails_within_two_seconds(camera: Camera) -> CameraError:
    deadline = time.monotonic() + 2 * LATE_S
    while time.monotonic() < deadline:
        try:
            camera.frame()
        except CameraError as error:
            return error
        threading.Event().wait(0.02)
    raise AssertionError("the camera still gives pictures")


def test_a_picture_is_rgb_bytes_of_the_size_asked_for_and_cannot_be_written_to(bench: Bench):
    with bench.camera as camera:
        frame = camera.frame()
        assert frame.rgb.shape == (480, 640, 3)
        assert frame.rgb.dtype == np.uint8
        assert not frame.rgb.flags.writeable


def test_the_time_of_a_picture_is_the_monotonic_time_it_was_taken(bench: Bench):
    with bench.camera as camera:
        frame = camera.frame()
        assert 0 <= time.monotonic() - frame.at < LATE_S


def test_waiting_for_the_next_picture_gives_a_newer_one_each_time(bench: Bench):
    with bench.camera as camera:
        frames = [camera.frame()]
        for _ in range(6):
            frames.append(camera.frame(after=frames[-1].sequence))
        assert all(one.sequence < two.sequence and one.at < two.at for one, two in pairwise(frames))
        assert any((one.rgb != two.rgb).any() for one, two in pairwise(frames))


def test_a_camera_that_is_not_started_or_was_stopped_gives_no_picture(bench: Bench):
    with pytest.raises(CameraError, match="not started"):
        bench.camera.frame()
    with bench.camera as camera:
        camera.frame()
    with pytest.raises(CameraError, match="not started"):
        bench.camera.frame()


def test_stopping_twice_does_nothing_and_it_can_be_started_again(bench: Bench):
    with bench.camera as camera:
        first = camera.frame().sequence
    bench.camera.stop()
    with bench.camera as camera:
        assert camera.frame().sequence > first


def test_an_unplugged_camera_is_an_error_and_not_its_last_picture(bench: Bench):
    with bench.camera as camera:
        camera.frame()
        bench.unplug()
        error = _fails_within_two_seconds(camera)
        assert not isinstance(error, CameraLate)
        assert "plug" in str(error)
        with pytest.raises(CameraError):
            camera.frame()


def test_a_picture_that_stands_still_is_late_and_not_shown_again(bench: Bench):
    with bench.camera as camera:
        camera.frame()
        bench.jam()
        assert isinstance(_fails_within_two_seconds(camera), CameraLate)


def test_several_readers_at_once_all_get_pictures(bench: Bench):
    seen: list[int] = []

    def read(camera: Camera) -> None:
        with suppress(CameraError):
            sequence = camera.frame().sequence
            for _ in range(3):
                sequence = camera.frame(after=sequence).sequence
            seen.append(sequence)

    with bench.camera as camera:
        readers = [threading.Thread(target=read, args=(camera,)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(10)
    assert len(seen) == 4


def test_it_says_what_it_is_and_whether_it_is_simulated(bench: Bench):
    assert bench.camera.simulated is ("simulated" in bench.camera.describe())


def test_only_a_simulated_camera_hears_what_the_kiosk_says(bench: Bench):
    assert isinstance(bench.camera, Hears) is bench.camera.simulated


def test_printing_a_picture_shows_no_pixels(bench: Bench):
    with bench.camera as camera:
        assert "array" not in repr(camera.frame())


def test_opencv_pictures_have_red_first(video: Path):
    with OpenCvCamera(OpenCvSettings(device=0), lambda _: PacedVideo(video)) as camera:
        assert np.abs(camera.frame().rgb[10, 10].astype(int) - RED).max() < 12


def test_a_webcam_that_is_not_there_says_so():
    camera = OpenCvCamera(OpenCvSettings(device="/dev/video-that-is-not-there"))
    with pytest.raises(CameraError, match="check that it is plugged in"):
        camera.start()
