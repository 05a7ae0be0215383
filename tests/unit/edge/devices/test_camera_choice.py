"""Which camera the settings mean."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from edge.devices.camera import CameraError
from edge.devices.camera_open import open_camera, usb_cameras
from edge.devices.camera_opencv import OpenCvCamera
from edge.devices.camera_picamera2 import Picamera2Camera
from edge.devices.camera_replay import ReplayCamera
from edge.devices.camera_settings import AutoSettings, CameraSettings, OpenCvSettings, Picamera2Settings

USB = [Path("/dev/video2")]


def _parsed(**values: object) -> CameraSettings:
    return TypeAdapter(CameraSettings).validate_python(values)


def test_a_kind_named_in_the_settings_is_taken():
    assert isinstance(open_camera(_parsed(kind="picamera2")), Picamera2Camera)
    assert isinstance(open_camera(_parsed(kind="opencv", device="/dev/video0")), OpenCvCamera)
    assert isinstance(open_camera(_parsed(kind="replay", scene="scene.json")), ReplayCamera)


def test_auto_prefers_the_pis_own_camera_then_usb():
    assert isinstance(open_camera(AutoSettings(), lambda: 1, lambda: USB), Picamera2Camera)
    camera = open_camera(AutoSettings(), lambda: 0, lambda: USB)
    assert isinstance(camera, OpenCvCamera)
    assert "/dev/video2" in camera.describe()


def test_auto_without_a_camera_is_an_error_that_says_what_to_do_and_never_a_simulated_one():
    with pytest.raises(CameraError, match=r"connect a Pi camera .* or a USB camera"):
        open_camera(AutoSettings(), lambda: 0, list)


def test_only_the_replay_camera_is_simulated():
    kinds = [_parsed(kind=kind) for kind in ("picamera2", "opencv")]
    assert [open_camera(kind).simulated for kind in kinds] == [False, False]
    assert open_camera(_parsed(kind="replay", scene="s.json")).simulated is True


@pytest.mark.parametrize(
    "values",
    [{"kind": "webcam"}, {"kind": "opencv", "scene": "x"}, {"kind": "replay"}, {"kind": "auto", "width": 5}],
)
def test_settings_that_do_not_fit_their_kind_are_refused(values: dict[str, object]):
    with pytest.raises(ValidationError):
        _parsed(**values)


def test_the_sizes_of_auto_reach_the_camera_it_finds():
    assert _parsed(kind="auto", width=1280, height=720) == AutoSettings(width=1280, height=720)
    assert OpenCvSettings().width == Picamera2Settings().width == 640


def test_a_video_device_that_is_not_on_usb_is_no_camera(tmp_path: Path):
    """A Pi lists its codecs and scalers beside the cameras."""
    for name, bus in {
        "video10": "platform/bcm2835-codec",
        "video2": "pci/usb1/1-1",
        "video11": "pci/usb1/1-2",
    }.items():
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / name).touch()
        (tmp_path / "bus" / bus).mkdir(parents=True)
        (tmp_path / "sys" / name).mkdir(parents=True)
        (tmp_path / "sys" / name / "device").symlink_to(tmp_path / "bus" / bus)
    found = usb_cameras(tmp_path / "dev", tmp_path / "sys")
    assert [device.name for device in found] == ["video2", "video11"]
