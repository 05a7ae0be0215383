"""The camera that the settings ask for, and which one `auto` means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.devices.camera import Camera, CameraError
from edge.devices.camera_opencv import OpenCvCamera
from edge.devices.camera_picamera2 import Picamera2Camera, picamera2_class
from edge.devices.camera_replay import ReplayCamera
from edge.devices.camera_settings import (
    AutoSettings,
    CameraSettings,
    OpenCvSettings,
    Picamera2Settings,
    ReplaySettings,
)


def pi_cameras() -> int:
    """How many cameras libcamera knows; 0 where picamera2 is not installed."""
    try:
        return len(picamera2_class().global_camera_info())
    except CameraError:
        return 0


def usb_cameras(dev: Path = Path("/dev"), sysfs: Path = Path("/sys/class/video4linux")) -> list[Path]:
    """The video devices on USB, in order. A Pi lists a dozen others that are no cameras: its codecs and scalers."""
    devices = sorted(dev.glob("video[0-9]*"), key=lambda device: int(device.name.removeprefix("video")))
    return [device for device in devices if "/usb" in str((sysfs / device.name / "device").resolve())]


def open_camera(
    settings: CameraSettings,
    find_pi: Callable[[], int] = pi_cameras,
    find_usb: Callable[[], list[Path]] = usb_cameras,
) -> Camera:
    """The camera of the settings, not yet started.

    Raises:
        CameraError: `auto`, and there is none. A replay camera is never put in its place.
    """
    match settings:
        case AutoSettings():
            return open_camera(_found(settings, find_pi, find_usb))
        case Picamera2Settings():
            return Picamera2Camera(settings)
        case OpenCvSettings():
            return OpenCvCamera(settings)
        case ReplaySettings():
            return ReplayCamera(settings)


def _found(
    settings: AutoSettings, find_pi: Callable[[], int], find_usb: Callable[[], list[Path]]
) -> Picamera2Settings | OpenCvSettings:
    if find_pi():
        return Picamera2Settings(width=settings.width, height=settings.height)
    if devices := find_usb():
        return OpenCvSettings(device=str(devices[0]), width=settings.width, height=settings.height)
    raise CameraError(
        "no camera found: connect a Pi camera (and apt install python3-picamera2) or a USB camera, or set "
        'camera.kind = "replay" for a simulated one'
    )
