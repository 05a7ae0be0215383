"""The very file that is flashed, booted by an emulated RP2040 and read by the kiosk's own driver.

PIO, USB, flash file system and the frozen program are the real ones; only the chip and its converter are not. Its time
passes nearly as fast as ours on an idle machine, many times slower on a busy one.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import serial

from edge.devices.scale import Reason, ScaleError, ScaleState
from edge.devices.scale_calibration import CalibrationNotNow
from edge.devices.scale_sics import BAUD, SicsScale

PutOn = Callable[[float], None]

STEP_G = 5
ANSWER_S = 30.0  # what an answer may take on a busy machine; a real Pico has one second
SETTLING_S = 240.0  # some seconds of the Pico's


def until(condition: Callable[[], bool], limit_s: float = SETTLING_S) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.2)


def scale_on(port: str) -> SicsScale:
    """Give the kiosk's driver, after the Pico has answered once: on a new one it formats its flash first."""
    with serial.Serial(port, BAUD, timeout=SETTLING_S) as started:
        started.write(b"I4\r\n")
        assert started.readline().startswith(b"I4 A")
    return SicsScale(port, answer_s=ANSWER_S)


@pytest.fixture(scope="module")
def scale(port: str, put_on: PutOn) -> Iterator[SicsScale]:
    """The kiosk's driver on the calibrated scale, empty."""
    put_on(0.0)
    with scale_on(port) as scale:
        until(lambda: scale.live().state is ScaleState.EMPTY)
        yield scale


def test_a_new_scale_says_who_it_is_weighs_nothing_and_is_too_cold_to_be_calibrated(new_port: str) -> None:
    with scale_on(new_port) as scale:
        identity = scale.identity()
        assert identity.device_id.startswith("AAN-")
        assert identity.model.startswith("AANGAN-HX711")
        assert identity.firmware == "1.1.0"
        assert scale.calibration() is None
        until(lambda: scale.live().reason is Reason.UNCALIBRATED)
        with pytest.raises(CalibrationNotNow):
            scale.calibrate_empty()


def test_a_calibration_written_at_the_prompt_is_there_after_the_next_start(scale: SicsScale) -> None:
    kept = scale.calibration()
    assert kept is not None
    assert kept.day == date(2026, 1, 31)
    assert [(point.grams, point.counts) for point in kept.points] == [
        (0, 84217),
        (5000, 136647),
        (20000, 293937),
    ]


def test_the_chip_tells_its_temperature_and_that_it_is_cold(scale: SicsScale) -> None:
    sensor = scale.sensor()
    assert sensor is not None
    assert sensor.temperature_c in (26, 27, 28)
    assert not sensor.warm


@pytest.mark.parametrize("kg", [9.12, 61.42])
def test_the_kiosk_reads_the_load_within_one_division(scale: SicsScale, put_on: PutOn, kg: float) -> None:
    put_on(kg)
    until(lambda: abs((scale.live().grams or 0) - 1000 * kg) < 100)
    weight = scale.weigh(SETTLING_S)
    assert abs(weight.grams - 1000 * kg) <= STEP_G
    assert not weight.simulated
    assert weight.calibration_date is not None
    assert len(weight.samples) >= 10


def test_zero_and_tare_wait_for_stillness(scale: SicsScale, put_on: PutOn) -> None:
    scale.restart()
    with pytest.raises(ScaleError):
        scale.tare()
    with pytest.raises(ScaleError):
        scale.zero()


def test_overload_is_a_state_and_never_a_number(scale: SicsScale, put_on: PutOn) -> None:
    put_on(180.0)
    until(lambda: scale.live().state is ScaleState.OVERLOAD)
    assert scale.live().grams is None
    with pytest.raises(ScaleError):
        scale.weigh(0.5)


def test_a_load_beyond_24_bits_is_an_error_that_latches(scale: SicsScale, put_on: PutOn) -> None:
    put_on(900.0)
    until(lambda: scale.live().reason is Reason.SATURATED)
    put_on(9.12)
    seen = scale.live().at_monotonic
    until(lambda: scale.live().at_monotonic > seen + 4.0)
    assert scale.live().grams is None
    with pytest.raises(ScaleError):
        scale.weigh(0.5)
