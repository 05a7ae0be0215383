"""What an answer of the scale means to the page, and which exception tells the worker what to do."""

import pytest

from anganwadi.ids import Grams
from edge.devices.scale import (
    HELP,
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
)
from edge.devices.scale_sics_meaning import agree, reason_of, state_of
from edge.devices.scale_sics_wire import RawAnswer, Status, WeightAnswer
from edge.devices.scale_states import Outcome, raise_if_hopeless, raise_unless_done, why_not

NO_WEIGHT = WeightAnswer(Status.NOT_NOW, None)


def raw(status: str, net: int | None = None) -> RawAnswer:
    return RawAnswer(1, status, 0, None if net is None else Grams(net), 0, Grams(0), None, 24, True, ())


def reading(state: ScaleState, reason: Reason | None = None) -> LiveReading:
    return LiveReading(state, 0.0, None, reason)


@pytest.mark.parametrize(
    ("status", "grams", "state"),
    [
        (Status.STABLE, 9120, ScaleState.STABLE),
        (Status.STABLE, 50, ScaleState.EMPTY),
        (Status.STABLE, -45, ScaleState.EMPTY),
        (Status.STABLE, -300, ScaleState.UNDERLOAD),
        (Status.MOVING, 9120, ScaleState.SETTLING),
        (Status.OVER, None, ScaleState.OVERLOAD),
        (Status.UNDER, None, ScaleState.UNDERLOAD),
    ],
)
def test_state_follows_the_answer(status: Status, grams: int | None, state: ScaleState) -> None:
    assert state_of(WeightAnswer(status, None if grams is None else Grams(grams)), None) is state


@pytest.mark.parametrize(
    ("word", "reason", "state"),
    [
        ("STARTING", Reason.STARTING, ScaleState.SETTLING),
        ("LOADED", Reason.LOADED_AT_START, ScaleState.SETTLING),
        ("UNCALIBRATED", Reason.UNCALIBRATED, ScaleState.ERROR),
        ("DESYNC", Reason.OUT_OF_STEP, ScaleState.ERROR),
        ("LATE", Reason.LATE, ScaleState.ERROR),
        ("STUCK", Reason.STUCK, ScaleState.ERROR),
        ("SOMETHING", Reason.UNKNOWN, ScaleState.ERROR),
    ],
)
def test_the_firmwares_word_becomes_a_reason(word: str, reason: Reason, state: ScaleState) -> None:
    assert reason_of(NO_WEIGHT, raw(word)) is reason
    assert state_of(NO_WEIGHT, reason) is state


def test_a_bought_scale_that_cannot_weigh_gives_no_reason_but_an_error() -> None:
    assert state_of(NO_WEIGHT, reason_of(NO_WEIGHT, None)) is ScaleState.ERROR


def test_weight_and_raw_answer_must_be_of_the_same_still_load() -> None:
    assert agree(Grams(9120), raw("STABLE", 9125))
    assert not agree(Grams(9120), raw("STABLE", 9135))
    assert not agree(Grams(9120), raw("MOVING", 9120))
    assert not agree(Grams(9120), raw("STABLE"))


@pytest.mark.parametrize(
    ("state", "reason", "error"),
    [
        (ScaleState.EMPTY, None, ScaleEmpty),
        (ScaleState.SETTLING, None, ScaleUnstable),
        (ScaleState.SETTLING, Reason.LOADED_AT_START, ScaleRefused),
        (ScaleState.ERROR, Reason.UNCALIBRATED, ScaleRefused),
        (ScaleState.OVERLOAD, None, ScaleOutOfRange),
        (ScaleState.UNDERLOAD, None, ScaleOutOfRange),
    ],
)
def test_what_stood_in_the_way_until_the_limit_is_named(
    state: ScaleState, reason: Reason | None, error: type[ScaleError]
) -> None:
    raise_if_hopeless(reading(state, reason))
    assert type(why_not(reading(state, reason))) is error


@pytest.mark.parametrize(
    ("state", "reason", "error"),
    [
        (ScaleState.DISCONNECTED, Reason.NOT_FOUND, ScaleDisconnected),
        (ScaleState.ERROR, Reason.OUT_OF_STEP, ScaleFault),
        (ScaleState.OVERLOAD, Reason.SATURATED, ScaleFault),
    ],
)
def test_what_no_waiting_mends_is_raised_at_once(
    state: ScaleState, reason: Reason, error: type[ScaleError]
) -> None:
    with pytest.raises(error):
        raise_if_hopeless(reading(state, reason))


@pytest.mark.parametrize(
    ("outcome", "latest", "error", "words"),
    [
        (Outcome.NOT_NOW, reading(ScaleState.SETTLING), ScaleUnstable, "still"),
        (Outcome.NOT_NOW, reading(ScaleState.SETTLING, Reason.STARTING), ScaleRefused, "starting"),
        (Outcome.NOT_NOW, reading(ScaleState.ERROR, Reason.LATE), ScaleFault, "sensor"),
        (Outcome.ABOVE, reading(ScaleState.STABLE), ScaleOutOfRange, "take the load off"),
        (Outcome.BELOW, reading(ScaleState.STABLE), ScaleOutOfRange, "below zero"),
        (Outcome.NOT_KNOWN, reading(ScaleState.STABLE), ScaleRefused, "button on the scale"),
    ],
)
def test_a_refused_zero_says_what_stood_in_its_way(
    outcome: Outcome, latest: LiveReading, error: type[ScaleError], words: str
) -> None:
    with pytest.raises(error, match=words):
        raise_unless_done(outcome, latest)


def test_a_port_that_another_program_holds_is_told_from_a_pulled_cable() -> None:
    with pytest.raises(ScaleDisconnected, match="Another program"):
        raise_if_hopeless(reading(ScaleState.DISCONNECTED, Reason.PORT_TAKEN))
    with pytest.raises(ScaleDisconnected, match="USB cable"):
        raise_if_hopeless(reading(ScaleState.DISCONNECTED, Reason.NOT_FOUND))


def test_every_state_and_reason_but_a_stable_weight_says_what_to_do() -> None:
    assert set(HELP) == (set(ScaleState) | set(Reason)) - {ScaleState.STABLE}


def test_a_simulated_scale_is_known_by_its_serial_number() -> None:
    assert ScaleIdentity("SIM-01", "", "", None).simulated
    assert not ScaleIdentity("AAN-E66164084319A72D", "", "", None).simulated
