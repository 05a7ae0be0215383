"""Is something before the face: a hand, a cloth over the mouth, a mask? A dupatta over the hair is not, nor spectacles.

Both models that find the face grow unsure when part of it is hidden, each in its own way: the mesh's confidence falls
from some 30 (log-odds) to 10, the detector's score from 0.92 to 0.80. Together they tell more than either.

The weights are a logistic fit on 202 LFW photographs, each as it is, with spectacles drawn on, with a cloth over hair
and forehead (606 pictures, not covered), and with a mask, a veil over the mouth, a hand on mouth, nose or an eye, or
half the face behind a cloth (1,212, covered). At the limit of `edge.face.quality.Limits` 88.6 % of the covered ones are
called so or give no face at all (veil 76 %, hands 89 to 98 %); of the others none but 3.5 % of the cloths over hair.
These are the pictures of the fit, and drawn cloths are not real ones: how often it errs must be measured in the field.
Dark glasses are hardly ever noticed. It costs nothing, since both numbers are there anyway.
"""

from __future__ import annotations

import numpy as np

from models.face.pipeline import Face

OFFSET = 42.89
PER_MESH_LOGIT = -0.258
PER_SCORE = -43.60
CERTAIN = 1.0 - 1e-16
"""The mesh's confidence is rounded to 1 above this."""


def covered(face: Face) -> float:
    """0 to 1: how sure it is that part of the face is hidden."""
    confidence = float(np.clip(face.mesh.score, 1e-16, CERTAIN))
    logit = np.log(confidence) - np.log1p(-confidence)
    odds = OFFSET + PER_MESH_LOGIT * logit + PER_SCORE * face.detection.score
    return float(1.0 / (1.0 + np.exp(-np.clip(odds, -80.0, 80.0))))
