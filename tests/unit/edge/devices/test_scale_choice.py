"""Which scale the settings mean, and how its line is opened."""

from typing import Any

import pytest
import serial
from pydantic import ValidationError

from edge.devices.scale import ScaleState
from edge.devices.scale_and import AndScale
from edge.devices.scale_open import open_scale
from edge.devices.scale_sics import SicsScale
from edge.settings import ScaleSettings


def test_an_mt_sics_scale_is_the_default_and_one_by_and_is_named() -> None:
    assert isinstance(open_scale(ScaleSettings()), SicsScale)
    assert isinstance(open_scale(ScaleSettings(kind="and", port="/dev/ttyUSB0")), AndScale)


def test_a_bought_scale_of_another_kind_is_not_looked_for_but_named() -> None:
    with pytest.raises(ValidationError, match="/dev/serial/by-id"):
        ScaleSettings(kind="and")


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (ScaleSettings(port="/dev/ttyUSB0"), (9600, 8, "N", 1)),
        (ScaleSettings(port="/dev/ttyUSB0", baud=4800, framing="7E1"), (4800, 7, "E", 1)),
        (ScaleSettings(kind="and", port="/dev/ttyUSB0"), (2400, 7, "E", 1)),
        (ScaleSettings(kind="and", port="/dev/ttyUSB0", baud=9600, framing="8N1"), (9600, 8, "N", 1)),
    ],
)
def test_the_line_is_opened_as_the_factory_set_it_unless_the_settings_say_otherwise(
    monkeypatch: pytest.MonkeyPatch, settings: ScaleSettings, line: tuple[int, int, str, int]
) -> None:
    opened: list[tuple[object, ...]] = []

    def note(port: str, baud: int, **given: Any) -> serial.Serial:
        opened.append((baud, given["bytesize"], given["parity"], given["stopbits"]))
        raise serial.SerialException("not there")

    monkeypatch.setattr(serial, "Serial", note)
    with open_scale(settings) as scale:
        assert scale.live().state is ScaleState.DISCONNECTED
    assert opened[0] == line
