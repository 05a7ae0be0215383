import pytest

from edge.devices.camera import CameraError
from edge.kiosk import viewfinder as module
from edge.kiosk.viewfinder import BOUNDARY, Viewfinder, jpeg_stream
from tests.e2e.left_behind import picture_beginning


@pytest.fixture
def camera(stage):
    return stage.camera


@pytest.fixture
def finder(camera):
    return Viewfinder(camera)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_the_camera_is_off_until_somebody_looks_and_off_again_after(camera, finder, clock):
    assert camera.starts == 0
    finder.frame()
    finder.frame()
    assert camera.starts == 1
    clock.now += 19
    finder.rest()
    assert camera.stops == 0
    clock.now += 2
    finder.rest()
    assert camera.stops == 1


def test_a_failed_camera_is_started_again_after_a_rest(camera, finder, clock):
    camera.broken = True
    with pytest.raises(CameraError):
        finder.frame()
    camera.broken = False
    with pytest.raises(CameraError):
        finder.frame()
    clock.now += 2
    assert finder.works()


def test_without_a_camera_there_is_an_error_that_says_what_to_do():
    with pytest.raises(CameraError, match="connect one"):
        Viewfinder(None).frame()


def test_the_stream_is_jpegs_and_ends_with_the_log_in(finder, clock):
    answers = iter([True, True, False])
    parts = list(jpeg_stream(finder, lambda: next(answers)))
    assert len(parts) == 2
    assert all(part.startswith(f"--{BOUNDARY}".encode()) and b"\xff\xd8\xff" in part for part in parts)


def test_every_picture_of_the_stream_begins_as_the_search_of_the_disk_expects(finder, clock):
    answers = iter([True, False])
    (part,) = jpeg_stream(finder, lambda: next(answers))
    assert picture_beginning() in part


def test_the_stream_survives_a_camera_that_comes_back(camera, finder, clock):
    looks = iter(range(8))

    def goes_on() -> bool:
        look = next(looks)
        camera.broken = 2 <= look < 4
        return look < 7

    assert len([part for part in jpeg_stream(finder, goes_on) if part]) >= 3


def test_the_stream_needs_a_log_in(stranger):
    assert stranger.client.get("/camera/stream").status_code == 303


def test_a_camera_switched_off_under_a_look_has_not_failed(camera, finder, clock):
    finder.frame()
    read = camera.frame

    def switched_off_meanwhile(after=None):
        finder.off()
        raise CameraError("the camera is not started")

    camera.frame = switched_off_meanwhile
    with pytest.raises(CameraError):
        finder.frame()
    camera.frame = read
    assert finder.works()


def test_a_stream_without_a_picture_can_be_ended_by_whoever_left_the_page(camera, finder, clock):
    camera.broken = True
    stream = jpeg_stream(finder, lambda: True)
    assert [next(stream), next(stream)] == [b"", b""]
