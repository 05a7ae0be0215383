"""What a weight or an outcome means to the kiosk, whatever scale it comes from: a state, or the exception that says
what to do."""

from enum import StrEnum

from anganwadi.ids import Grams
from edge.devices.scale import (
    LiveReading,
    Reason,
    ScaleDisconnected,
    ScaleEmpty,
    ScaleError,
    ScaleFault,
    ScaleOutOfRange,
    ScaleRefused,
    ScaleState,
    ScaleUnstable,
)

EMPTY_GRAMS = 50  # nothing weighed here is this light

_NOT_READY: tuple[Reason | None, ...] = (Reason.STARTING, Reason.LOADED_AT_START, Reason.UNCALIBRATED)


class Outcome(StrEnum):
    """What became of a zero or a tare."""

    DONE = "A"
    NOT_NOW = "I"
    ABOVE = "+"
    BELOW = "-"
    NOT_KNOWN = "?"


def state_of_weight(grams: Grams, *, still: bool) -> ScaleState:
    """Say what the page shows for a weight within the scale's range."""
    if not still:
        return ScaleState.SETTLING
    if grams < -EMPTY_GRAMS:
        return ScaleState.UNDERLOAD
    return ScaleState.EMPTY if grams <= EMPTY_GRAMS else ScaleState.STABLE


def raise_if_hopeless(reading: LiveReading) -> None:
    """Raise what no waiting can mend: a pulled cable, a latched error.

    Raises:
        ScaleDisconnected, ScaleFault.
    """
    if reading.state is ScaleState.DISCONNECTED:
        raise disconnected(reading)
    if reading.reason is Reason.SATURATED:
        raise ScaleFault(Reason.SATURATED)
    if reading.state is ScaleState.ERROR and reading.reason not in _NOT_READY:
        raise ScaleFault(reading.reason or ScaleState.ERROR)


def disconnected(reading: LiveReading) -> ScaleDisconnected:
    """Say why there is no scale to ask."""
    taken = reading.reason is Reason.PORT_TAKEN
    return ScaleDisconnected(Reason.PORT_TAKEN if taken else ScaleState.DISCONNECTED)


def why_not(reading: LiveReading) -> ScaleError:
    """Name what kept a weight from being taken until the limit."""
    if reading.reason is not None and reading.reason in _NOT_READY:
        return ScaleRefused(reading.reason)
    if reading.state in (ScaleState.OVERLOAD, ScaleState.UNDERLOAD):
        return ScaleOutOfRange(reading.state)
    if reading.state is ScaleState.EMPTY:
        return ScaleEmpty(ScaleState.EMPTY)
    return ScaleUnstable(ScaleState.SETTLING)


def raise_unless_done(outcome: Outcome, reading: LiveReading) -> None:
    """Take the outcome of a zero or a tare; `reading` is the latest.

    Raises:
        ScaleOutOfRange: too far from zero.
        ScaleRefused: the scale does not know the command.
        ScaleUnstable, ScaleRefused, ScaleFault, ScaleDisconnected: not now, by the reading.
    """
    match outcome:
        case Outcome.DONE:
            return
        case Outcome.ABOVE:
            raise ScaleOutOfRange(ScaleState.OVERLOAD)
        case Outcome.BELOW:
            raise ScaleOutOfRange(ScaleState.UNDERLOAD)
        case Outcome.NOT_KNOWN:
            raise ScaleRefused(Reason.NOT_KNOWN)
        case Outcome.NOT_NOW:
            raise_if_hopeless(reading)
            if reading.reason is not None and reading.reason in _NOT_READY:
                raise ScaleRefused(reading.reason)
            raise ScaleUnstable(ScaleState.SETTLING)
