"""What an MT-SICS answer means to the kiosk: a state, a reason, a weight, or the exception that says what to do."""

from anganwadi.ids import Grams
from edge.devices.scale import (
    LiveReading,
    Reason,
    ScaleDisconnected,
    ScaleEmpty,
    ScaleError,
    ScaleFault,
    ScaleIdentity,
    ScaleOutOfRange,
    ScaleRefused,
    ScaleState,
    ScaleUnstable,
    StableWeight,
)
from edge.devices.scale_sics_wire import RawAnswer, Status, WeightAnswer

EMPTY_GRAMS = 50  # nothing weighed here is this light
AGREEMENT_GRAMS = 10  # `S` and `XR` are asked one after the other and may differ by two of the scale's steps

_SENSOR: dict[str, Reason] = {
    "STARTING": Reason.STARTING,
    "LOADED": Reason.LOADED_AT_START,
    "UNCALIBRATED": Reason.UNCALIBRATED,
    "DESYNC": Reason.OUT_OF_STEP,
    "LATE": Reason.LATE,
    "STUCK": Reason.STUCK,
    "SATURATED+": Reason.SATURATED,
    "SATURATED-": Reason.SATURATED,
}
_NOT_READY: tuple[Reason | None, ...] = (Reason.STARTING, Reason.LOADED_AT_START, Reason.UNCALIBRATED)


def reason_of(answer: WeightAnswer, raw: RawAnswer | None) -> Reason | None:
    """Say why `answer` holds no weight, from what an Aangan scale tells of its sensor."""
    if answer.grams is not None:
        return None
    known = _SENSOR.get(raw.status) if raw else None
    return known or (Reason.UNKNOWN if answer.status is Status.NOT_NOW else None)


def state_of(answer: WeightAnswer, reason: Reason | None) -> ScaleState:
    """Say what the page shows. A scale that only waits for its empty platform is settling, not broken."""
    if answer.status is Status.OVER:
        return ScaleState.OVERLOAD
    if answer.status is Status.UNDER:
        return ScaleState.UNDERLOAD
    if answer.grams is None:
        waiting = reason in (Reason.STARTING, Reason.LOADED_AT_START)
        return ScaleState.SETTLING if waiting else ScaleState.ERROR
    if answer.status is Status.MOVING:
        return ScaleState.SETTLING
    if answer.grams < -EMPTY_GRAMS:
        return ScaleState.UNDERLOAD
    return ScaleState.EMPTY if answer.grams <= EMPTY_GRAMS else ScaleState.STABLE


def agree(grams: Grams, raw: RawAnswer) -> bool:
    """Say whether the raw answer is of the same still load as the weight."""
    return raw.status == "STABLE" and raw.net is not None and abs(raw.net - grams) <= AGREEMENT_GRAMS


def stable_weight(grams: Grams, at: float, identity: ScaleIdentity, raw: RawAnswer | None) -> StableWeight:
    """Put the weight together with where it comes from."""
    return StableWeight(
        grams=grams,
        at_monotonic=at,
        device_id=identity.device_id,
        firmware=identity.firmware,
        simulated=identity.simulated,
        calibration_date=raw.calibrated if raw else None,
        tare=raw.tare if raw else None,
        samples=raw.counts if raw else (),
        zero_counts=raw.zero_counts if raw else None,
        sequence=raw.sequence if raw else None,
        temperature_c=raw.temperature_c if raw else None,
        warm=raw.warm if raw else None,
    )


def raise_if_hopeless(reading: LiveReading) -> None:
    """Raise what no waiting can mend: a pulled cable, a latched error.

    Raises:
        ScaleDisconnected, ScaleFault.
    """
    if reading.state is ScaleState.DISCONNECTED:
        raise ScaleDisconnected(ScaleState.DISCONNECTED)
    if reading.reason is Reason.SATURATED:
        raise ScaleFault(Reason.SATURATED)
    if reading.state is ScaleState.ERROR and reading.reason not in _NOT_READY:
        raise ScaleFault(reading.reason or ScaleState.ERROR)


def why_not(reading: LiveReading) -> ScaleError:
    """Name what kept a weight from being taken until the limit."""
    if reading.reason is not None and reading.reason in _NOT_READY:
        return ScaleRefused(reading.reason)
    if reading.state in (ScaleState.OVERLOAD, ScaleState.UNDERLOAD):
        return ScaleOutOfRange(reading.state)
    if reading.state is ScaleState.EMPTY:
        return ScaleEmpty(ScaleState.EMPTY)
    return ScaleUnstable(ScaleState.SETTLING)


def accept(outcome: str, reading: LiveReading) -> None:
    """Take the outcome of `Z`, `T` or `TAC`: "A" is done.

    Raises:
        ScaleOutOfRange: + or -.
        ScaleUnstable, ScaleRefused, ScaleFault, ScaleDisconnected: not now, by the latest reading.
    """
    if outcome == "A":
        return
    if outcome in ("+", "-"):
        raise ScaleOutOfRange(ScaleState.OVERLOAD if outcome == "+" else ScaleState.UNDERLOAD)
    raise_if_hopeless(reading)
    if reading.reason is not None and reading.reason in _NOT_READY:
        raise ScaleRefused(reading.reason)
    raise ScaleUnstable(ScaleState.SETTLING)
