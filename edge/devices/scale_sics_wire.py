"""MT-SICS answers as values: a line either parses completely or is `Garbled`; nothing is guessed.

Weights: `S S      9.120 kg` (still), `S D` (moving), `S I` (cannot now), `S +` and `S -` (out of range). `ES`, `ET` and
`EL` are errors of syntax, transmission and logic. `XR` is the Aangan scale's own: raw counts with a sequence number and
a CRC-16.
"""

import binascii
import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from anganwadi.ids import Grams
from edge.devices.scale_line import Garbled
from edge.devices.scale_states import Outcome

MAX_GRAMS = 1_000_000

_WEIGHT = re.compile(r"([A-Z]+) ([SD]) {1,10}(-?[0-9]{1,7}(?:\.[0-9]{1,6})?) (kg|g) *")
_NO_WEIGHT = re.compile(r"([A-Z]+) ([I+\-])")
_RAW = re.compile(
    r"XR A ([0-9]{1,10}) (\S{1,16}) ([0-9]{1,10}) (-?[0-9]{1,7}|-) (-?[0-9]{1,8}) (-?[0-9]{1,7}) (\S{1,10})"
    r" (-?[0-9]{1,3}|-) (WARM|COLD) ((?:-?[0-9]{1,8})(?:,-?[0-9]{1,8})*|-) ([0-9A-F]{4})"
)
_ERRORS = ("ES", "ET", "EL")  # no such command, damaged on its way, wrong parameters


class Status(StrEnum):
    """The second word of a weight answer."""

    STABLE = "S"
    MOVING = "D"
    NOT_NOW = "I"
    OVER = "+"
    UNDER = "-"


class WeightAnswer(msgspec.Struct, frozen=True):
    """`grams` is set exactly when `status` is STABLE or MOVING."""

    status: Status
    grams: Grams | None


class RawAnswer(msgspec.Struct, frozen=True):
    """What `XR` tells: `status` in the firmware's word, its latest raw counts, how many sensor errors there were.

    `temperature_c` is the Pico's own, None if it cannot be read; `warm` after five minutes of power.
    """

    sequence: int
    status: str
    errors: int
    net: Grams | None
    zero_counts: int
    tare: Grams
    calibrated: date | None
    temperature_c: int | None
    warm: bool
    counts: tuple[int, ...]


def weight(answer: str, command: str = "S") -> WeightAnswer:
    """Read the answer to S, SI, SIR or, with `command` "T", to a tare.

    Raises:
        Garbled: it is no such answer, or no possible weight.
    """
    if found := _NO_WEIGHT.fullmatch(answer):
        if found[1] == command:
            return WeightAnswer(Status(found[2]), None)
    elif (found := _WEIGHT.fullmatch(answer)) and found[1] == command:
        grams = Decimal(found[3]) * (1000 if found[4] == "kg" else 1)
        if grams == grams.to_integral_value() and abs(grams) <= MAX_GRAMS:
            return WeightAnswer(Status(found[2]), Grams(int(grams)))
    raise Garbled(f"no answer to {command}")


def raw(answer: str) -> RawAnswer:
    """Read the answer to XR.

    Raises:
        Garbled: wrong form or wrong CRC.
    """
    found = _RAW.fullmatch(answer)
    if found is None:
        raise Garbled("no answer to XR")
    body = answer[: -len(" FFFF")]
    if int(found[11], 16) != binascii.crc_hqx(body.encode("ascii"), 0xFFFF):
        raise Garbled("XR's checksum is wrong")
    return RawAnswer(
        sequence=int(found[1]),
        status=found[2],
        errors=int(found[3]),
        net=None if found[4] == "-" else Grams(int(found[4])),
        zero_counts=int(found[5]),
        tare=Grams(int(found[6])),
        calibrated=day(found[7]),
        temperature_c=degrees(found[8]),
        warm=found[9] == "WARM",
        counts=() if found[10] == "-" else tuple(int(count) for count in found[10].split(",")),
    )


def raw_if_known(answer: str) -> RawAnswer | None:
    """Read the answer to XR, or None from a scale that does not know it.

    Raises:
        Garbled: as `raw`.
    """
    return None if answer in _ERRORS else raw(answer)


def quoted(answer: str, command: str) -> str:
    """Read the text in `I4 A "..."` and its like.

    Raises:
        Garbled: it is no answer to `command`.
    """
    found = re.fullmatch(rf'{command} A "([^"]{{0,80}})".*', answer)
    if found is None:
        raise Garbled(f"no answer to {command}")
    return found[1]


def outcome(answer: str, command: str) -> Outcome:
    """Read the second word of `Z A`, `TAC A`, `M02 A` and their like.

    Raises:
        Garbled: it is no answer to `command`.
    """
    found = re.fullmatch(rf"{command} ([AI+\-])", answer)
    if found is None:
        raise Garbled(f"no answer to {command}")
    return Outcome(found[1])


def day(word: str) -> date | None:
    """Read a date such as 2026-01-31; `-` is none.

    Raises:
        Garbled: it is no date.
    """
    if word == "-":
        return None
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise Garbled("the date is no date") from error


def degrees(word: str) -> int | None:
    """Read whole degrees Celsius; `-` is none."""
    return None if word == "-" else int(word)
