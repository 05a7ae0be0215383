"""The four steps in their order, over one set of verified models.

    pipeline = FacePipeline.load(Path("var/models"))
    analysis = pipeline.analyse(rgb)
    if analysis.status == "ok":
        score = float(analysis.template @ enrolled)

One lock guards the interpreters, so that the pages' threads may share a pipeline.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from models import manifest
from models.face.align import aligned
from models.face.detect import Detection, Detector
from models.face.embed import Embedder
from models.face.mesh import Mesh, Mesher
from models.face.runtime import Network

STAGES = ("detect", "landmarks", "align", "embed")
MIN_MESH_SCORE = 0.5

Status = Literal["ok", "no_face", "unreadable"]


class Face(msgspec.Struct, frozen=True, eq=False):
    """One face found, placed and cropped; not yet embedded."""

    detection: Detection
    mesh: Mesh
    crop: np.ndarray

    def __repr__(self) -> str:
        """Without the picture."""
        return f"Face(score={self.detection.score:.2f})"


class Analysis(msgspec.Struct, frozen=True, eq=False):
    """What one picture gave, with the milliseconds each stage took."""

    status: Status
    faces: int
    template: np.ndarray | None
    ms: dict[str, float]

    def __repr__(self) -> str:
        """Without the template."""
        return f"Analysis(status={self.status!r}, faces={self.faces})"


class FacePipeline:
    """Detect -> landmarks -> align -> embed."""

    def __init__(self, detector: Detector, mesher: Mesher, embedder: Embedder, model: str) -> None:
        self.model = model
        """Names the embedder and its exact weights; templates of different models do not compare."""
        self._detect, self._mesh, self._embed = detector, mesher, embedder
        self._lock = threading.RLock()

    @classmethod
    def load(cls, models_dir: Path, threads: int = 1) -> FacePipeline:
        """From a folder of fetched models.

        Raises:
            ArtefactError: a model is missing or is not the one of the manifest.
        """
        detect, landmarks, embed = (
            manifest.read().stage(stage) for stage in ("detect", "landmarks", "embed")
        )
        networks = [Network(m.load(models_dir), m.input, threads) for m in (detect, landmarks, embed)]
        return cls(
            Detector(networks[0]),
            Mesher(networks[1]),
            Embedder(networks[2]),
            f"mobilefacenet-{embed.sha256[:12]}",
        )

    def detect(self, rgb: np.ndarray) -> list[Detection]:
        """Every face in the picture (H x W x 3, uint8, RGB)."""
        with self._lock:
            return self._detect(rgb)

    def place(self, rgb: np.ndarray, detection: Detection) -> Face | None:
        """Mesh and aligned crop of one detected face; None if on a closer look it is no face."""
        with self._lock:
            mesh = self._mesh(rgb, detection)
        return (
            Face(detection, mesh, aligned(rgb, mesh.five_points())) if mesh.score > MIN_MESH_SCORE else None
        )

    def embed(self, face: Face) -> np.ndarray:
        """The face's template: 192 float32 of length 1."""
        with self._lock:
            return self._embed(face.crop)

    def analyse(self, rgb: np.ndarray) -> Analysis:
        """All four steps on the picture's main face."""
        ms: dict[str, float] = {}
        with _timed(ms, "detect"):
            detections = self.detect(rgb)
        if not detections:
            return Analysis("no_face", 0, None, ms)
        detection = main_face(detections, rgb.shape)
        with _timed(ms, "landmarks"), self._lock:
            mesh = self._mesh(rgb, detection)
        if mesh.score <= MIN_MESH_SCORE:
            return Analysis("no_face", len(detections), None, ms)
        with _timed(ms, "align"):
            face = Face(detection, mesh, aligned(rgb, mesh.five_points()))
        with _timed(ms, "embed"):
            template = self.embed(face)
        return Analysis("ok", len(detections), template, ms)


def main_face(detections: list[Detection], shape: tuple[int, ...]) -> Detection:
    """The one the picture is of: large, and near the middle."""
    middle = np.array([shape[1], shape[0]]) / 2

    def prominence(detection: Detection) -> float:
        centre = (detection.box[:2] + detection.box[2:]) / 2
        away = float(np.linalg.norm((centre - middle) / middle))
        return detection.area * max(0.0, 1.0 - 0.5 * away) ** 2

    return max(detections, key=prominence)


@contextmanager
def _timed(ms: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    ms[stage] = (time.perf_counter() - start) * 1000
