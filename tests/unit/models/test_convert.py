"""The accurate embedder is put in place only if it answers as its original, and is the file Aangan was tested with.

TensorFlow is not brought here: the conversion is played by a worker that hands over a file.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models import convert, manifest, running, workshop
from models.convert import Folders
from models.face.runtime import Network
from models.running import FetchError

REAL = manifest.read()


@pytest.fixture
def stand_in(models_dir: Path) -> bytes:
    """A small model with the accurate embedder's input: MobileFaceNet."""
    return REAL.stage("embed").load(models_dir)


@pytest.fixture
def folders(tmp_path: Path, models_dir: Path, faces_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """The real models beside an empty place for what is converted."""
    here = tmp_path / "models"
    here.mkdir()
    for model in REAL.model:
        (here / model.name).symlink_to(models_dir / model.name)
    monkeypatch.setattr(convert, "fetch", lambda *_: [])
    monkeypatch.setattr(workshop, "ready", lambda *_: Path(sys.executable))
    return Folders(here, faces_dir, tmp_path / "peers", tmp_path / "convert")


def _wants(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """A manifest that names these bytes as the accurate embedder."""
    (entry,) = REAL.accurate
    named = msgspec.structs.replace(entry, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    monkeypatch.setattr(manifest, "read", lambda: msgspec.structs.replace(REAL, accurate=(named,)))


def _worker(monkeypatch: pytest.MonkeyPatch, content: bytes, answers_of: bytes) -> list[list[str]]:
    """A conversion that gives `content`, and the answers of `answers_of` as the original's; lists what was run."""
    ran: list[list[str]] = []

    def run(
        command: list[str], failure: str, remedy: str, *, limit_s: float, cwd: Path | None = None
    ) -> None:
        ran.append(command)
        inputs, folder = np.load(command[3]), Path(command[4])
        network = Network(answers_of, REAL.stage("embed").input)
        np.save(folder / "answers.npy", np.stack([network.run(each[None])[0][0] for each in inputs]))
        (folder / "model.tflite").write_bytes(content)

    monkeypatch.setattr(running, "run", run)
    return ran


def test_a_file_that_answers_alike_and_is_the_manifests_is_put_in_place_once(
    folders: Folders, stand_in: bytes, monkeypatch: pytest.MonkeyPatch
):
    _wants(monkeypatch, stand_in)
    ran = _worker(monkeypatch, stand_in, stand_in)
    assert [model.name for model in convert.convert(folders)] == ["sface.tflite"]
    assert (folders.models / "sface.tflite").read_bytes() == stand_in
    assert convert.convert(folders) == []
    assert len(ran) == 1


def test_a_file_that_answers_otherwise_is_refused(
    folders: Folders, stand_in: bytes, monkeypatch: pytest.MonkeyPatch
):
    other = bytearray(stand_in)
    weights = np.frombuffer(other, np.uint8)[1_000_000:1_200_000]
    weights[:] = weights[::-1].copy()
    _wants(monkeypatch, bytes(other))
    _worker(monkeypatch, bytes(other), stand_in)
    with pytest.raises(FetchError, match="answers otherwise"):
        convert.convert(folders)
    assert not (folders.models / "sface.tflite").exists()


def test_other_bytes_than_the_manifests_are_refused_and_kept_aside(
    folders: Folders, stand_in: bytes, monkeypatch: pytest.MonkeyPatch
):
    _wants(monkeypatch, stand_in + b"\0")
    _worker(monkeypatch, stand_in, stand_in)
    with pytest.raises(FetchError, match="not the bytes Aangan was tested with"):
        convert.convert(folders)
    assert not (folders.models / "sface.tflite").exists()
    assert (folders.convert / "sface.tflite").read_bytes() == stand_in


def test_answers_are_compared_on_noise_and_on_the_two_portraits(folders: Folders):
    inputs = convert.trial_inputs(folders)
    assert inputs.shape == (convert.NOISE + 2, 112, 112, 3)
    assert inputs.dtype == np.float32
    assert inputs.max() > 200


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock file that asks for nothing."""
    monkeypatch.setattr(workshop, "REQUIREMENTS", tmp_path)
    lock = tmp_path / "nothing.txt"
    lock.write_text("# nothing\n")
    return lock


def test_an_environment_is_made_once_and_again_when_its_lock_changes(
    tmp_path: Path, locked: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []

    def run(
        command: list[str], failure: str, remedy: str, *, limit_s: float, cwd: Path | None = None
    ) -> None:
        asked.append(failure)
        (tmp_path / "w" / "venv" / "bin").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(running, "run", run)
    python = workshop.ready(tmp_path / "w", "nothing")
    assert python == tmp_path / "w" / "venv" / "bin" / "python"
    workshop.ready(tmp_path / "w", "nothing")
    assert asked == [
        "the virtual environment could not be made",
        "requirements/nothing.txt could not be installed",
    ]
    locked.write_text("# changed\n")
    workshop.ready(tmp_path / "w", "nothing")
    assert len(asked) == 4


def test_a_failed_installation_is_one_line_and_is_tried_again(
    tmp_path: Path, locked: Path, monkeypatch: pytest.MonkeyPatch
):
    def fails(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        made = "venv" in command
        return subprocess.CompletedProcess(
            command, 0 if made else 1, "", "looking\nERROR: No matching distribution\n"
        )

    monkeypatch.setattr(running.subprocess, "run", fails)
    for _ in range(2):
        with pytest.raises(
            FetchError, match=r"^requirements/nothing\.txt could not be installed \(ERROR: No matching"
        ) as said:
            workshop.ready(tmp_path / "w", "nothing")
        assert "\n" not in str(said.value)


def test_a_python_that_is_too_new_is_named(tmp_path: Path, locked: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workshop.sys, "version_info", (3, 13, 0))
    with pytest.raises(FetchError, match=r"Python 3\.11 and 3\.12"):
        workshop.ready(tmp_path / "w", "nothing")


def test_every_lock_holds_hashes_and_no_registrys_address():
    for name in ("convert", "peers"):
        lines = (workshop.REQUIREMENTS / f"{name}.txt").read_text().splitlines()
        pinned = [line for line in lines if "==" in line and not line.lstrip().startswith("#")]
        assert pinned
        assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)
        assert not [line for line in lines if "://" in line or line.startswith("--index")]
