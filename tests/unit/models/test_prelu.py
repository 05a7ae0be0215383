"""The embedder with fused PReLUs is the embedder without, and the one of the manifest."""

from pathlib import Path

import numpy as np
import pytest

from models import manifest
from models.batch import free_batch
from models.face.embed import tensor
from models.face.pipeline import FacePipeline
from models.face.runtime import Network
from models.graph import Graph, PatchError
from models.prelu import fuse_prelu


@pytest.fixture
def spelt_out(models_dir: Path) -> bytes:
    return free_batch(manifest.read().stage("embed_pair").load(models_dir))


def test_the_fused_model_is_the_one_of_the_manifest(models_dir: Path, spelt_out: bytes):
    assert fuse_prelu(spelt_out) == manifest.read().stage("embed").load(models_dir)


def test_thirty_three_groups_of_five_operators_become_one_each(spelt_out: bytes):
    before, after = Graph(bytearray(spelt_out)), Graph(bytearray(fuse_prelu(spelt_out)))
    kinds = [after.kind(each) for each in after.operators]
    assert kinds.count(after.builtin.PRELU) == 33
    assert len(before.operators) - len(after.operators) == 33 * 4
    assert not {after.builtin.RELU, after.builtin.ABS, after.builtin.SUB, after.builtin.MUL} & set(kinds)


def test_the_fused_model_answers_bit_for_bit_as_the_original(
    models_dir: Path, spelt_out: bytes, pipeline: FacePipeline, astronaut: np.ndarray, hopper: np.ndarray
):
    shape = manifest.read().stage("embed").input
    original, fused = Network(spelt_out, shape), Network(fuse_prelu(spelt_out), shape)
    inputs = list(np.random.default_rng(0).uniform(-1, 1, (4, 112, 112, 3)).astype(np.float32))
    for rgb in (astronaut, hopper):
        face = pipeline.place(rgb, pipeline.detect(rgb)[0])
        assert face is not None
        inputs.append(tensor(face.crop))
    for each in inputs:
        np.testing.assert_array_equal(fused.run(each[None])[0], original.run(each[None])[0])


def test_a_model_without_spelt_out_prelus_is_not_patched(models_dir: Path, spelt_out: bytes):
    with pytest.raises(PatchError):
        fuse_prelu(manifest.read().stage("landmarks").load(models_dir))
    with pytest.raises(PatchError):
        fuse_prelu(fuse_prelu(spelt_out))
