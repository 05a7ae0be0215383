"""The log of check masses: every day a known mass is weighed, and what the scale said is kept, right or wrong.

    append(log_path(state_dir), ScaleCheck(...))        # on the disk when it returns
    read(log_path(state_dir))                           # oldest first

One line of JSON a check, appended and never changed. It names a scale and a mass, no person.
"""

import os
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Self

import msgspec
import structlog

from anganwadi.ids import Grams
from edge.devices.scale import StableWeight

log = structlog.get_logger(__name__)

DIVISION = Grams(10)
TOLERANCE = Fraction(1, 1000)
"""The limit is our default, not a norm's: a thousandth of the mass, or one division where that is more."""


class ScaleCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One check: when, on which scale, the mass put on, what the scale read, whether that was within the limit."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    device_id: str
    simulated: bool
    calibrated: date | None
    mass: Grams
    grams: Grams
    passed: bool

    @classmethod
    def of(cls, weight: StableWeight, mass: Grams, at: datetime) -> Self:
        """Judge what a scale said of a known mass."""
        return cls(
            at=at,
            device_id=weight.device_id,
            simulated=weight.simulated,
            calibrated=weight.calibration_date,
            mass=mass,
            grams=weight.grams,
            passed=judge(mass, weight.grams),
        )

    @property
    def difference(self) -> Grams:
        """What the scale read more than the mass."""
        return Grams(self.grams - self.mass)


def log_path(state_dir: Path) -> Path:
    """Where a kiosk keeps its log."""
    return state_dir / "scale-checks.jsonl"


def limit(mass: Grams) -> Grams:
    """How far the scale may be off for `mass`."""
    return Grams(max(int(DIVISION), int(mass * TOLERANCE)))


def judge(mass: Grams, grams: Grams) -> bool:
    """Say whether `grams` is near enough to `mass`."""
    return abs(grams - mass) <= limit(mass)


def append(path: Path, check: ScaleCheck) -> None:
    """Add `check` to the log at `path`, and return when it is on the disk.

    Raises:
        OSError: the disk does not take it.
    """
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(file).st_size
        cut_short = size > 0 and os.pread(file, 1, size - 1) != b"\n"  # by a power cut, say
        os.write(file, b"\n" * cut_short + msgspec.json.encode(check) + b"\n")
        os.fsync(file)
    finally:
        os.close(file)
    if size == 0:
        _sync_folder(path.parent)


def read(path: Path) -> list[ScaleCheck]:
    """Give all checks at `path`, oldest first; a damaged line is reported in the log of the program and passed over.

    Raises:
        OSError: the file is there and cannot be read.
    """
    checks: list[ScaleCheck] = []
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            checks.append(msgspec.json.decode(line, type=ScaleCheck))
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.warning("scale_check_damaged", line=number)
    return sorted(checks, key=lambda check: check.at)


def _sync_folder(folder: Path) -> None:
    """Make a new file's name as safe as its content."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
