"""Templates of several pictures, as the kiosk enrols, measured on a set made for pairs of single pictures.

Of each person with more pictures than are enrolled, every run of `size` pictures that follow each other by name (the
last followed by the first) is enrolled in turn, at most 20 runs a person. Its centre is compared with that person's
other pictures and with every picture of everybody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from models import metrics
from models.calibration import Band
from models.face.recognise import centre, scores

MOST_RUNS = 20


class Enrolled(msgspec.Struct, frozen=True):
    """What centres of several pictures do."""

    size: int
    people: int
    """With more pictures than `size`"""
    genuine: int
    impostor: int
    operating_points: list[metrics.Operating]


class Comparisons(msgspec.Struct, frozen=True, eq=False):
    """The scores behind it."""

    people: int
    genuine: np.ndarray
    impostor: np.ndarray


def compare(
    templates: np.ndarray, person: np.ndarray, parts: Sequence[int], band: Band | None, size: int
) -> Comparisons:
    """Every run enrolled and compared. Rows without a template (NaN) are left out of runs and count as refused."""
    genuine: list[np.ndarray] = []
    impostor: list[np.ndarray] = []
    people = 0
    seen = ~np.isnan(templates[:, 0])
    for who in np.unique(person):
        own = np.flatnonzero(person == who)
        usable = own[seen[own]]
        if usable.size <= size:
            continue
        people += 1
        others = np.flatnonzero((person != who) & seen)
        for run in _runs(usable, size):
            enrolled = centre(templates[run], parts)[None]
            kept_back = np.setdiff1d(own, run)
            own_scores = scores(templates[kept_back], enrolled, parts, band)[:, 0]
            genuine.append(np.where(np.isnan(own_scores), -1.0, own_scores))
            impostor.append(scores(templates[others], enrolled, parts, band)[:, 0])
    if not people:
        return Comparisons(0, np.empty(0), np.empty(0))
    return Comparisons(people, np.concatenate(genuine), np.concatenate(impostor))


def measure(compared: Comparisons, size: int) -> Enrolled | None:
    """The measures; None if nobody has pictures enough, or there is nobody else."""
    genuine, impostor = compared.genuine, compared.impostor
    if not genuine.size or not impostor.size:
        return None
    points = [metrics.operating_point(genuine, impostor, far) for far in metrics.FARS]
    return Enrolled(size, compared.people, int(genuine.size), int(impostor.size), points)


def _runs(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Runs of `size` rows, evenly spread over the places they can start at."""
    starts = np.unique(np.linspace(0, rows.size - 1, min(rows.size, MOST_RUNS)).round().astype(int))
    for start in starts:
        yield rows[(start + np.arange(size)) % rows.size]
