"""The Pi's own camera, through picamera2 (`apt install python3-picamera2`).

The picture is the ISP's main stream in the format libcamera calls BGR888, which NumPy sees as red first: no colour
conversion of ours can disagree with the one the camera was tuned for. Every call made here is held against the
signatures of the real wheel by `tests/contract/test_camera_picamera2.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from edge.devices.camera import LATE_S, CameraError
from edge.devices.camera_grabber import GrabbingCamera
from edge.devices.camera_settings import Picamera2Settings

STREAM = "main"
PIXELS = "BGR888"
BUFFERS = 4
"""One being filled, one waiting, one with us, one spare."""


def picamera2_class() -> Any:
    """The class `Picamera2` of the system's package.

    Raises:
        CameraError: it is not installed, or its libcamera does not load.
    """
    try:
        return importlib.import_module("picamera2").Picamera2
    except (ImportError, OSError) as error:
        raise CameraError(
            "picamera2 cannot be loaded: apt install python3-picamera2, in an environment with system packages"
        ) from error


class Picamera2Camera(GrabbingCamera):
    """A camera that libcamera knows."""

    def __init__(self, settings: Picamera2Settings, load: Callable[[], Any] = picamera2_class) -> None:
        super().__init__()
        self._settings = settings
        self._load = load
        self._device: Any = None
        self._model = "not opened"

    def describe(self) -> str:
        """The camera module's name."""
        return f"Pi camera {self._settings.camera} ({self._model})"

    def _open(self) -> None:
        picamera2 = self._load()
        cameras = picamera2.global_camera_info()
        if self._settings.camera >= len(cameras):
            raise CameraError(
                f"no Pi camera {self._settings.camera}: check the ribbon cable, with the Pi switched off"
            )
        self._model = str(cameras[self._settings.camera].get("Model", "unknown"))
        interval_us = round(1_000_000 / self._settings.fps)
        try:
            device = picamera2(camera_num=self._settings.camera)
            self._device = device
            device.configure(
                device.create_video_configuration(
                    main={"size": (self._settings.width, self._settings.height), "format": PIXELS},
                    controls={"FrameDurationLimits": (interval_us, interval_us)},
                    buffer_count=BUFFERS,
                )
            )
            device.start()
        except (RuntimeError, ValueError, IndexError) as error:
            self._close()
            raise CameraError(
                f"the Pi camera cannot be opened ({error}): is another program using it?"
            ) from error

    def _grab(self) -> np.ndarray:
        try:
            with self._device.captured_request(wait=LATE_S) as request:
                picture = request.make_array(STREAM)
        except (RuntimeError, TimeoutError) as error:
            raise CameraError(
                f"the Pi camera gives no picture ({error or 'time-out'}): check its cable"
            ) from error
        return np.ascontiguousarray(picture[: self._settings.height, : self._settings.width])

    def _close(self) -> None:
        if self._device is not None:
            self._device.stop()
            self._device.close()
            self._device = None
