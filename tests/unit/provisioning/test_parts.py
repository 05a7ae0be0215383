"""What is missing is named, each with its remedy, before anything is started."""

from pathlib import Path

import pytest

from models import manifest
from models.settings import ModelSettings
from provisioning import parts
from provisioning.broker import NoMosquitto


def test_a_complete_machine_misses_nothing() -> None:
    assert list(parts.missing()) == []


def test_a_missing_broker_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise NoMosquitto("mosquitto is not installed: `make setup`")

    monkeypatch.setattr(parts, "find_mosquitto", nowhere)
    assert list(parts.missing()) == ["mosquitto is not installed: `make setup`"]


def test_every_missing_or_changed_model_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changed = manifest.read().model[0].name
    (tmp_path / changed).write_bytes(b"another model")
    monkeypatch.setattr(parts, "model_settings", lambda: ModelSettings(models_dir=tmp_path))
    lines = list(parts.missing())
    assert len(lines) == len(manifest.read().model)
    assert all(manifest.FETCH in line for line in lines)
    assert lines[0].startswith(f"{changed} has 13 bytes")


def test_page_assets_that_are_not_built_are_named_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(parts, "HOUSE", tmp_path)
    (line,) = parts.missing()
    assert "npm ci && npm run build" in line


def test_a_program_that_is_not_written_yet_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_PROGRAMS", {"edge.not_there": "the kiosk's program"})
    (line,) = parts.missing()
    assert "the kiosk's program is missing (edge/not_there.py)" in line


def test_all_that_is_missing_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "missing", lambda: iter(["one", "two"]))
    with pytest.raises(parts.PartsMissing, match="one\ntwo"):
        parts.require_all()
