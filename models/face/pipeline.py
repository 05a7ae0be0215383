"""The four steps in their order, over one set of verified models.

    pipeline = FacePipeline.load(Path("var/models"))
    analysis = pipeline.analyse(rgb)
    if analysis.status == "ok":
        enrolled = analysis.template
    face = pipeline.place(rgb, pipeline.detect(rgb)[0])
    accepted = pipeline.score(face, enrolled) >= pipeline.threshold

Three profiles tell people apart (`models.face.recognise`): quick, accurate, and the cascade of both. One lock guards
the interpreters, so that the pages' threads may share a pipeline.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from models import manifest
from models.calibration import Profile
from models.face.align import aligned
from models.face.detect import Detection, Detector
from models.face.eyelids import EyelidGauge, Eyelids
from models.face.mesh import Mesh, Mesher
from models.face.recognise import Recogniser
from models.face.runtime import Network

STAGES = ("detect", "landmarks", "align", "embed", "embed_accurate")
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

    def __init__(
        self,
        detector: Detector,
        mesher: Mesher,
        recogniser: Recogniser,
        open_gauge: Callable[[], EyelidGauge],
    ) -> None:
        self.model = recogniser.model
        """Names the embedders and their exact weights; templates of different models do not compare."""
        self.parts = recogniser.parts
        """Numbers in each part of a template, every part of length 1: (192,), (128,) or (192, 128)."""
        self.dimensions = sum(recogniser.parts)
        """Numbers in a template."""
        self.calibration = recogniser.calibration.version
        """Which measurement the thresholds come from."""
        self.threshold = recogniser.calibration.threshold()
        """The default: one stranger in ten thousand is accepted against three enrolled pictures, on the images of the
        calibration."""
        self._detect, self._mesh, self._recogniser = detector, mesher, recogniser
        self._open_gauge = open_gauge
        self._lock = threading.RLock()

    @classmethod
    def load(cls, models_dir: Path, threads: int = 1, profile: Profile = "quick") -> FacePipeline:
        """From a folder of fetched models.

        Raises:
            ArtefactError: a model is missing or is not the one of the manifest.
        """
        detect, landmarks = (manifest.read().stage(stage) for stage in ("detect", "landmarks"))
        return cls(
            Detector(Network(detect.load(models_dir), detect.input, threads)),
            Mesher(Network(landmarks.load(models_dir), landmarks.input, threads)),
            Recogniser.load(models_dir, threads, profile),
            lambda: _gauge(models_dir, threads),
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

    @cached_property
    def _gauge(self) -> EyelidGauge:
        """Loaded when the first eyelids are asked for: only a liveness challenge needs it."""
        return self._open_gauge()

    def eyelids(self, rgb: np.ndarray, mesh: Mesh) -> Eyelids:
        """How far both eyes of a face are open.

        Raises:
            ArtefactError: at the first call, if the model is missing or is not the one of the manifest.
        """
        with self._lock:
            return self._gauge(rgb, mesh)

    def embed(self, face: Face) -> np.ndarray:
        """The face's template: float32, every part of length 1."""
        with self._lock:
            return self._recogniser.template(face.crop)

    def glance(self, face: Face) -> np.ndarray:
        """The template's first part alone: enough, and cheaper, to follow one face from picture to picture."""
        with self._lock:
            return self._recogniser.embedders[0](face.crop)

    def score(self, face: Face, centre: np.ndarray) -> float:
        """How like `centre`, a template or the centre of several, a face is: on the scale of `threshold`.

        A cosine with one embedder; a cascade asks the accurate one only where the quick one is in doubt, so that this
        is cheaper than `embed` and a comparison. `centre` must lie as `embed` gives it, with no rotation applied.
        """
        with self._lock:
            return self._recogniser.score(face.crop, centre)

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
        parts = []
        for embedder in self._recogniser.embedders:
            with _timed(ms, embedder.look.stage), self._lock:
                parts.append(embedder(face.crop))
        return Analysis("ok", len(detections), np.concatenate(parts), ms)


def _gauge(models_dir: Path, threads: int) -> EyelidGauge:
    model = manifest.read().stage("eyelids")
    return EyelidGauge(Network(model.load(models_dir), model.input, threads))


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
