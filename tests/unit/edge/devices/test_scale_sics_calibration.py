"""`XC` lines: what a calibration is, and which words tell what stood in its way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import Grams
from edge.devices.scale import HELP, Reason, ScaleRefused
from edge.devices.scale_calibration import CalibrationNotNow, CalibrationPoint, CalibrationRefused
from edge.devices.scale_line import Garbled
from edge.devices.scale_sics_calibration import EMPTY, finish_command, kept, mass_command, outcome, why_not
from edge.devices.scale_sics_wire import RawAnswer

FINISH = finish_command(date(2026, 1, 31))
MASS = mass_command(Grams(20_000))


def raw(*, warm: bool) -> RawAnswer:
    return RawAnswer(1, "MOVING", 0, None, 0, Grams(0), None, 24, warm, ())


def test_a_mass_is_written_in_kilograms_with_three_decimals() -> None:
    assert (mass_command(Grams(20_000)), mass_command(Grams(1_005))) == ("XC P 20.000", "XC P 1.005")
    assert FINISH == "XC W 2026-01-31"


def test_what_is_kept_comes_with_day_temperature_and_every_point() -> None:
    calibration = kept("XC A 2026-01-31 24 0:84217 5000:136647 20000:293937")
    assert calibration is not None
    assert (calibration.day, calibration.temperature_c) == (date(2026, 1, 31), 24)
    assert calibration.points == (
        CalibrationPoint(Grams(0), 84_217),
        CalibrationPoint(Grams(5_000), 136_647),
        CalibrationPoint(Grams(20_000), 293_937),
    )


def test_temperature_may_be_unknown_and_counts_may_fall() -> None:
    calibration = kept("XC A 2026-01-31 - 0:-84217 20000:-293937")
    assert calibration is not None
    assert calibration.temperature_c is None
    assert calibration.points[1].counts == -293_937


def test_a_scale_that_was_never_calibrated_keeps_nothing() -> None:
    assert kept("XC A -") is None


@pytest.mark.parametrize(
    "answer",
    [
        "XC A",
        "XC A - 24 0:84217 20000:293937",
        "XC A 2026-02-30 24 0:84217 20000:293937",
        "XC A 2026-01-31 24 0:84217",
        "XC A 2026-01-31 24 0:84217 20000",
        "XC A 2026-01-31 24" + " 0:84217" * 10,
        "XR A 2026-01-31 24 0:84217 20000:293937",
    ],
)
def test_a_line_that_is_not_quite_a_calibration_is_garbled(answer: str) -> None:
    with pytest.raises(Garbled):
        kept(answer)


@given(st.text(max_size=60))
def test_any_text_is_garbled_or_an_answer_to_xc(line: str) -> None:
    for read in (kept, outcome):
        with pytest.raises(Garbled):
            read("?" + line)


def test_a_scale_that_does_not_know_xc_is_left_to_its_maker() -> None:
    for read in (kept, outcome):
        with pytest.raises(ScaleRefused, match="maker"):
            read("ES")


def test_wrong_parameters_are_refused_as_a_wrong_mass_is() -> None:
    assert outcome("EL") == outcome("XC R") == "R"


@pytest.mark.parametrize(
    ("command", "answer", "warm", "error", "reason"),
    [
        (EMPTY, "I", False, CalibrationNotNow, Reason.COLD),
        (EMPTY, "I", True, CalibrationNotNow, Reason.NOT_STILL),
        (MASS, "I", False, CalibrationNotNow, Reason.COLD),
        (MASS, "I", True, CalibrationNotNow, Reason.NOT_STILL),
        (MASS, "R", True, CalibrationRefused, Reason.MASS_NOT_FELT),
        (FINISH, "I", True, CalibrationNotNow, Reason.POINTS_MISSING),
        (FINISH, "R", True, CalibrationRefused, Reason.NOT_ONE_LINE),
    ],
)
def test_each_step_that_fails_says_what_to_do(
    command: str, answer: str, warm: bool, error: type[Exception], reason: Reason
) -> None:
    why = why_not(command, answer, raw(warm=warm))
    assert isinstance(why, error)
    assert str(why) == HELP[reason]
