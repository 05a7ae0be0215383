"""The same work by others, timed in the same run, picture by picture in turn: a busy machine troubles all alike.

- **YuNet + SFace**, OpenCV's own pair (`cv2.FaceDetectorYN`, `cv2.FaceRecognizerSF`): the accurate choice on a PC.
- **dlib**, as the `face_recognition` package uses it: HOG detector on the picture scaled up once, five points, ResNet.
  It runs in an environment of its own (`requirements/peers.txt`).

Each goes from a 640 x 480 picture to the numbers of its one face, on as many threads as ours.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import msgspec
import numpy as np

from models import manifest, workshop
from models.face.pipeline import FacePipeline
from models.running import FetchError
from models.timing import WARM_UP, ms_of

YUNET_SFACE, DLIB = "OpenCV YuNet + SFace", "dlib, as face_recognition"
DLIB_WORKER = Path(__file__).with_name("peers_dlib.py")

Once = Callable[[], float]
"""Does the work once and says how many milliseconds it took"""


class Peer(msgspec.Struct, frozen=True):
    """Another way, against ours."""

    name: str
    ms: float
    """Median"""
    ratio: float
    """How many times as long as ours"""


class Comparison(msgspec.Struct, frozen=True):
    """One run of all."""

    ms: float
    """Ours, median"""
    peers: list[Peer]


def compare(pipeline: FacePipeline, picture: np.ndarray, others: dict[str, Once], rounds: int) -> Comparison:
    """Ours and the others in turn, `rounds` times after a warm-up."""
    contestants: dict[str, Once] = {"": lambda: ms_of(lambda: pipeline.analyse(picture)), **others}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(WARM_UP + rounds):
        for name, once in contestants.items():
            times[name].append(once())
    median = {name: statistics.median(each[WARM_UP:]) for name, each in times.items()}
    ours = median.pop("")
    return Comparison(ours, [Peer(name, ms, ms / ours) for name, ms in median.items()])


def yunet_sface(peers_dir: Path, picture: np.ndarray) -> Once:
    """OpenCV's pair on this picture (RGB).

    Raises:
        ArtefactError: a model is missing or is not the one of the manifest.
    """
    detect, embed = (manifest.read().stage(stage) for stage in ("peer_detect", "peer_embed"))
    for model in (detect, embed):
        model.load(peers_dir)
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(peers_dir / detect.name), "", (width, height))
    recogniser = cv2.FaceRecognizerSF.create(str(peers_dir / embed.name), "")
    bgr = np.ascontiguousarray(picture[..., ::-1])

    def work() -> None:
        _, faces = detector.detect(bgr)
        recogniser.feature(recogniser.alignCrop(bgr, faces[0]))

    return lambda: ms_of(work)


@contextmanager
def dlib(peers_dir: Path, picture: np.ndarray, threads: int = 1) -> Iterator[Once]:
    """dlib on this picture, in a process of its own; its environment is made at the first use.

    Raises:
        FetchError: the environment could not be made, or dlib finds no face or does not run here.
    """
    python = workshop.ready(peers_dir / "dlib", "peers")
    with tempfile.TemporaryDirectory(prefix="aangan-bench-") as scratch:
        np.save(Path(scratch) / "picture.npy", picture)
        command = [str(python), str(DLIB_WORKER), str(Path(scratch) / "picture.npy")]
        with subprocess.Popen(
            command,
            env={**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            yield lambda: _asked(process)
            process.kill()


def _asked(process: subprocess.Popen[str]) -> float:
    """One line in, one time out."""
    if process.stdin is None or process.stdout is None:
        raise FetchError("dlib's process has no pipes")
    try:
        process.stdin.write("once\n")
        process.stdin.flush()
        return float(process.stdout.readline())
    except (OSError, ValueError) as error:
        raise FetchError("dlib does not run here") from error
