"""The accurate embedder, made here: SFace's published ONNX file becomes a TFLite file, checked in two ways.

1. *The same answers*: on noise and on the two portraits, what the interpreter says to the new file points where
   onnxruntime's answer to the old one points (cosine above 0.9999).
2. *The same bytes*: the sha256 in the manifest. The conversion is reproducible with these versions on x86-64.

onnx2tf needs TensorFlow, so all this runs in an environment of its own (`requirements/convert.txt`, 2.6 GB, some
minutes) on the machine that prepares kiosks, and never on a kiosk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import msgspec
import numpy as np

from models import manifest, running, workshop
from models.face.align import SIDE
from models.face.embed import plain, unit
from models.face.pipeline import FacePipeline, main_face
from models.face.runtime import Network
from models.fetch import fetch, place
from models.manifest import Model
from models.running import FetchError

STAGE = "embed_accurate"
WORKER = Path(__file__).with_name("convert_worker.py")
LEAST_COSINE = 0.9999
NOISE = 8
"""Pictures of noise among those compared"""

Progress = Callable[[str], None]


class Folders(msgspec.Struct, frozen=True):
    """Where things lie."""

    models: Path
    faces: Path
    peers: Path
    convert: Path


def convert(folders: Folders, progress: Progress = lambda _: None) -> list[Model]:
    """Put the accurate embedder into the folder of models; returns it if it had to be made.

    Raises:
        FetchError: something could not be had, or what came out is not the model that Aangan was tested with.
    """
    wanted = manifest.read().stage(STAGE)
    if wanted.check(folders.models) is None:
        return []
    original = manifest.read().published(STAGE)
    progress(original.name)
    fetch(folders.peers, [original])
    progress("TensorFlow and onnx2tf")
    python = workshop.ready(folders.convert, "convert")
    progress(wanted.name)
    inputs = trial_inputs(folders)
    with tempfile.TemporaryDirectory(prefix="aangan-convert-") as scratch:
        np.save(Path(scratch) / "inputs.npy", inputs)
        arguments = [str(folders.peers / original.name), str(Path(scratch) / "inputs.npy"), scratch]
        command = [str(python), str(WORKER), *arguments]
        running.run(
            command, "the conversion failed", workshop.REMEDY, limit_s=workshop.INSTALL_S, cwd=Path(scratch)
        )
        content = (Path(scratch) / "model.tflite").read_bytes()
        answers = np.load(Path(scratch) / "answers.npy")
    check_answers(content, wanted, inputs, answers)
    if problem := wanted.problem(content):
        place(folders.convert / wanted.name, content)
        raise FetchError(
            f"{problem}: the same answers, but not the bytes Aangan was tested with, so it is not used; convert on an "
            f"x86-64 machine with Python 3.11, or evaluate {folders.convert / wanted.name} and name it in the manifest"
        )
    place(folders.models / wanted.name, content)
    return [wanted]


def check_answers(content: bytes, wanted: Model, inputs: np.ndarray, answers: np.ndarray) -> None:
    """Compare the new file's answers, by the interpreter that will run it, with those of the old one.

    Raises:
        FetchError: they differ.
    """
    network = Network(content, wanted.input)
    cosines = [
        float(unit(network.run(each[None])[0][0]) @ unit(answer))
        for each, answer in zip(inputs, answers, strict=True)
    ]
    if not all(cosine > LEAST_COSINE for cosine in cosines):  # not a number is not above it, either
        found = ", ".join(f"{cosine:.4f}" for cosine in cosines)
        raise FetchError(
            f"{wanted.name} answers otherwise than the model it was made from (cosines {found}), so it is not used"
        )


def trial_inputs(folders: Folders) -> np.ndarray:
    """Noise and the two portraits' aligned faces: n x 112 x 112 x 3 float32."""
    noise = np.random.default_rng(0).integers(0, 256, (NOISE, SIDE, SIDE, 3)).astype(np.float32)
    pipeline = FacePipeline.load(folders.models)
    crops = []
    for portrait in manifest.read().face:
        encoded = np.frombuffer(portrait.load(folders.faces), np.uint8)
        rgb = cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        face = pipeline.place(rgb, main_face(pipeline.detect(rgb), rgb.shape))
        if face is None:
            raise FetchError(f"no face on {portrait.name}: the models do not work on this machine")
        crops.append(plain(face.crop))
    return np.concatenate([noise, np.stack(crops)])
