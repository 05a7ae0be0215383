"""How well do scores tell one person from two? The standard measures of face verification.

- **accuracy** on a list of pairs, by the LFW protocol: ten folds, each judged at the threshold that is best on the
  other nine, so that no pair helps to choose its own threshold.
- **TAR at FAR f**: the share of same-person pairs accepted at the lowest threshold that accepts no more than f of the
  different-person pairs.
- **EER**: the error where as many strangers are accepted as right people are refused.
"""

from __future__ import annotations

import msgspec
import numpy as np

FOLDS = 10
FARS = (1e-2, 1e-3, 1e-4)


class Operating(msgspec.Struct, frozen=True):
    """One point to work at."""

    far: float
    threshold: float
    tar: float


class Accuracy(msgspec.Struct, frozen=True):
    """On a list of pairs, with its standard deviation over the folds."""

    mean: float
    deviation: float
    threshold: float
    """The mean of the folds' thresholds."""
    best: float
    """With the one threshold that is best on these very pairs: an upper bound, not a forecast."""


def operating_point(genuine: np.ndarray, impostor: np.ndarray, far: float) -> Operating:
    """The lowest threshold that accepts at most `far` of the impostor scores, and what it accepts of the genuine.

    A score is accepted if it is at or above the threshold. With fewer than 1/far impostor scores none may be accepted.
    """
    allowed = int(np.floor(far * impostor.size))
    ranked = np.sort(impostor)[::-1]
    if allowed >= ranked.size:
        threshold = float(ranked[-1])
    else:
        threshold = float(np.nextafter(ranked[allowed], np.inf))
    return Operating(far, threshold, float(np.mean(genuine >= threshold)))


def equal_error_rate(genuine: np.ndarray, impostor: np.ndarray) -> float:
    """Where false acceptance and false refusal cross."""
    genuine, impostor = np.sort(genuine), np.sort(impostor)
    thresholds = np.unique(np.concatenate([genuine, impostor]))
    refused = np.searchsorted(genuine, thresholds, side="left") / genuine.size
    accepted = 1.0 - np.searchsorted(impostor, thresholds, side="left") / impostor.size
    nearest = int(np.argmin(np.abs(refused - accepted)))
    return float((refused[nearest] + accepted[nearest]) / 2)


def fold_accuracy(scores: np.ndarray, same: np.ndarray, folds: int = FOLDS) -> Accuracy:
    """Accuracy over interleaved folds, each at the threshold best on the others. NaN scores count as refused."""
    scores = np.where(np.isnan(scores), -np.inf, scores)
    fold = np.empty(scores.size, np.int64)
    for kind in (True, False):
        where = np.flatnonzero(same == kind)
        fold[where] = np.arange(where.size) % folds
    results, thresholds = [], []
    for held_out in np.unique(fold):
        train, test = fold != held_out, fold == held_out
        train = train if train.any() else test
        threshold = _best_threshold(scores[train], same[train])
        thresholds.append(threshold)
        results.append(np.mean((scores[test] >= threshold) == same[test]))
    best = float(np.mean((scores >= _best_threshold(scores, same)) == same))
    return Accuracy(float(np.mean(results)), float(np.std(results)), float(np.mean(thresholds)), best)


def _best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    """The middle of the widest gap among the thresholds with the fewest errors."""
    order = np.argsort(scores, kind="stable")
    ranked, kinds = scores[order], same[order]
    refused_right = np.concatenate([[0], np.cumsum(kinds)])
    accepted_wrong = (~kinds).sum() - np.concatenate([[0], np.cumsum(~kinds)])
    errors = refused_right + accepted_wrong
    low = np.concatenate([[-1.0], np.maximum(ranked, -1.0)])
    high = np.concatenate([np.maximum(ranked, -1.0), [1.0]])
    best = np.flatnonzero(errors == errors.min())
    widest = best[np.argmax((high - low)[best])]
    return float((low[widest] + high[widest]) / 2)
