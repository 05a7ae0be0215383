"""A&D lines: what is a weight, and that nothing else ever becomes one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.scale import ScaleState
from edge.devices.scale_and import outcome, told, weight
from edge.devices.scale_line import Garbled
from edge.devices.scale_states import Outcome


@pytest.mark.parametrize(
    ("line", "state", "grams"),
    [
        ("ST,+0009.120 kg", ScaleState.STABLE, 9120),
        ("ST,+00009.120  kg", ScaleState.STABLE, 9120),
        ("US,+00009.08 kg", ScaleState.SETTLING, 9080),
        ("ST,+009120.4  g", ScaleState.STABLE, 9120),
        ("ST,-009120.5  g", ScaleState.UNDERLOAD, -9121),
        ("ST,GS,+0009.120 kg", ScaleState.STABLE, 9120),
        ("US,NT,-0000.035 kg", ScaleState.SETTLING, -35),
        ("ST,GS,+009.120kg", ScaleState.STABLE, 9120),
        ("ST,OK,+0009.120 kg", ScaleState.STABLE, 9120),
        ("ST,+0000.000 kg", ScaleState.EMPTY, 0),
        ("ST,+00000009 kg", ScaleState.STABLE, 9000),
    ],
)
def test_header_sign_and_unit_are_understood(line: str, state: ScaleState, grams: int) -> None:
    assert weight(line) == (state, grams)


def test_out_of_range_has_no_number_whatever_digits_it_shows() -> None:
    assert weight("OL,+9999.999 kg") == (ScaleState.OVERLOAD, None)
    assert weight("OL,+0000.234 kg") == (ScaleState.OVERLOAD, None)
    assert weight("OL,-9999.999 kg") == (ScaleState.UNDERLOAD, None)


@pytest.mark.parametrize(
    "line",
    [
        "ST,+0009.120",
        "ST,+0009.120  lb",
        "ST,+0009.12  k",
        "ST,+009.12 kg",
        "ST,+00009..12 kg",
        "ST,0009.1200 kg",
        "QT,+00000012  PC",
        "ST,+0009.120kgST,+0009.120 kg",
        "XT,+0009.120 kg",
        "ST,XX,+0009.120 kg",
        "ST,+9999999.9 kg",
        "I",
        "?",
        "Q",
        "",
    ],
)
def test_a_line_that_is_not_quite_a_weight_is_garbled(line: str) -> None:
    with pytest.raises(Garbled):
        weight(line)


@given(
    st.sampled_from(["ST,+0009.120 kg", "ST,GS,+009.120kg", "ST,+00009.120  kg"]),
    st.integers(0, 16),
    st.integers(1, 2),
    st.sampled_from(["", "\x00", "x"]),
)
def test_a_weight_that_lost_characters_on_its_way_is_never_another_weight(
    line: str, at: int, lost: int, instead: str
) -> None:
    damaged = line[:at] + instead + line[at + lost :]
    try:
        _, grams = weight(damaged)
    except Garbled:
        return
    assert grams == 9120


def test_a_command_is_done_when_it_comes_back() -> None:
    assert outcome("Z", "Z") is Outcome.DONE
    assert outcome("I", "Z") is Outcome.NOT_NOW
    assert outcome("?", "CT") is Outcome.NOT_KNOWN
    for answer in ("T", "ST,+0009.120 kg", ""):
        with pytest.raises(Garbled):
            outcome(answer, "Z")


def test_a_scale_that_does_not_tell_its_serial_number_has_none() -> None:
    assert told("?", "?SN") == told("I", "?SN") == ""
    assert told("SN,01234567", "?SN") == told("01234567", "?SN") == "01234567"


@pytest.mark.parametrize("old", ["ST,+0009.120 kg", "Z", "T", "CT"])
def test_an_old_answer_is_no_serial_number(old: str) -> None:
    with pytest.raises(Garbled):
        told(old, "?SN")
