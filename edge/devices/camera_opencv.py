"""A USB webcam, through OpenCV (Video4Linux on a Pi)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np

from edge.devices.camera import CameraError
from edge.devices.camera_grabber import GrabbingCamera
from edge.devices.camera_settings import OpenCvSettings


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...  # noqa: N802
    def set(self, propId: int, value: float, /) -> bool: ...  # noqa: N803
    def read(self) -> tuple[bool, np.ndarray | None]: ...
    def release(self) -> None: ...


def video_capture(device: int | str) -> Capture:
    """OpenCV's own, by number or by path."""
    return cv2.VideoCapture(device)


class OpenCvCamera(GrabbingCamera):
    """A camera that `cv2.VideoCapture` can open."""

    def __init__(
        self, settings: OpenCvSettings, open_capture: Callable[[int | str], Capture] = video_capture
    ) -> None:
        super().__init__()
        self._settings = settings
        self._open_capture = open_capture
        self._capture: Capture | None = None

    def describe(self) -> str:
        """The device."""
        return f"USB camera {self._settings.device}"

    def _open(self) -> None:
        capture = self._open_capture(self._settings.device)
        if not capture.isOpened():
            capture.release()
            raise CameraError(
                f"camera {self._settings.device} cannot be opened: check that it is plugged in and that no other "
                "program uses it"
            )
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._settings.height)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def _grab(self) -> np.ndarray:
        good, bgr = self._capture.read() if self._capture is not None else (False, None)
        if not good or bgr is None:
            raise CameraError(f"camera {self._settings.device} gives no picture: plug it in again")
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)

    def _close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
