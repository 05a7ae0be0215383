"""What a score means: thresholds at stated rates of false acceptance, for each profile (`calibration.toml`).

`python -m models evaluate PAIRS IMAGES --calibrate NAME` writes the file; the version in it names the set of images and
changes whenever a number does, and goes into every event that a score goes into. Thresholds are for scores against one
enrolled picture (`one`) and against the centre of three (`three`), as the kiosk enrols.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from models.metrics import Operating

FILE = Path(__file__).with_name("calibration.toml")
DEFAULT_FAR = 1e-4
"""The rate of the default threshold: one stranger in ten thousand."""

Profile = Literal["quick", "accurate", "cascade"]


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the cascade doubts its quick score, and how the accurate score is then put on the quick scale."""

    low: float
    high: float
    """Quick scores from `low` up to, not including, `high` are doubtful"""
    quick: float
    accurate: float
    """Two thresholds of the same strictness: an accurate score counts as `quick` plus what it has above `accurate`"""

    def doubts(self, quick: np.ndarray) -> np.ndarray:
        """Which of the quick scores are doubtful."""
        return (quick >= self.low) & (quick < self.high)

    def final(self, quick: np.ndarray, accurate: np.ndarray) -> np.ndarray:
        """The cascade's scores, on the quick scale; `accurate` is looked at in the band only."""
        return np.where(self.doubts(quick), self.quick + (accurate - self.accurate), quick)


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One profile's scores, as measured."""

    version: str
    model: str
    images: int
    people: int
    one: tuple[Operating, ...]
    three: tuple[Operating, ...]
    band: Band | None = None

    def threshold(self, far: float = DEFAULT_FAR, enrolled: Literal[1, 3] = 3) -> float:
        """The threshold at one of the rates measured.

        Raises:
            ValueError: it was not measured at this rate.
        """
        points = self.one if enrolled == 1 else self.three
        for point in points:
            if point.far == far:
                return point.threshold
        raise ValueError(f"{self.version} has no threshold at FAR {far:g}")


def parse(text: bytes) -> dict[str, Calibration]:
    """Every profile's calibration from TOML."""
    return msgspec.toml.decode(text, type=dict[str, Calibration])


@cache
def read() -> dict[str, Calibration]:
    """The project's calibrations by profile."""
    return parse(FILE.read_bytes())


def versioned(name: str, profile: Profile, calibration: Calibration) -> Calibration:
    """The calibration under the version that its name and its numbers give."""
    bare = msgspec.structs.replace(calibration, version="")
    digest = hashlib.sha256(msgspec.json.encode(bare)).hexdigest()
    return msgspec.structs.replace(calibration, version=f"{profile}-{name}-{digest[:8]}")


def write(path: Path, profile: Profile, calibration: Calibration) -> None:
    """Put one profile's calibration into the file and leave the others."""
    others = parse(path.read_bytes()) if path.exists() else {}
    path.write_text(toml({**others, profile: calibration}), encoding="utf-8")
    read.cache_clear()


def toml(calibrations: dict[str, Calibration]) -> str:
    """The file's text."""
    head = "# Written by `python -m models evaluate`, with `--calibrate`; what it means: models/calibration.py.\n"
    return head + "".join(_section(profile, each) for profile, each in sorted(calibrations.items()))


def rounded(points: list[Operating]) -> tuple[Operating, ...]:
    """As they are kept: thresholds to 4 digits, rounded up so that no rate is exceeded; shares to 4."""
    return tuple(
        Operating(point.far, float(np.ceil(point.threshold * 1e4) / 1e4), round(point.tar, 4))
        for point in points
    )


def _section(profile: str, calibration: Calibration) -> str:
    lines = ["", f"[{profile}]"]
    for field in ("version", "model"):
        lines.append(f'{field} = "{getattr(calibration, field)}"')
    lines += [f"images = {calibration.images}", f"people = {calibration.people}"]
    for field, points in (("one", calibration.one), ("three", calibration.three)):
        rows = (
            f"  {{ far = {each.far:g}, threshold = {each.threshold}, tar = {each.tar} }}," for each in points
        )
        lines += [f"{field} = [", *rows, "]"]
    if band := calibration.band:
        numbers = ", ".join(
            f"{field} = {getattr(band, field)}" for field in ("low", "high", "quick", "accurate")
        )
        lines.append(f"band = {{ {numbers} }}")
    return "\n".join(lines) + "\n"
