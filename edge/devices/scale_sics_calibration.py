"""`XC`, the Aangan scale's own command for its calibration: what is asked and what the answers mean.

`XC Z` takes the empty platform, `XC P 20.000` a mass of 20 kg, `XC W 2026-01-31` makes and keeps the calibration, `XC`
alone tells it: `XC A 2026-01-31 24 0:84217 20000:293937`, or `XC A -`. A is done, I not now, R refused.
"""

import re
from datetime import date

from anganwadi.ids import Grams
from edge.devices.scale import Reason, ScaleError, ScaleRefused
from edge.devices.scale_calibration import (
    Calibration,
    CalibrationNotNow,
    CalibrationPoint,
    CalibrationRefused,
)
from edge.devices.scale_line import Garbled
from edge.devices.scale_sics_wire import RawAnswer, day, degrees

EMPTY = "XC Z"
TELL = "XC"
_NONE_KEPT = "XC A -"
_KEPT = re.compile(r"XC A ([0-9-]{10}) (-?[0-9]{1,3}|-)((?: [0-9]{1,7}:-?[0-9]{1,8}){2,9})")


def mass_command(mass: Grams) -> str:
    """Write the command that takes the reading of `mass`."""
    return f"XC P {mass // 1000}.{mass % 1000:03d}"


def finish_command(on: date) -> str:
    """Write the command that keeps the calibration as of `on`."""
    return f"XC W {on.isoformat()}"


def outcome(answer: str) -> str:
    """Read the answer to a step: A done, I not now, R refused. Wrong parameters are refused too.

    Raises:
        Garbled: it is no answer to XC.
        ScaleRefused: the scale does not know XC.
    """
    if answer == "ES":
        raise ScaleRefused(Reason.NOT_OURS)
    found = re.fullmatch(r"XC ([AIR])|EL", answer)
    if found is None:
        raise Garbled("no answer to XC")
    return found[1] or "R"


def kept(answer: str) -> Calibration | None:
    """Read the calibration in force; None if there is none.

    Raises:
        Garbled: it is no answer to XC alone.
        ScaleRefused: the scale does not know XC.
    """
    if answer == "ES":
        raise ScaleRefused(Reason.NOT_OURS)
    if answer == _NONE_KEPT:
        return None
    found = _KEPT.fullmatch(answer)
    made = day(found[1]) if found else None
    if found is None or made is None:
        raise Garbled("no answer to XC")
    points = (point.split(":") for point in found[3].split())
    return Calibration(
        day=made,
        temperature_c=degrees(found[2]),
        points=tuple(CalibrationPoint(Grams(int(grams)), int(counts)) for grams, counts in points),
    )


def why_not(command: str, outcome: str, raw: RawAnswer | None) -> ScaleError:
    """Name what stood in the way of `command`, by what the scale tells of its sensor."""
    finishing = command.startswith("XC W")
    if outcome == "R":
        return CalibrationRefused(Reason.NOT_ONE_LINE if finishing else Reason.MASS_NOT_FELT)
    if raw is not None and not raw.warm:
        return CalibrationNotNow(Reason.COLD)
    return CalibrationNotNow(Reason.POINTS_MISSING if finishing else Reason.NOT_STILL)
