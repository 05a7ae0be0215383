"""The fetched models and portraits, and pictures made from them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models import manifest, timing
from models.face.pipeline import FacePipeline
from models.fetch import fetch
from models.settings import settings


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The models of the manifest, brought if they are missing."""
    fetch(settings().models_dir, manifest.read().model)
    return settings().models_dir


@pytest.fixture(scope="session")
def faces_dir() -> Path:
    """The two portraits, brought if they are missing."""
    fetch(settings().faces_dir, manifest.read().face)
    return settings().faces_dir


@pytest.fixture(scope="session")
def peers_dir() -> Path:
    """OpenCV's two ONNX models, brought if they are missing."""
    fetch(settings().peers_dir, manifest.read().peer)
    return settings().peers_dir


@pytest.fixture(scope="session")
def pipeline(models_dir: Path) -> FacePipeline:
    """The four steps over the real models."""
    return FacePipeline.load(models_dir)


@pytest.fixture(scope="session")
def astronaut(faces_dir: Path) -> np.ndarray:
    """Eileen Collins."""
    return timing.portrait(faces_dir, "astronaut.png")


@pytest.fixture(scope="session")
def hopper(faces_dir: Path) -> np.ndarray:
    """Grace Hopper."""
    return timing.portrait(faces_dir, "grace_hopper.jpg")


@pytest.fixture
def images_dir(tmp_path: Path, astronaut: np.ndarray, hopper: np.ndarray) -> Path:
    """Two pictures of each of two people, one without a face, one that is no picture."""
    folder = tmp_path / "images"
    folder.mkdir()
    pictures = {
        "Collins_0001.png": astronaut,
        "Collins_0002.png": np.ascontiguousarray(astronaut[:400, 60:420]),
        "Hopper_0001.png": hopper,
        "Hopper_0002.png": cv2.GaussianBlur(hopper, (0, 0), 2.0),
        "Wall_0001.png": np.full((200, 300, 3), 180, np.uint8),
    }
    for name, rgb in pictures.items():
        cv2.imwrite(str(folder / name), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder
