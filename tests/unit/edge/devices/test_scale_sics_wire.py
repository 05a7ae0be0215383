"""MT-SICS lines: what is a weight, and that nothing else ever becomes one."""

import binascii
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.devices.scale_line import Garbled, text
from edge.devices.scale_sics_wire import MAX_GRAMS, Status, outcome, quoted, raw, raw_if_known, weight


def with_crc(body: str) -> str:
    return f"{body} {binascii.crc_hqx(body.encode(), 0xFFFF):04X}"


RAW = with_crc("XR A 60 STABLE 0 9120 84218 0 2026-01-02 24 WARM 164537,164549,-3")


def test_a_still_weight_is_read_in_whole_grams() -> None:
    answer = weight("S S      9.120 kg")
    assert (answer.status, answer.grams) == (Status.STABLE, 9120)


@pytest.mark.parametrize(
    ("line", "grams"),
    [("S D     -0.035 kg", -35), ("S D       9120 g", 9120), ("S S     61.42 kg", 61_420)],
)
def test_sign_and_unit_are_understood(line: str, grams: int) -> None:
    assert weight(line).grams == grams


@pytest.mark.parametrize("line", ["S I", "S +", "S -"])
def test_an_answer_without_weight_has_no_number(line: str) -> None:
    assert weight(line).grams is None


@pytest.mark.parametrize(
    "line",
    [
        "S S      9.120 lb",
        "S S      9.1205 kg",
        "S S Error 10b",
        "S S     9.120",
        "S X      9.120 kg",
        "S S 9.120 kgS S 9.120 kg",
        "T S      0.500 kg",
        "ES",
        "S S   1000001 g",
        "S",
        "",
    ],
)
def test_a_line_that_is_not_quite_a_weight_is_garbled(line: str) -> None:
    with pytest.raises(Garbled):
        weight(line)


@given(st.integers(-MAX_GRAMS, MAX_GRAMS), st.sampled_from(["S", "D"]))
def test_every_weight_the_firmware_can_write_reads_back_exactly(grams: int, status: str) -> None:
    sign = "-" if grams < 0 else ""
    number = f"{sign}{abs(grams) // 1000}.{abs(grams) % 1000:03d}"
    answer = weight(f"S {status} {number:>10} kg")
    assert (answer.status, answer.grams) == (Status(status), grams)


@given(st.binary(max_size=80))
@example(b"S S      9.120 kg\n")
@example(b"S S      9.1\x0020 kg\r\n")
@example("S S      ९.१२० kg\r\n".encode())
def test_any_bytes_are_garbled_or_exactly_one_weight(received: bytes) -> None:
    try:
        answer = weight(text(received))
    except Garbled:
        return
    assert received.startswith(b"S ")
    assert received.endswith(b"\r\n")
    assert (answer.grams is not None) == (answer.status in (Status.STABLE, Status.MOVING))


@given(st.text(max_size=60))
def test_any_text_is_garbled_or_an_answer_to_the_command_asked(line: str) -> None:
    for read in (weight, raw, lambda answer: quoted(answer, "I4"), lambda answer: outcome(answer, "Z")):
        with pytest.raises(Garbled):
            read("?" + line)


def test_raw_counts_come_with_sequence_zero_tare_calibration_date_and_temperature() -> None:
    answer = raw(RAW)
    assert (answer.sequence, answer.status, answer.errors, answer.net) == (60, "STABLE", 0, 9120)
    assert (answer.zero_counts, answer.tare, answer.calibrated) == (84_218, 0, date(2026, 1, 2))
    assert (answer.temperature_c, answer.warm) == (24, True)
    assert answer.counts == (164_537, 164_549, -3)


@pytest.mark.parametrize(
    ("fields", "temperature_c", "warm"),
    [("-4 COLD", -4, False), ("- COLD", None, False), ("0 WARM", 0, True)],
)
def test_temperature_may_be_below_zero_or_unknown_and_a_scale_is_cold_until_it_is_warm(
    fields: str, temperature_c: int | None, warm: bool
) -> None:
    answer = raw(with_crc(f"XR A 60 STABLE 0 9120 84218 0 - {fields} -"))
    assert (answer.temperature_c, answer.warm, answer.calibrated, answer.counts) == (
        temperature_c,
        warm,
        None,
        (),
    )


@pytest.mark.parametrize("fields", ["", "24", "WARM", "24 LUKEWARM", "2.5 WARM", "WARM 24"])
def test_raw_counts_without_temperature_and_warmth_are_garbled(fields: str) -> None:
    with pytest.raises(Garbled):
        raw(with_crc(f"XR A 60 STABLE 0 9120 84218 0 2026-01-02 {fields} 164537".replace("  ", " ")))


@given(st.integers(0, len(RAW) - 1), st.integers(32, 126))
def test_one_changed_character_in_raw_counts_is_found(position: int, character: int) -> None:
    changed = RAW[:position] + chr(character) + RAW[position + 1 :]
    if changed != RAW:
        with pytest.raises(Garbled):
            raw(changed)


def test_a_scale_that_does_not_know_raw_counts_is_no_error() -> None:
    assert raw_if_known("ES") is None


def test_an_impossible_calibration_date_is_garbled() -> None:
    with pytest.raises(Garbled):
        raw(with_crc("XR A 60 STABLE 0 9120 84218 0 2026-13-02 24 WARM 164537"))


def test_a_line_cut_off_before_its_end_is_garbled() -> None:
    with pytest.raises(Garbled):
        text(b"S S      9.1")
