"""A camera that plays synthetic people, so that the demo and the tests need none. It says so: `simulated` is true.

Pictures are made when asked for, at most `fps` a second, and what they show follows the scene file at once. The people
are made of the two public-domain portraits of `models/manifest.toml`, checked by sha256. They hear what the kiosk says
(`hear`) and do it; an impostor with a photograph in her hand does what can be done with one.
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
from edge.devices.camera_light import developed
from edge.devices.camera_motion import Motion, Portrait
from edge.devices.camera_scene import Scene, SceneFile
from edge.devices.camera_settings import ReplaySettings
from hardware.synthetic_face import portraits
from hardware.synthetic_face.attacks import SUBJECTS, Subject
from hardware.synthetic_face.counter import CardInHand, Group
from hardware.synthetic_face.head import SyntheticHead
from hardware.synthetic_face.sheet import wall
from models import manifest

PORTRAITS = {
    "astronaut": ("astronaut.png", (225.0, 128.0), 94.0),
    "grace_hopper": ("grace_hopper.jpg", (266.0, 243.0), 200.0),
}
"""File, middle of the face and width of the face box as the detector sees them, in pixels."""


class ReplayCamera:
    """Plays a person made of a portrait."""

    simulated = True

    def __init__(self, settings: ReplaySettings) -> None:
        self._settings = settings
        self._scene = SceneFile(settings.scene)
        self._portraits: dict[str, Portrait] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._stopped.set()
        self._seed = 0
        self._motion = Motion(0)
        self._began = 0.0
        self._first = self._sequence = 0
        self._latest: Frame | None = None
        self._shown: Scene | None = None
        self._subject: Subject | None = None
        self._cast: tuple[str | None, str, str | None, int] | None = None

    def describe(self) -> str:
        """That it is no camera."""
        return "replay camera (simulated: synthetic people made of public-domain portraits)"

    def start(self) -> None:
        """Load the portraits and begin."""
        loaded = {name: load_portrait(self._settings.faces_dir, name) for name in PORTRAITS}
        seed = secrets.randbits(32) if self._settings.seed is None else self._settings.seed
        motion = Motion(seed)
        with self._lock:
            self._portraits, self._seed, self._motion = loaded, seed, motion
            self._subject = self._cast = None
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

    def hear(self, prompt: str) -> None:
        """Let whoever is before the camera hear what the kiosk asks for; see `camera.Hears`."""
        with self._lock:
            if self._subject is not None and self._shown is not None and self._shown.obeys:
                self._subject.hear(prompt, time.monotonic() - self._began)

    def _at(self, now: float, scene: Scene, after: int | None) -> Frame:
        """The picture of the current tick; a changed scene is a new picture at once."""
        elapsed = now - self._began
        tick = self._first + int(elapsed * self._settings.fps)
        latest = self._latest
        if latest is not None and self._shown == scene and latest.sequence >= max(tick, (after or 0) + 1):
            return latest
        self._sequence = max(tick, self._sequence + 1)
        size = (self._settings.width, self._settings.height)
        self._let_in(scene)
        light = self._motion.pose(elapsed)
        rgb = developed(
            self._subject.picture(elapsed, size) if self._subject else wall(size),
            self._motion.lens(self._sequence, size),
            scene.light,
            light.exposure,
            light.gamma,
        )
        rgb.flags.writeable = False
        self._latest, self._shown = Frame(rgb, now, self._sequence), scene
        return self._latest

    def _let_in(self, scene: Scene) -> None:
        """Somebody else comes only when the scene names somebody else."""
        cast = (scene.face, scene.shown_as, scene.card, scene.group)
        if self._cast != cast:
            self._cast, self._subject = cast, self._subject_of(scene)

    def _subject_of(self, scene: Scene) -> Subject | None:
        if scene.card is not None:
            return CardInHand(scene.card, self._seed)
        if scene.group:
            return Group([portrait.head for portrait in self._portraits.values()], scene.group)
        if scene.face is None:
            return None
        return SUBJECTS[scene.shown_as](self._portraits[scene.face].head, self._seed)

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
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    return Portrait(rgb, centre, face_width, SyntheticHead(rgb, portraits.mesh(name), centre, face_width))
