"""The very file that is flashed, booted by an emulated RP2040 and read by the kiosk's own driver.

PIO, USB, flash file system and the frozen program are the real ones; only the chip and its converter are not. The
tests follow one another: a new scale is calibrated, then weighs. Its time passes five to ten times slower than ours.
"""

import time
from collections.abc import Callable, Iterator

import pytest
import serial

from edge.devices import scale_sics, scale_sics_line
from edge.devices.scale import Reason, ScaleError, ScaleState
from edge.devices.scale_sics import SicsScale
from edge.devices.scale_sics_line import ANSWER_SECONDS, BAUD, SicsLine

PutOn = Callable[[float], None]

STEP_G = 5
SLOWNESS = (
    30.0  # so many of our seconds a second of the Pico's lasts at most, on a machine busy with other things
)
SETTLING_S = 240.0  # some seconds of the Pico's


def until(condition: Callable[[], bool], limit_s: float = SETTLING_S) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.2)


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Let the driver wait for an answer as many of the Pico's seconds as it does for a real one's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scale_sics_line, "ANSWER_SECONDS", SLOWNESS * ANSWER_SECONDS)
        patch.setattr(SicsLine.ask, "__defaults__", (SLOWNESS * ANSWER_SECONDS,))
        patch.setattr(SicsScale._ask, "__defaults__", (SLOWNESS * ANSWER_SECONDS,))
        patch.setattr(scale_sics, "STABLE_ANSWER_SECONDS", SLOWNESS * scale_sics.STABLE_ANSWER_SECONDS)
        yield


def until_started(port: str) -> None:
    """Wait until the Pico, which formats its flash first, answers: the driver would ask again before it does."""
    with serial.Serial(port, BAUD, timeout=SETTLING_S) as started:
        started.write(b"I4\r\n")
        assert started.readline().startswith(b"I4 A")


@pytest.fixture(scope="module")
def line(port: str) -> Iterator[SicsLine]:
    until_started(port)
    line = SicsLine(port)
    yield line
    line.close()


def test_a_new_scale_says_who_it_is_and_weighs_nothing(line: SicsLine) -> None:
    assert line.device_id.startswith("AAN-")
    assert line.ask("I2").startswith('I2 A "AANGAN-HX711')
    assert line.ask("SI") == "S I"
    assert " UNCALIBRATED " in line.ask("XR")


def test_two_points_calibrate_it_and_zero_and_tare_wait_for_stillness(line: SicsLine, put_on: PutOn) -> None:
    until(lambda: line.ask("XC Z") == "XC A")
    put_on(20.0)
    assert line.ask("T") == "T I"
    until(lambda: line.ask("XC S 20.000 2026-01-31") == "XC A")
    put_on(0.0)


@pytest.fixture(scope="module")
def scale(port: str, line: SicsLine, put_on: PutOn) -> Iterator[SicsScale]:
    """The kiosk's driver on the calibrated scale, empty."""
    put_on(0.0)
    line.close()
    with SicsScale(port) as scale:
        until(lambda: scale.live().state is ScaleState.EMPTY)
        yield scale


def test_the_kiosk_reads_the_load_within_one_division(scale: SicsScale, put_on: PutOn) -> None:
    put_on(9.12)
    until(lambda: scale.live().state is not ScaleState.EMPTY)
    weight = scale.weigh(SETTLING_S)
    assert abs(weight.grams - 9120) <= STEP_G
    assert not weight.simulated
    assert weight.calibration_date is not None
    assert len(weight.samples) >= 10


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
