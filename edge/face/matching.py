"""Is this the enrolled face? The score against the centre of the three enrolled vectors, and a threshold.

Measured on LFW fold 1 (3 images enrolled, the person's others as probes, every other person as impostor): at a FAR of
1e-5 the centre accepts 98.8 % of the right people, the maximum of the three 97.3 %, their mean score 97.7 %; at
1e-3 all are within 0.4 %. One bad enrolled picture cannot open the door by itself, as it can with the maximum.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from anganwadi.ids import PersonId
from edge.face.engine import FaceFinding
from edge.face.hints import Hint
from edge.face.template import FaceTemplate
from models import calibration
from models.face.rotation import Rotation

DEFAULT_THRESHOLD = calibration.read()["quick"].threshold()
"""Of the quick model: FAR 1e-4 on LFW with three images enrolled. A district may set another; see docs/face.md."""


class OtherModelError(Exception):
    """The template was made by another model than the face: the person must be enrolled again."""


class Match(msgspec.Struct, frozen=True):
    """The answer to "is it she?". Without a score there was no face to compare; the hint says why."""

    accepted: bool
    threshold: float
    score: float | None = None
    hint: Hint | None = None


class Alike(msgspec.Struct, frozen=True):
    """Somebody whose enrolled face resembles another's."""

    person_id: PersonId
    score: float


def verify(
    template: FaceTemplate,
    finding: FaceFinding,
    threshold: float | None = None,
    rotation: Rotation | None = None,
) -> Match:
    """Compare one picture's finding with an enrolled template.

    `rotation` is the one that turned the template, if one did; None as threshold is the model's own.

    Raises:
        OtherModelError: they come from different models.
        OtherRotationError: the template was turned by another rotation.
    """
    if template.model != finding.model:
        raise OtherModelError(f"enrolled with {template.model}, seen with {finding.model}: enrol again")
    if threshold is None:
        threshold = DEFAULT_THRESHOLD if finding.threshold is None else finding.threshold
    centre = template.unturned(rotation).centre()
    score = _score(finding, centre)
    if score is None:
        return Match(False, threshold, hint=finding.hint)
    return Match(score >= threshold, threshold, score)


def duplicates(
    mine: FaceTemplate,
    others: Iterable[tuple[PersonId, FaceTemplate, Rotation | None]],
    threshold: float = DEFAULT_THRESHOLD,
) -> list[Alike]:
    """Those of the others, each with the rotation that turned her template, who may be the same person: the most alike
    first. To be shown to the worker, never to refuse: sisters resemble each other.

    `mine` is not turned. Templates of another model are passed over; of a cascade the first part is compared.

    Raises:
        OtherRotationError: a template was turned by another rotation than the one given with it.
    """
    part = mine.parts[0]
    centre = mine.centre()[:part]
    found = [
        Alike(person_id, float(template.unturned(rotation).centre()[:part] @ centre))
        for person_id, template, rotation in others
        if template.model == mine.model
    ]
    return sorted((each for each in found if each.score >= threshold), key=lambda each: -each.score)


def _score(finding: FaceFinding, centre: np.ndarray) -> float | None:
    """On the scale of the model's threshold; None without a face."""
    if finding.score is not None:
        return finding.score(centre)
    return None if finding.template is None else float(centre @ finding.template)
