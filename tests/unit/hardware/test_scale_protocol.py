"""What the firmware answers on the line, byte for byte, as MT-SICS has it."""

import binascii
from collections.abc import Iterator
from datetime import date

import pytest
import serial

from hardware.scale_simulator import SimulatedScale


@pytest.fixture(scope="module")
def line() -> Iterator[serial.Serial]:
    with SimulatedScale() as simulated, serial.Serial(simulated.port, timeout=2) as port:
        yield port


def ask(line: serial.Serial, command: bytes) -> bytes:
    line.write(command + b"\r\n")
    return line.readline()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"I1", b'I1 A "0" "2.20" "" "" ""\r\n'),
        (b"I2", b'I2 A "AANGAN-HX711 Standard 150.000 kg"\r\n'),
        (b"I3", b'I3 A "1.1.0"\r\n'),
        (b"I4", b'I4 A "SIM-0000000000000001"\r\n'),
        (b"TAC", b"TAC A\r\n"),
        (b"M02", b"M02 A 1\r\n"),
        (b"M02 2", b"EL\r\n"),
        (b"S 1", b"EL\r\n"),
        (b"XC S 20.000 2026-01-31", b"EL\r\n"),
        (b"XC P", b"EL\r\n"),
        (b"XC P 20,5", b"EL\r\n"),
        (b"XC P 20.000 kg", b"EL\r\n"),
        (b"XC W", b"EL\r\n"),
        (b"XC W 31-01-2026", b"EL\r\n"),
        (b"XC Z 1", b"EL\r\n"),
        (b"XC P 20.000", b"XC I\r\n"),
        (b"XC W 2026-01-31", b"XC I\r\n"),
        (b"i4", b"ES\r\n"),
        (b"HELLO", b"ES\r\n"),
        (b"I\xff4", b"ET\r\n"),
        (b"S" * 65, b"ET\r\n"),
        (b"\x03I\x004", b'I4 A "SIM-0000000000000001"\r\n'),
    ],
)
def test_answer(line: serial.Serial, command: bytes, answer: bytes) -> None:
    assert ask(line, command) == answer


def test_i0_lists_every_command_and_ends_with_a(line: serial.Serial) -> None:
    listed = [ask(line, b"I0")]
    while not listed[-1].startswith(b"I0 A"):
        listed.append(line.readline())
    names = [entry.split(b'"')[1] for entry in listed]
    assert names == [*b"@ I0 I1 I2 I3 I4 S SI SIR Z T TAC M02 XC XR".split()]
    assert all(entry.startswith(b"I0 B") for entry in listed[:-1])


def test_sir_repeats_until_the_next_weight_command(line: serial.Serial) -> None:
    first = ask(line, b"SIR")
    assert first.startswith(b"S ")
    assert line.readline().startswith(b"S ")
    line.write(b"@\r\n")
    answers = iter(line.readline, b'I4 A "SIM-0000000000000001"\r\n')
    assert all(answer.startswith(b"S ") for answer in answers)
    assert ask(line, b"I3") == b'I3 A "1.1.0"\r\n'


def test_z_and_t_are_refused_before_the_load_is_still(line: serial.Serial) -> None:
    ask(line, b"@")
    assert ask(line, b"Z") == b"Z I\r\n"
    assert ask(line, b"T") == b"T I\r\n"


def test_raw_counts_carry_a_crc_that_python_knows(line: serial.Serial) -> None:
    body, crc = ask(line, b"XR").rstrip().rsplit(b" ", 1)
    assert body.startswith(b"XR A ")
    assert int(crc, 16) == binascii.crc_hqx(body, 0xFFFF)


def test_xr_tells_the_date_of_the_calibration_the_temperature_and_that_the_scale_is_warm(
    line: serial.Serial,
) -> None:
    words = ask(line, b"XR").decode().split()
    assert words[8:11] == [date.today().isoformat(), "31", "WARM"]


def test_xc_alone_tells_what_is_kept(line: serial.Serial) -> None:
    kept = f"XC A {date.today().isoformat()} 31 0:84217 5000:136647 20000:293937\r\n"
    assert ask(line, b"XC").decode() == kept
