"""A profile measured on a folder of images and a list of pairs.

Two questions, two sets of scores. *Accuracy* is over the listed pairs. *EER and TAR at a FAR* put the listed
same-person pairs against **all** different-person combinations of the images (who is who: `models.identities`), since
a few hundred listed negatives cannot carry a FAR of 1e-4. A pair with a missed face counts as refused. What templates
of several pictures do is in `models.enrolled`.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import msgspec
import numpy as np

from models import banding, enrolled, folder, identities, metrics
from models.calibration import Band, Calibration, Profile, rounded, versioned
from models.enrolled import Enrolled
from models.face.pipeline import STAGES
from models.face.recognise import scores
from models.folder import ImagesError, Templates
from models.identities import Pair

BEFORE = ("detect", "landmarks", "align")
"""The stages every comparison goes through"""


class Cost(msgspec.Struct, frozen=True):
    """What a comparison costs, from the picture to the score."""

    mix: str
    """Of the comparisons it is the mean of"""
    ms: float
    """By each stage's median"""
    quick_ms: float | None
    """With the quick embedder alone; None if the profile has none"""
    asked: float
    """Share of the comparisons in which the accurate embedder was asked"""


class Evaluation(msgspec.Struct, frozen=True):
    """What `python -m models evaluate` says."""

    profile: Profile
    model: str
    images: int
    people: int
    missed_faces: int
    unreadable: int
    pairs: int
    accuracy: float
    accuracy_deviation: float
    accuracy_threshold: float
    accuracy_how: str
    accuracy_at_best_threshold: float
    genuine_pairs: int
    impostor_combinations: int
    eer: float
    operating_points: list[metrics.Operating]
    ms_per_stage: dict[str, float]
    """Median milliseconds."""
    cost: Cost
    band: Band | None
    enrolled: Enrolled | None
    """With several pictures enrolled, if asked for"""


class Measured:
    """The scores of one profile on one set: made once, asked for each measure."""

    def __init__(
        self, profile: Profile, model: str, parts: tuple[int, ...], pairs: list[Pair], result: Templates
    ) -> None:
        self.profile: Profile = profile
        self.model, self.parts, self.pairs, self.result = model, parts, pairs, result
        people = identities.people(result.names, pairs)
        _, self.person = np.unique([people[name] for name in result.names], return_inverse=True)
        row = {name: index for index, name in enumerate(result.names)}
        self._first = np.array([row[pair.a] for pair in pairs])
        self._second = np.array([row[pair.b] for pair in pairs])
        self.same = np.array([pair.same for pair in pairs])
        seen = np.array([status == "ok" for status in result.statuses])
        different = self.person[:, None] != self.person[None, :]
        self._apart = np.triu(seen[:, None] & seen[None, :] & different, k=1)
        if not self.same.any() or not self._apart.any():
            raise ImagesError("the pairs need two images of one person at least, and two people")

    def fitted_band(self) -> Band | None:
        """A cascade's band, fitted to this set; None for other profiles."""
        if self.profile != "cascade":
            return None
        edge = self.parts[0]
        quick, accurate = self.result.templates[:, :edge], self.result.templates[:, edge:]
        return banding.fit((quick @ quick.T)[self._apart], (accurate @ accurate.T)[self._apart])

    def evaluate(self, band: Band | None, enrol: int = 0) -> Evaluation:
        """Every measure, with this band; with `enrol` pictures enrolled too, if it is not 0."""
        rows = self.result.templates
        everything = scores(rows, rows, self.parts, band)
        listed = everything[self._first, self._second]
        impostor = everything[self._apart]
        genuine = np.where(np.isnan(listed[self.same]), -1.0, listed[self.same])
        accuracy = metrics.fold_accuracy(listed, self.same)
        several = enrolled.compare(rows, self.person, self.parts, band, enrol) if enrol else None
        ms = {s: statistics.median(self.result.ms[s]) for s in STAGES if self.result.ms.get(s)}
        return Evaluation(
            profile=self.profile,
            model=self.model,
            images=len(self.result.names),
            people=int(self.person.max()) + 1,
            missed_faces=self.result.count("no_face"),
            unreadable=self.result.count("unreadable"),
            pairs=len(self.pairs),
            accuracy=accuracy.mean,
            accuracy_deviation=accuracy.deviation,
            accuracy_threshold=accuracy.threshold,
            accuracy_how=f"{metrics.FOLDS} folds, each at the threshold best on the others",
            accuracy_at_best_threshold=accuracy.best,
            genuine_pairs=int(genuine.size),
            impostor_combinations=int(impostor.size),
            eer=metrics.equal_error_rate(genuine, impostor),
            operating_points=[metrics.operating_point(genuine, impostor, far) for far in metrics.FARS],
            ms_per_stage=ms,
            cost=self._cost(ms, band),
            band=band,
            enrolled=enrolled.measure(several, enrol) if several else None,
        )

    def calibration(self, name: str) -> Calibration:
        """What is kept of this set for `calibration.toml`.

        Raises:
            ImagesError: nobody has four pictures, so that three could be enrolled.
        """
        measured = self.evaluate(self.fitted_band(), enrol=3)
        if measured.enrolled is None:
            raise ImagesError("a calibration needs people with four images at least, to enrol three of them")
        bare = Calibration(
            "",
            self.model,
            measured.images,
            measured.people,
            rounded(measured.operating_points),
            rounded(measured.enrolled.operating_points),
            measured.band,
        )
        return versioned(name, self.profile, bare)

    def _cost(self, ms: dict[str, float], band: Band | None) -> Cost:
        """Mean over the listed pairs, right and wrong people in equal parts."""
        before = sum(ms.get(stage, 0.0) for stage in BEFORE)
        quick = before + ms["embed"] if "embed" in ms else None
        asked = 1.0 if self.profile == "accurate" else 0.0
        if band is not None:
            first, second = (
                self.result.templates[rows, : self.parts[0]] for rows in (self._first, self._second)
            )
            doubted = band.doubts(np.einsum("ij,ij->i", first, second))
            kinds = [doubted[self.same == kind].mean() for kind in (True, False) if (self.same == kind).any()]
            asked = float(np.mean(kinds))
        whole = (quick if quick is not None else before) + asked * ms.get("embed_accurate", 0.0)
        return Cost("the listed pairs, as many of one person as of two", whole, quick, asked)


def named(pairs: list[Pair], images_dir: Path) -> list[str]:
    """The images of the pairs, sorted.

    Raises:
        ImagesError: one is not in the folder.
    """
    if not images_dir.is_dir():
        raise folder.ImagesError(f"{images_dir} is not a folder")
    names = sorted({name for pair in pairs for name in (pair.a, pair.b)})
    absent = [name for name in names if not (images_dir / name).is_file()]
    if absent:
        raise ImagesError(
            f"{len(absent)} images of the pairs are not in {images_dir}, the first is {absent[0]}"
        )
    return names
