"""How long each stage takes on this machine, on one of the two portraits: `python -m models bench`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from models import manifest
from models.calibration import Profile
from models.face.embed import tensor
from models.face.pipeline import Face, FacePipeline, main_face
from models.face.runtime import Network

WARM_UP = 5
VGA = (480, 640)


def ms_of(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """Median milliseconds of one call, after a warm-up."""
    for _ in range(WARM_UP):
        work()
    return statistics.median(ms_of(work) for _ in range(repeats))


def portrait(faces_dir: Path, name: str) -> np.ndarray:
    """One of the manifest's portraits, verified, as RGB.

    Raises:
        ArtefactError: it is missing or another file.
    """
    entry = next(face for face in manifest.read().face if face.name == name)
    picture = cv2.imdecode(np.frombuffer(entry.load(faces_dir), np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def camera_picture(faces_dir: Path) -> np.ndarray:
    """A portrait as the kiosk's camera would have it: 640 x 480, the face 110 pixels wide."""
    rgb = portrait(faces_dir, "grace_hopper.jpg")
    height, width = VGA
    scaled = cv2.resize(rgb, (rgb.shape[1] * height // rgb.shape[0], height), interpolation=cv2.INTER_AREA)
    picture = np.full((height, width, 3), 128, np.uint8)
    left = (width - scaled.shape[1]) // 2
    picture[:, left : left + scaled.shape[1]] = scaled
    return picture


def stages(
    models_dir: Path, faces_dir: Path, repeats: int = 50, threads: int = 1, profile: Profile = "quick"
) -> dict[str, float]:
    """Median milliseconds of each stage, of the whole, of the eyelids, and of the embedder as it was converted.

    The last is a run for two images, as MobileFaceNet's package has it.
    """
    pipeline = FacePipeline.load(models_dir, threads, profile)
    rgb = camera_picture(faces_dir)
    detection = main_face(pipeline.detect(rgb), rgb.shape)
    face = placed(pipeline, rgb)
    pair_model = manifest.read().stage("embed_pair")
    pair = Network(pair_model.load(models_dir), pair_model.input, threads)
    twice = np.repeat(tensor(face.crop)[None], 2, axis=0)
    embedding = "embed" if profile == "quick" else f"embed, {profile}"
    return {
        "detect": median_ms(lambda: pipeline.detect(rgb), repeats),
        "landmarks and align": median_ms(lambda: pipeline.place(rgb, detection), repeats),
        embedding: median_ms(lambda: pipeline.embed(face), repeats),
        "whole": median_ms(lambda: pipeline.analyse(rgb), repeats),
        "eyelids": median_ms(lambda: pipeline.eyelids(rgb, face.mesh), repeats),
        "embed, as converted for two": median_ms(lambda: pair.run(twice), repeats),
    }


def placed(pipeline: FacePipeline, rgb: np.ndarray) -> Face:
    """The main face of a picture that has one.

    Raises:
        RuntimeError: none is found, so that the models do not work here.
    """
    detections = pipeline.detect(rgb)
    face = pipeline.place(rgb, main_face(detections, rgb.shape)) if detections else None
    if face is None:
        raise RuntimeError("no face on the portrait: the models do not work on this machine")
    return face
