"""The manifest and what it checks."""

from pathlib import Path

import pytest

from models import manifest
from models.face.pipeline import STAGES, FacePipeline
from models.manifest import Artefact, ArtefactError


def test_every_stage_has_a_model_with_licence_provenance_and_card():
    everything = manifest.read()
    for stage in {"detect", "landmarks", "embed", "embed_accurate"}:
        assert stage in STAGES
    for stage in {"detect", "landmarks", "embed", "embed_accurate", "eyelids", "detect_full"}:
        model = everything.stage(stage)
        assert model.licence
        assert model.provenance
        assert (manifest.MANIFEST.parents[1] / model.card).is_file()


def _everything() -> list[Artefact]:
    all_of_it = manifest.read()
    return [*all_of_it.model, *all_of_it.accurate, *all_of_it.peer, *all_of_it.face, *all_of_it.contract]


def test_every_file_has_exactly_one_origin_and_a_full_hash():
    for artefact in _everything():
        assert (artefact.source is None) != (artefact.derived is None)
        assert len(artefact.sha256) == 64


def test_a_right_file_is_given_and_has_no_problem(models_dir: Path):
    for model in manifest.read().model:
        assert model.check(models_dir) is None
        assert len(model.load(models_dir)) == model.size


def test_one_flipped_byte_is_caught_before_the_model_runs(models_dir: Path, tmp_path: Path):
    for model in manifest.read().model:
        (tmp_path / model.name).write_bytes((models_dir / model.name).read_bytes())
    victim = manifest.read().stage("embed")
    content = bytearray((tmp_path / victim.name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / victim.name).write_bytes(content)
    assert "sha256" in (victim.check(tmp_path) or "")
    with pytest.raises(ArtefactError, match="python -m models fetch"):
        FacePipeline.load(tmp_path)


def test_a_missing_model_is_named_with_the_remedy(tmp_path: Path):
    with pytest.raises(ArtefactError, match=r"blazeface_short_range\.tflite.*python -m models fetch"):
        FacePipeline.load(tmp_path)


def test_a_shortened_file_is_caught(models_dir: Path):
    model = manifest.read().stage("detect")
    assert "bytes" in (model.problem(model.load(models_dir)[:-1]) or "")


def test_an_unknown_field_in_the_manifest_is_refused():
    text = manifest.MANIFEST.read_bytes() + b'\n[[surprise]]\nname = "x"\n'
    with pytest.raises(ValueError, match="surprise"):
        manifest.parse(text)


def test_what_is_made_here_leads_back_to_a_file_of_a_package():
    for stage, published in (
        ("embed", "mobilefacenet_batch2.tflite"),
        ("embed_accurate", "sface_2021dec.onnx"),
    ):
        origin = manifest.read().published(stage)
        assert origin.name == published
        assert origin.source is not None
    assert manifest.read().published("detect") == manifest.read().stage("detect")
