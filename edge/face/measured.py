"""What goes into the record of a look at a face: numbers and codes, and nothing that shows it."""

from __future__ import annotations

import msgspec

from anganwadi.bodies import FaceLook
from edge.face.engine import FaceFinding
from edge.face.liveness import Liveness


def look_of(finding: FaceFinding, liveness: Liveness | None = None, machine_s: float = 0.0) -> FaceLook:
    """The record of one look: the picture that was compared, the challenge if there was one, and the seconds that the
    kiosk itself needed."""
    look = FaceLook(model=finding.model, calibration=finding.calibration, machine_ms=_ms(machine_s))
    if (measured := finding.quality) is not None:
        look = msgspec.structs.replace(
            look,
            width=float(round(measured.width)),
            brightness=float(round(measured.brightness)),
            contrast=float(round(measured.contrast)),
            sharpness=float(round(measured.sharpness)),
            turn=round(measured.turn, 2),
            covered=round(measured.covered, 2),
            light=measured.light,
        )
    if liveness is not None:
        look = msgspec.structs.replace(
            look,
            challenge=tuple(str(move) for move in liveness.moves),
            live=liveness.passed,
            why_not=liveness.why,
            flags=liveness.flags,
            challenge_ms=_ms(liveness.seconds),
        )
    return look


def _ms(seconds: float) -> int:
    """Milliseconds, within what a record holds."""
    return min(max(0, round(seconds * 1000)), 3_600_000)
