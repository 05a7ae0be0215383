"""The engine over the real models, and what the replay camera shows of the two portraits."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

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
Enrol = Callable[[str, int], FaceTemplate]


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
def enrol(engine: FaceEngine, show: Show) -> Enrol:
    """Enrol a face from the replay camera's pictures of one seed."""

    def enrolled(face: str, seed: int) -> FaceTemplate:
        enrolment = Enrolment(engine)
        for rgb, at in show(face, seed):
            enrolment.take(rgb, at)
            if enrolment.done:
                return enrolment.template()
        raise AssertionError

    return enrolled


@pytest.fixture(scope="session")
def models_dir(engine: FaceEngine) -> Path:
    """Where the models are."""
    return settings().models_dir
