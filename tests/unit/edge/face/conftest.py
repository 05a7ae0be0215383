"""The engine over the real models, and what the replay camera shows of the two portraits."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.devices.camera_motion import Motion, Portrait, picture
from edge.devices.camera_replay import load_portrait
from edge.face.engine import FaceEngine
from edge.face.enrolment import Enrolment
from edge.face.template import FaceTemplate
from models import manifest
from models.fetch import fetch
from models.settings import settings

SIZE = (640, 480)
FPS = 12

Show = Callable[..., Iterator[tuple[np.ndarray, float]]]
Stand = Callable[..., np.ndarray]
Enrol = Callable[[str, int], FaceTemplate]

TURN = {"straight": 0.0, "slightly_left": 12.0, "slightly_right": -12.0}
"""Degrees of yaw of somebody who does what she is asked to."""


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    """Over the fetched models, brought if they are missing."""
    fetch(settings().models_dir, manifest.read().model)
    return FaceEngine.load(settings().models_dir)


@pytest.fixture(scope="session")
def portraits() -> dict[str, Portrait]:
    """The two portraits, brought if they are missing."""
    fetch(settings().faces_dir, manifest.read().face)
    return {name: load_portrait(settings().faces_dir, name) for name in ("astronaut", "grace_hopper")}


@pytest.fixture(scope="session")
def show(portraits: dict[str, Portrait]) -> Show:
    """Endless pictures of a face with their times, as the replay camera makes them: every half second from `start`."""

    def pictures(face: str | None, seed: int, start: float = 0.0, dark: bool = False):
        motion = Motion(seed)
        for step in count():
            seconds = start + step * 0.5
            lens = motion.lens(int(seconds * FPS), SIZE)
            yield picture(portraits[face] if face else None, motion.pose(seconds), lens, SIZE, dark), seconds

    return pictures


@pytest.fixture(scope="session")
def stand(portraits: dict[str, Portrait]) -> Stand:
    """One picture of somebody who stands still and straight, but for what is said (`camera_motion.Pose`)."""

    def pictured(
        face: str = "astronaut", seed: int = 9, seconds: float = 0.0, **changed: float
    ) -> np.ndarray:
        motion = Motion(seed)
        pose = msgspec.structs.replace(motion.pose(seconds), **({"turn": 0.0, "nod": 0.0} | changed))
        return picture(portraits[face], pose, motion.lens(int(seconds * FPS), SIZE), SIZE)

    return pictured


@pytest.fixture(scope="session")
def enrol(engine: FaceEngine, stand: Stand) -> Enrol:
    """Enrol a face that turns as it is asked to, in pictures of one seed."""

    def enrolled(face: str, seed: int) -> FaceTemplate:
        enrolment = Enrolment(engine)
        for step in range(12):
            if enrolment.asking is None:
                return enrolment.template()
            enrolment.take(stand(face, seed, step * 0.5, turn=TURN[enrolment.asking]), step * 0.5)
        raise AssertionError

    return enrolled


@pytest.fixture(scope="session")
def models_dir(engine: FaceEngine) -> Path:
    """Where the models are."""
    return settings().models_dir
