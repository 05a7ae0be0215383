"""The pipeline measured on a folder of images and a list of pairs.

Two questions, two sets of scores. *Accuracy* is over the listed pairs. *EER and TAR at a FAR* put the listed
same-person pairs against **all** different-person combinations of the images (who is who: `models.identities`), since
a few hundred listed negatives cannot carry a FAR of 1e-4. A pair with a missed face counts as refused.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from models import folder, identities, metrics
from models.face.pipeline import STAGES, FacePipeline
from models.folder import ImagesError, Templates
from models.identities import Pair


class Evaluation(msgspec.Struct, frozen=True):
    """What `python -m models evaluate` says."""

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


def evaluate(
    pipeline: FacePipeline, pairs: list[Pair], images_dir: Path, step: Callable[[], None] = lambda: None
) -> Evaluation:
    """Run every image named in the pairs, once, and measure.

    Raises:
        ImagesError: an image of the pairs file is missing, or the pairs hold no two people or no two images of one.
    """
    names = named(pairs, images_dir)
    return measure(pipeline.model, pairs, folder.templates_of(pipeline, images_dir, names, step))


def named(pairs: list[Pair], images_dir: Path) -> list[str]:
    """The images of the pairs, sorted.

    Raises:
        ImagesError: one is not in the folder.
    """
    if not images_dir.is_dir():
        raise ImagesError(f"{images_dir} is not a folder")
    names = sorted({name for pair in pairs for name in (pair.a, pair.b)})
    absent = [name for name in names if not (images_dir / name).is_file()]
    if absent:
        raise ImagesError(
            f"{len(absent)} images of the pairs are not in {images_dir}, the first is {absent[0]}"
        )
    return names


def measure(model: str, pairs: list[Pair], result: Templates) -> Evaluation:
    """The measures, from templates already made."""
    row = {name: index for index, name in enumerate(result.names)}
    first = result.templates[[row[pair.a] for pair in pairs]]
    second = result.templates[[row[pair.b] for pair in pairs]]
    scores = np.einsum("ij,ij->i", first, second)
    same = np.array([pair.same for pair in pairs])
    impostor, people = _different_people(pairs, result)
    genuine = np.where(np.isnan(scores[same]), -1.0, scores[same])
    if not genuine.size or not impostor.size:
        raise ImagesError("the pairs need two images of one person at least, and two people")
    accuracy = metrics.fold_accuracy(scores, same)
    return Evaluation(
        model=model,
        images=len(result.names),
        people=people,
        missed_faces=result.count("no_face"),
        unreadable=result.count("unreadable"),
        pairs=len(pairs),
        accuracy=accuracy.mean,
        accuracy_deviation=accuracy.deviation,
        accuracy_threshold=accuracy.threshold,
        accuracy_how=f"{metrics.FOLDS} folds, each at the threshold best on the others",
        accuracy_at_best_threshold=accuracy.best,
        genuine_pairs=int(genuine.size),
        impostor_combinations=int(impostor.size),
        eer=metrics.equal_error_rate(genuine, impostor),
        operating_points=[metrics.operating_point(genuine, impostor, far) for far in metrics.FARS],
        ms_per_stage={stage: statistics.median(result.ms[stage]) for stage in STAGES if result.ms.get(stage)},
    )


def _different_people(pairs: list[Pair], result: Templates) -> tuple[np.ndarray, int]:
    """The score of every two images of different people, and how many people there are."""
    people = identities.people(result.names, pairs)
    _, person = np.unique([people[name] for name in result.names], return_inverse=True)
    seen = np.array([status == "ok" for status in result.statuses])
    scores = result.templates @ result.templates.T
    upper = np.triu(seen[:, None] & seen[None, :] & (person[:, None] != person[None, :]), k=1)
    return scores[upper], int(person.max()) + 1
