"""What an MT-SICS answer, and an Aangan scale's word on its sensor, mean to the kiosk: a state, a reason, a weight."""

from anganwadi.ids import Grams
from edge.devices.scale import Reason, ScaleIdentity, ScaleState, StableWeight
from edge.devices.scale_sics_wire import RawAnswer, Status, WeightAnswer
from edge.devices.scale_states import state_of_weight

AGREEMENT_GRAMS = 10  # `SI` and `XR` are asked one after the other and may differ by two of the scale's steps

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
    return state_of_weight(answer.grams, still=answer.status is Status.STABLE)


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
