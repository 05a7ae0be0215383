"""A camera that plays photographs, so that the demo and the tests need none. It says so: `simulated` is true.

Pictures are made when asked for, at most `fps` a second, and what they show follows the scene file at once. They come
from the two public-domain portraits of `models/manifest.toml`, checked by sha256.
"""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from edge.devices.camera import LATE_S, CameraError, Frame, late, not_started
from edge.devices.camera_motion import Motion, Portrait, picture
from edge.devices.camera_scene import Scene, SceneFile
from edge.devices.camera_settings import ReplaySettings
from models import manifest

PORTRAITS = {
    "astronaut": ("astronaut.png", (225.0, 128.0), 94.0),
    "grace_hopper": ("grace_hopper.jpg", (266.0, 243.0), 200.0),
}
"""File, middle of the face and width of the face box as the detector sees them, in pixels."""


class ReplayCamera:
    """Plays a portrait as a moving picture."""

    simulated = True

    def __init__(self, settings: ReplaySettings) -> None:
        self._settings = settings
        self._scene = SceneFile(settings.scene)
        self._portraits: dict[str, Portrait] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._stopped.set()
        self._motion = Motion(0)
        self._began = 0.0
        self._first = self._sequence = 0
        self._latest: Frame | None = None
        self._shown: Scene | None = None

    def describe(self) -> str:
        """That it is no camera."""
        return "replay camera (simulated: plays public-domain portraits)"

    def start(self) -> None:
        """Load the portraits and begin."""
        portraits = {name: load_portrait(self._settings.faces_dir, name) for name in PORTRAITS}
        seed = secrets.randbits(32) if self._settings.seed is None else self._settings.seed
        with self._lock:
            self._portraits, self._motion = portraits, Motion(seed)
            self._began, self._first = time.monotonic(), self._sequence + 1
            self._latest, self._shown = None, None
            self._stopped.clear()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        with self._lock:
            self._latest = None

    def frame(self, after: int | None = None) -> Frame:
        """The picture of this moment, or the next one after the sequence number `after`."""
        if after is not None:
            due = self._began + (after + 1 - self._first) / self._settings.fps - time.monotonic()
            self._stopped.wait(max(0.0, min(due, LATE_S)))
        with self._lock:
            if self._stopped.is_set():
                raise not_started()
            scene = self._scene.now()
            if scene.fault == "unplugged":
                raise CameraError("the camera is unplugged (as the replay scene says): plug it in again")
            if scene.fault == "frozen":
                raise late()
            frame = self._at(time.monotonic(), scene, after)
            if after is not None and frame.sequence <= after:
                raise late()
            return frame

    def _at(self, now: float, scene: Scene, after: int | None) -> Frame:
        """The picture of the current tick; a changed scene is a new picture at once."""
        elapsed = now - self._began
        tick = self._first + int(elapsed * self._settings.fps)
        latest = self._latest
        if latest is not None and self._shown == scene and latest.sequence >= max(tick, (after or 0) + 1):
            return latest
        self._sequence = max(tick, self._sequence + 1)
        size = (self._settings.width, self._settings.height)
        rgb = picture(
            self._portraits[scene.face] if scene.face else None,
            self._motion.pose(elapsed),
            self._motion.lens(self._sequence, size),
            size,
            dark=scene.light == "dark",
        )
        rgb.flags.writeable = False
        self._latest, self._shown = Frame(rgb, now, self._sequence), scene
        return self._latest

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def load_portrait(faces_dir: Path, name: str) -> Portrait:
    """A portrait, verified and decoded.

    Raises:
        CameraError: it was not fetched; the text says what to run.
    """
    file, centre, face_width = PORTRAITS[name]
    entry = next(face for face in manifest.read().face if face.name == file)
    try:
        content = entry.load(faces_dir)
    except manifest.ArtefactError as error:
        raise CameraError(f"the replay camera has no portrait: {error}") from error
    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return Portrait(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), centre, face_width)
