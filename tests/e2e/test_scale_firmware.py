"""The real firmware under real MicroPython on a pseudo-terminal, read by the production driver."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.devices.scale import (
    Reason,
    ScaleDisconnected,
    ScaleEmpty,
    ScaleFault,
    ScaleOutOfRange,
    ScaleRefused,
    ScaleState,
    ScaleUnstable,
)
from edge.devices.scale_sics import SicsScale
from hardware.scale_simulator import Fault, SimulatedScale

Pair = tuple[SimulatedScale, SicsScale]
WEIGH_S = 8.0


def until(condition: Callable[[], bool], limit_s: float = 6.0) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.02)


def until_state(scale: SicsScale, *states: ScaleState) -> None:
    until(lambda: scale.live().state in states)


@pytest.fixture(scope="module")
def plugged_in() -> Iterator[Pair]:
    with SimulatedScale() as simulated, SicsScale(simulated.port) as scale:
        until_state(scale, ScaleState.EMPTY)
        yield simulated, scale


@pytest.fixture
def parts(plugged_in: Pair) -> Pair:
    """The scale as it should be: empty, nothing wrong with it, its zero known, its measuring begun afresh."""
    simulated, scale = plugged_in
    simulated.fault(None)
    simulated.set_load(0)
    scale.restart()
    return plugged_in


def until_felt(scale: SicsScale) -> None:
    """Wait until the scale has measured again since its restart and shows a number."""
    until(lambda: scale.live().grams is not None)


def test_empty_scale_gives_no_weight(plugged_in: Pair) -> None:
    with pytest.raises(ScaleEmpty, match="Put the child"):
        plugged_in[1].weigh(0.5)


@pytest.mark.parametrize("kg", [3.2, 61.42])
def test_stable_weight_is_within_10_g_of_the_load(parts: Pair, kg: float) -> None:
    simulated, scale = parts
    simulated.set_load(kg)
    weight = scale.weigh(WEIGH_S)
    assert abs(weight.grams - kg * 1000) <= 10


def test_weight_says_where_it_comes_from(parts: Pair) -> None:
    simulated, scale = parts
    simulated.set_load(9.12)
    weight = scale.weigh(WEIGH_S)
    assert abs(weight.grams - 9120) <= 10
    assert weight.simulated
    assert weight.device_id == "SIM-0000000000000001"
    assert weight.firmware == "1.1.0"
    assert weight.calibration_date is not None
    assert weight.tare == 0
    assert weight.sequence is not None
    assert len(weight.samples) >= 10
    assert weight.zero_counts is not None
    spread = [(count - weight.zero_counts) / 10.486 for count in weight.samples[-10:]]
    assert all(abs(grams - 9120) < 40 for grams in spread)


def test_wriggling_child_gives_no_weight(parts: Pair) -> None:
    simulated, scale = parts
    simulated.set_load(9.12)
    simulated.set_motion(0.4)
    until_felt(scale)
    with pytest.raises(ScaleUnstable, match="still"):
        scale.weigh(3.0)
    assert scale.live().state is ScaleState.SETTLING


def test_zero_and_tare_are_refused_while_the_load_moves(parts: Pair) -> None:
    simulated, scale = parts
    simulated.set_load(9.12)
    simulated.set_motion(0.4)
    until_felt(scale)
    with pytest.raises(ScaleUnstable):
        scale.zero()
    with pytest.raises(ScaleUnstable):
        scale.tare()


def test_child_in_swaying_arms_is_weighed_with_the_wider_limit_only(parts: Pair) -> None:
    simulated, scale = parts
    simulated.set_load(61.42)
    simulated.set_motion(0.035)
    until_felt(scale)
    with pytest.raises(ScaleUnstable):
        scale.weigh(2.5)
    assert abs(scale.weigh(WEIGH_S, held_child=True).grams - 61_420) <= 50


def test_overload_is_a_state_and_never_a_number(parts: Pair) -> None:
    simulated, scale = parts
    simulated.set_load(180)
    until_state(scale, ScaleState.OVERLOAD)
    assert scale.live().grams is None
    with pytest.raises(ScaleOutOfRange, match="Too heavy"):
        scale.weigh(0.5)


def test_blanket_is_tared_away(parts: Pair) -> None:
    simulated, scale = parts
    simulated.set_load(0.8)
    scale.weigh(WEIGH_S)
    assert abs(scale.tare() - 800) <= 10
    until_state(scale, ScaleState.EMPTY)
    simulated.set_load(9.92)
    until(lambda: scale.live().state is not ScaleState.EMPTY)
    weight = scale.weigh(WEIGH_S)
    assert abs(weight.grams - 9120) <= 15
    assert weight.tare is not None
    assert abs(weight.tare - 800) <= 10
    scale.clear_tare()


def test_spikes_of_kilograms_do_not_move_the_weight(parts: Pair) -> None:
    simulated, scale = parts
    simulated.fault("spikes")
    simulated.set_load(9.12)
    assert abs(scale.weigh(WEIGH_S).grams - 9120) <= 10


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("desync", Reason.OUT_OF_STEP), ("silent", Reason.LATE), ("saturated", Reason.SATURATED)],
)
def test_sensor_error_latches_until_restart(parts: Pair, fault: Fault, reason: Reason) -> None:
    simulated, scale = parts
    simulated.fault(fault)
    until(lambda: scale.live().reason is reason)
    assert scale.live().grams is None
    simulated.fault(None)
    before = scale.live()
    until(lambda: scale.live().at_monotonic > before.at_monotonic + 0.5)
    assert scale.live().reason is reason
    with pytest.raises(ScaleFault, match="Restart scale"):
        scale.weigh(WEIGH_S)
    scale.restart()
    until_felt(scale)


def test_pulled_cable_is_disconnected_and_the_scale_is_found_again(tmp_path: Path) -> None:
    with SimulatedScale(link=tmp_path / "scale") as simulated, SicsScale(simulated.port) as scale:
        assert scale.identity().simulated
        simulated.fault("unplugged")
        until_state(scale, ScaleState.DISCONNECTED)
        with pytest.raises(ScaleDisconnected, match="USB cable"):
            scale.weigh(WEIGH_S)
        with pytest.raises(ScaleDisconnected):
            scale.identity()
        simulated.fault(None)
        until_state(scale, ScaleState.EMPTY)


def test_driver_started_before_the_scale_finds_it_when_it_comes(tmp_path: Path) -> None:
    with SicsScale(str(tmp_path / "scale")) as scale:
        assert scale.live().state is ScaleState.DISCONNECTED
        with SimulatedScale(link=tmp_path / "scale"):
            until(lambda: scale.live().state is not ScaleState.DISCONNECTED)
            assert scale.identity().model.startswith("AANGAN-HX711")


def test_scale_loaded_at_power_on_weighs_nothing_until_it_was_empty(tmp_path: Path) -> None:
    simulated = SimulatedScale()
    simulated.set_load(9.12)
    with simulated, SicsScale(simulated.port) as scale:
        until(lambda: scale.live().reason is Reason.LOADED_AT_START)
        with pytest.raises(ScaleRefused, match="Take everything off"):
            scale.weigh(0.5)


def test_at_80_samples_a_second_the_weight_is_as_good() -> None:
    with SimulatedScale(samples_per_second=80) as simulated, SicsScale(simulated.port) as scale:
        until_state(scale, ScaleState.EMPTY)
        simulated.set_load(9.12)
        until(lambda: scale.live().state is not ScaleState.EMPTY)
        assert abs(scale.weigh(WEIGH_S).grams - 9120) <= 10
