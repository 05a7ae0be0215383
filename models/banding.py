"""Where should a cascade doubt? Its band, from the scores of different people under both embedders.

- It doubts from the quick threshold at FAR 1e-2, under which hardly any right person scores, up to that at FAR 1e-5,
  over which hardly any stranger does.
- Inside, the accurate threshold is the one that brings the whole to FAR 1e-4, after the strangers above the band.
"""

from __future__ import annotations

import numpy as np

from models.calibration import DEFAULT_FAR, Band

LOW_FAR, HIGH_FAR = 1e-2, 1e-5


def fit(quick: np.ndarray, accurate: np.ndarray) -> Band:
    """The band, from two scores for each pair of different people.

    Raises:
        ValueError: so few pairs that none lies in the band.
    """
    low, high, middle = (_threshold(quick, far) for far in (LOW_FAR, HIGH_FAR, DEFAULT_FAR))
    inside = np.sort(accurate[(quick >= low) & (quick < high)])[::-1]
    if not inside.size:
        raise ValueError("too few pairs of different people to find where a quick score is in doubt")
    allowed = int(np.floor(DEFAULT_FAR * quick.size)) - int((quick >= high).sum())
    strict = float(np.nextafter(inside[min(max(allowed, 0), inside.size - 1)], np.inf))
    return Band(*(round(value, 4) for value in (low, high, middle, strict)))


def _threshold(impostor: np.ndarray, far: float) -> float:
    """The lowest threshold that accepts no more than this share of strangers."""
    ranked = np.sort(impostor)[::-1]
    return float(np.nextafter(ranked[min(int(np.floor(far * ranked.size)), ranked.size - 1)], np.inf))
