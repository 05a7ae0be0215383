"""What the kiosk knows of a scale: its states, a stable weight, and the small interface each driver has.

A number is a weight only inside a `StableWeight`, and only `weigh` makes one. `live` is for the eyes: the page shows it
four times a second. Whatever is late, out of step or doubtful is a state with a reason, never a value.
"""

from datetime import date
from enum import StrEnum
from typing import Protocol, Self

import msgspec

from anganwadi.ids import Grams

__all__ = [
    "HELP",
    "Grams",
    "LiveReading",
    "Reason",
    "Scale",
    "ScaleDisconnected",
    "ScaleEmpty",
    "ScaleError",
    "ScaleFault",
    "ScaleIdentity",
    "ScaleOutOfRange",
    "ScaleRefused",
    "ScaleState",
    "ScaleUnstable",
    "StableWeight",
]


class ScaleState(StrEnum):
    """What the page shows. Only STABLE may be recorded."""

    EMPTY = "empty"
    SETTLING = "settling"
    STABLE = "stable"
    OVERLOAD = "overload"
    UNDERLOAD = "underload"
    ERROR = "error"
    DISCONNECTED = "disconnected"


class Reason(StrEnum):
    """Why there is no weight, where the state alone does not say it; from COLD on, why there is no calibration."""

    STARTING = "starting"
    LOADED_AT_START = "loaded_at_start"
    UNCALIBRATED = "uncalibrated"
    OUT_OF_STEP = "out_of_step"
    LATE = "late"
    SATURATED = "saturated"
    STUCK = "stuck"
    NO_ANSWER = "no_answer"
    GARBLED = "garbled"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"
    PORT_TAKEN = "port_taken"
    NOT_KNOWN = "not_known"
    COLD = "cold"
    NOT_STILL = "not_still"
    POINTS_MISSING = "points_missing"
    MASS_NOT_FELT = "mass_not_felt"
    NOT_ONE_LINE = "not_one_line"
    NOT_OURS = "not_ours"


HELP: dict[ScaleState | Reason, str] = {
    ScaleState.EMPTY: "Put the child on the scale.",
    ScaleState.SETTLING: "Wait until the child is still.",
    ScaleState.OVERLOAD: "Too heavy: take the load off the scale.",
    ScaleState.UNDERLOAD: "The scale reads below zero: put its top back, empty it and press Zero.",
    ScaleState.DISCONNECTED: "The scale is not connected: check its USB cable.",
    ScaleState.ERROR: "The scale has a fault: empty it, then press Restart scale.",
    Reason.STARTING: "The scale is starting: leave it empty for three seconds.",
    Reason.LOADED_AT_START: "Take everything off the scale, so that it can find its zero.",
    Reason.UNCALIBRATED: "The scale is not calibrated: call the help desk.",
    Reason.OUT_OF_STEP: "The scale lost step with its sensor: press Restart scale.",
    Reason.LATE: "The scale's sensor does not answer: press Restart scale; if it stays, unplug it and plug it in.",
    Reason.SATURATED: "The scale's sensor is beyond its range: empty it, then press Restart scale.",
    Reason.STUCK: "The scale's sensor does not move: press Restart scale; if it stays, call the help desk.",
    Reason.NO_ANSWER: "The scale does not answer: unplug its USB cable and plug it in again.",
    Reason.GARBLED: "The scale's answers are damaged: check its USB cable.",
    Reason.UNKNOWN: "The scale cannot weigh now: empty it, then press Restart scale.",
    Reason.NOT_FOUND: "No scale was found: plug in its USB cable.",
    Reason.PORT_TAKEN: "Another program uses the scale: stop that one first.",
    Reason.NOT_KNOWN: "This scale does not take that from the kiosk: press the button on the scale.",
    Reason.COLD: "The scale is warming up: leave it switched on for five minutes, then try again.",
    Reason.NOT_STILL: "The scale is not still: touch nothing, then try again.",
    Reason.POINTS_MISSING: "First the empty scale, then a mass of 5 kg or more: begin again with the empty scale.",
    Reason.MASS_NOT_FELT: "The scale hardly felt the mass: use 1 kg or more, lay it in the middle, type it again.",
    Reason.NOT_ONE_LINE: "The masses do not agree: free the platform and begin again with the empty scale.",
    Reason.NOT_OURS: "This scale cannot be calibrated from here: follow its maker's instructions.",
}
"""What to do, in words for the worker; each is a msgid for the kiosk's catalogues."""


class ScaleIdentity(msgspec.Struct, frozen=True):
    """Which scale this is. A simulated one says so by its serial number."""

    device_id: str
    model: str
    firmware: str
    calibration_date: date | None

    @property
    def simulated(self) -> bool:
        """Say whether the firmware runs anywhere but on a real scale."""
        return self.device_id.startswith("SIM")


class LiveReading(msgspec.Struct, frozen=True):
    """What the scale says at this moment, to be shown and never recorded. Without a number `grams` is None."""

    state: ScaleState
    at_monotonic: float
    grams: Grams | None = None
    reason: Reason | None = None

    @property
    def help(self) -> str | None:
        """What the worker should do, if anything."""
        return HELP.get(self.reason or self.state)


class StableWeight(msgspec.Struct, frozen=True, kw_only=True):
    """A weight that stood still for two seconds, with what is needed to judge it later.

    `samples` are the sensor's latest raw counts, `zero_counts` what it read with no load, `temperature_c` the scale's
    own in whole degrees, `warm` whether it was switched on for long enough not to drift. A bought scale tells none of
    them: they are empty or None.
    """

    grams: Grams
    at_monotonic: float
    device_id: str
    firmware: str
    simulated: bool
    calibration_date: date | None = None
    tare: Grams | None = None
    samples: tuple[int, ...] = ()
    zero_counts: int | None = None
    sequence: int | None = None
    temperature_c: int | None = None
    warm: bool | None = None


class ScaleError(Exception):
    """No weight; the text says what to do, `reason` or `state` says it for the catalogue."""

    def __init__(self, why: ScaleState | Reason) -> None:
        super().__init__(HELP[why])
        self.why = why


class ScaleDisconnected(ScaleError):
    """There is no scale at the port, or its cable was pulled."""


class ScaleFault(ScaleError):
    """The scale or its sensor has an error; it latches until `restart`."""


class ScaleUnstable(ScaleError):
    """The load did not stand still within the limit, or moved when it had to be still."""


class ScaleEmpty(ScaleError):
    """Nothing was put on the scale within the limit."""


class ScaleOutOfRange(ScaleError):
    """The load is above the scale's capacity, below zero, or too far from zero to be taken as zero."""


class ScaleRefused(ScaleError):
    """The scale is not ready: it is starting, was loaded at power-on, or is not calibrated."""


class Scale(Protocol):
    """A scale on the kiosk. Every method may be called from any thread."""

    def start(self) -> None:
        """Connect and keep connected; a scale that is not there yet is found when it comes."""
        ...

    def close(self) -> None:
        """Let the port go."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def identity(self) -> ScaleIdentity:
        """Say which scale is connected. Raises ScaleDisconnected."""
        ...

    def live(self) -> LiveReading:
        """Give the latest reading at once, without waiting."""
        ...

    def weigh(self, limit_s: float, *, held_child: bool = False) -> StableWeight:
        """Wait for a still load and give its weight.

        With `held_child` the load is an adult with a child in her arms, who is still within 100 g instead of 20 g.

        Raises:
            ScaleEmpty, ScaleUnstable, ScaleOutOfRange, ScaleRefused: still so after `limit_s` seconds.
            ScaleDisconnected, ScaleFault: at once.
        """
        ...

    def zero(self) -> None:
        """Take the empty platform as zero. Raises ScaleUnstable, ScaleOutOfRange, ScaleFault, ScaleDisconnected."""
        ...

    def tare(self) -> Grams:
        """Take the still load, a blanket say, as the tare, and give it. Raises as `zero`."""
        ...

    def clear_tare(self) -> None:
        """Forget the tare."""
        ...

    def restart(self) -> None:
        """Begin measuring again after a fault; the tare is forgotten, the zero kept."""
        ...
