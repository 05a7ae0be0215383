"""How long each stage takes on this machine, on the two portraits: `python -m models bench`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from models import manifest
from models.face.embed import tensor
from models.face.pipeline import FacePipeline
from models.face.runtime import Network

WARM_UP = 5


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """Median milliseconds of one call, after a warm-up."""
    for _ in range(WARM_UP):
        work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def portrait(faces_dir: Path, name: str) -> np.ndarray:
    """One of the manifest's portraits, verified, as RGB.

    Raises:
        ArtefactError: it is missing or another file.
    """
    entry = next(face for face in manifest.read().face if face.name == name)
    picture = cv2.imdecode(np.frombuffer(entry.load(faces_dir), np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def stages(models_dir: Path, faces_dir: Path, repeats: int = 50, threads: int = 1) -> dict[str, float]:
    """Median milliseconds of each stage, of the whole, and of the embedder as it was converted (two images a run)."""
    pipeline = FacePipeline.load(models_dir, threads)
    rgb = portrait(faces_dir, "grace_hopper.jpg")
    detection = pipeline.detect(rgb)[0]
    face = pipeline.place(rgb, detection)
    if face is None:
        raise RuntimeError("no face on the portrait: the models do not work on this machine")
    pair_model = manifest.read().stage("embed_pair")
    pair = Network(pair_model.load(models_dir), pair_model.input, threads)
    twice = np.repeat(tensor(face.crop)[None], 2, axis=0)
    return {
        "detect": median_ms(lambda: pipeline.detect(rgb), repeats),
        "landmarks and align": median_ms(lambda: pipeline.place(rgb, detection), repeats),
        "embed": median_ms(lambda: pipeline.embed(face), repeats),
        "whole": median_ms(lambda: pipeline.analyse(rgb), repeats),
        "embed, as converted for two": median_ms(lambda: pair.run(twice), repeats),
    }
