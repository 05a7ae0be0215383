"""A profile's way to tell people apart: which embedders make its templates, and how a face is scored against one.

- **quick**: MobileFaceNet alone.
- **accurate**: SFace alone.
- **cascade**: both make the template; a face is scored by the quick one, and only where that is in doubt, by the
  accurate one too. The score is on the quick scale.

A template is the embedders' numbers one after the other, each part of length 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models import calibration as calibrations
from models import manifest
from models.calibration import Band, Calibration, Profile
from models.face.embed import ACCURATE, QUICK, Embedder, Look
from models.face.runtime import Network

PROFILES: dict[Profile, tuple[Look, ...]] = {
    "quick": (QUICK,),
    "accurate": (ACCURATE,),
    "cascade": (QUICK, ACCURATE),
}
"""The embedders that make a profile's templates, in the order of the parts."""


class Recogniser:
    """Makes and compares templates. Not safe for two threads at once."""

    def __init__(self, embedders: Sequence[Embedder], model: str, calibration: Calibration) -> None:
        """Two embedders make a cascade, whose calibration must then have a band.

        Raises:
            ValueError: it has none.
        """
        if len(embedders) > 1 and calibration.band is None:
            raise ValueError(f"{calibration.version} has no band for a cascade")
        self.embedders = tuple(embedders)
        self.model = model
        self.calibration = calibration
        self.parts = tuple(embedder.look.dimensions for embedder in self.embedders)

    @classmethod
    def load(cls, models_dir: Path, threads: int, profile: Profile) -> Recogniser:
        """From a folder of fetched models.

        Raises:
            ArtefactError: a model is missing or is not the one of the manifest.
        """
        embedders = []
        for look in PROFILES[profile]:
            model = manifest.read().stage(look.stage)
            embedders.append(Embedder(Network(model.load(models_dir), model.input, threads), look))
        return cls(embedders, model_name(profile), calibrations.read()[profile])

    def template(self, crop: np.ndarray) -> np.ndarray:
        """Every part, one after the other."""
        return np.concatenate([embedder(crop) for embedder in self.embedders])

    def score(self, crop: np.ndarray, centre: np.ndarray) -> float:
        """How like the template `centre` a crop is; the accurate embedder of a cascade is asked only in doubt."""
        first = self.embedders[0]
        quick = float(first(crop) @ centre[: self.parts[0]])
        band = self.calibration.band
        if band is None or not bool(band.doubts(np.asarray(quick))):
            return quick
        accurate = self.embedders[1](crop) @ centre[self.parts[0] :]
        return float(band.final(np.asarray(quick), np.asarray(accurate)))


def model_name(profile: Profile) -> str:
    """Names a profile's embedders and their published weights; templates of different models do not compare.

    What is made of a published file here gives the same numbers, and so keeps its name.
    """
    everything = manifest.read()
    names = (f"{look.name}-{everything.published(look.stage).sha256[:12]}" for look in PROFILES[profile])
    return "+".join(names)


def scores(probes: np.ndarray, centres: np.ndarray, parts: Sequence[int], band: Band | None) -> np.ndarray:
    """The score of every probe (n rows) against every centre (m rows), from templates already made: n x m."""
    quick = probes[:, : parts[0]] @ centres[:, : parts[0]].T
    if band is None:
        return quick
    return band.final(quick, probes[:, parts[0] :] @ centres[:, parts[0] :].T)


def centre(rows: np.ndarray, parts: Sequence[int]) -> np.ndarray:
    """The mean direction of several templates of one person, every part of length 1."""
    mean = rows.mean(axis=0)
    edges = np.cumsum([0, *parts])
    pieces = [mean[start:end] for start, end in itertools.pairwise(edges)]
    lengths = [np.linalg.norm(piece) for piece in pieces]
    if not all(length > 0 for length in lengths):
        raise ValueError("these templates cancel each other out: they cannot be of one person")
    return np.concatenate([piece / length for piece, length in zip(pieces, lengths, strict=True)]).astype(
        np.float32
    )
