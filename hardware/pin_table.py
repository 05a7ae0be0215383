"""The pin table (pins.toml): what is wired to what, and the firmware's constants made from it.

The firmware cannot read TOML, so `python -m hardware tables --write` turns the table into edge/scale_firmware/pins.py,
which is frozen or copied with the rest. A test holds the two, and the wiring picture, to each other.
"""

import tomllib
from pathlib import Path

import msgspec

HERE = Path(__file__).resolve().parent
TABLE = HERE / "pins.toml"
FIRMWARE_MODULE = HERE.parent / "edge" / "scale_firmware" / "pins.py"

PinOfPart = tuple[str, str]


class Gpio(msgspec.Struct, frozen=True):
    """One pin of the Pico that the firmware uses: GPIO number, and pin number on the board's edge."""

    constant: str
    number: int
    pico_pin: int
    direction: str
    use: str

    @property
    def label(self) -> str:
        """How the pin is named among the Pico's pins: `GP2 4`."""
        return f"GP{self.number} {self.pico_pin}"


class Part(msgspec.Struct, frozen=True):
    """A part with the names of its pins, in drawing order."""

    name: str
    title: str
    pins: tuple[str, ...]


class Wire(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """One wire of a cable, from a part's pin to another part's; the colour in WireViz's two letters."""

    start: PinOfPart
    end: PinOfPart
    cable: str
    colour: str


class Joined(msgspec.Struct, frozen=True):
    """Two pins of one part that its board, or a bridge on a terminal strip, joins."""

    part: str
    pins: tuple[str, str]
    why: str


class PinTable(msgspec.Struct, frozen=True):
    """The whole of pins.toml."""

    gpio: tuple[Gpio, ...]
    part: tuple[Part, ...]
    wire: tuple[Wire, ...]
    joined: tuple[Joined, ...]

    def strangers(self) -> set[PinOfPart]:
        """Give the pins that a wire or a joint names and no part has: empty in a sound table."""
        known = {(part.name, pin) for part in self.part for pin in part.pins}
        used = {end for wire in self.wire for end in (wire.start, wire.end)}
        used |= {(joint.part, pin) for joint in self.joined for pin in joint.pins}
        return used - known

    def nets(self) -> list[frozenset[PinOfPart]]:
        """Give the sets of pins that are one conductor."""
        pairs = [(wire.start, wire.end) for wire in self.wire]
        pairs += [((joint.part, joint.pins[0]), (joint.part, joint.pins[1])) for joint in self.joined]
        nets: list[frozenset[PinOfPart]] = []
        for pair in pairs:
            met = [net for net in nets if net & set(pair)]
            nets = [net for net in nets if net not in met] + [frozenset(pair).union(*met)]
        return nets


def read_pin_table(path: Path = TABLE) -> PinTable:
    """Read the pin table.

    Raises:
        msgspec.ValidationError: a field is missing or of another type.
        tomllib.TOMLDecodeError: the file is not TOML.
    """
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), PinTable)


def firmware_module(table: PinTable) -> str:
    """Write the firmware's pins.py: one constant a GPIO."""
    lines = [
        '"""Which GPIO does what. Written from hardware/pins.toml by `python -m hardware tables --write`."""',
        "",
    ]
    lines += [
        f"{pin.constant} = {pin.number}  # GP{pin.number}, board pin {pin.pico_pin}" for pin in table.gpio
    ]
    return "\n".join(lines) + "\n"
