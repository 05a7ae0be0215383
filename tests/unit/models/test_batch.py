"""The embedder for one picture is the embedder for two, and nothing but its batch is changed."""

from pathlib import Path

import numpy as np

from models import manifest
from models.batch import free_batch
from models.face.embed import tensor
from models.face.pipeline import FacePipeline
from models.face.runtime import Network


def test_the_patched_model_differs_in_one_number(models_dir: Path):
    original = manifest.read().stage("embed_pair").load(models_dir)
    patched = free_batch(original)
    changed = np.flatnonzero(np.frombuffer(original, np.uint8) != np.frombuffer(patched, np.uint8))
    assert 0 < changed.size <= 4
    assert changed.max() - changed.min() < 4


def test_the_patched_model_answers_bit_for_bit_as_the_original(
    models_dir: Path, pipeline: FacePipeline, astronaut: np.ndarray, hopper: np.ndarray
):
    one, two = manifest.read().stage("embed"), manifest.read().stage("embed_pair")
    single = Network(free_batch(two.load(models_dir)), one.input)
    pair = Network(two.load(models_dir), two.input)
    crops = []
    for rgb in (astronaut, hopper):
        face = pipeline.place(rgb, pipeline.detect(rgb)[0])
        assert face is not None
        crops.append(tensor(face.crop))
    noise = np.random.default_rng(0).uniform(-1, 1, (4, 112, 112, 3)).astype(np.float32)
    batch = [*crops, *noise]
    for first, second in zip(batch[::2], batch[1::2], strict=True):
        (together,) = pair.run(np.stack([first, second]))
        apart = np.concatenate([single.run(first[None])[0], single.run(second[None])[0]])
        np.testing.assert_allclose(apart, together, rtol=0, atol=1e-6)
