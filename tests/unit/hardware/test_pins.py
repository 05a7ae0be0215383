"""The pin table: one truth for the firmware, the wiring picture and the simulated bench."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from hardware.pin_table import FIRMWARE_MODULE, HERE, PinTable, firmware_module, read_pin_table

CELL_OHMS = 1000.0  # a half of a 50 kg cell


@pytest.fixture(scope="module")
def table() -> PinTable:
    return read_pin_table()


def drawn() -> dict[str, Any]:
    return yaml.safe_load((HERE / "wiring" / "scale.yml").read_text(encoding="utf-8"))


def names(connectors: dict[str, Any], part: str) -> list[str]:
    return connectors[part].get("pinlabels") or connectors[part]["pins"]


def wire_numbers(said: list[Any]) -> list[int]:
    first, last = str(said[0]).split("-")
    return list(range(int(first), int(last) + 1))


def wires_drawn() -> set[tuple[Any, ...]]:
    """Every wire of the picture as (cable, colour, its two ends)."""
    picture = drawn()
    found = set()
    for start, through, end in picture["connections"]:
        (part_a, pins_a), (cable, said), (part_b, pins_b) = (
            next(iter(item.items())) for item in (start, through, end)
        )
        numbers = wire_numbers(said)
        assert len(pins_a) == len(numbers) == len(pins_b)
        for pin_a, number, pin_b in zip(pins_a, numbers, pins_b, strict=True):
            colour = picture["cables"][cable]["colors"][number - 1]
            found.add((cable, colour, frozenset({(part_a, pin_a), (part_b, pin_b)})))
    return found


def test_the_firmware_has_the_pins_of_the_table(table: PinTable):
    assert FIRMWARE_MODULE.read_text(encoding="utf-8") == firmware_module(table)


def test_the_simulated_bench_is_wired_as_the_table_says(table: PinTable):
    source = (HERE / "sim_pico" / "bench.py").read_text(encoding="utf-8")
    for pin in table.gpio[:2]:
        assert f"{pin.constant} = {pin.number}\n" in source or "from pins import" in source


def test_every_wire_ends_on_a_pin_that_exists(table: PinTable):
    assert table.strangers() == set()


def test_a_gpio_has_the_board_pin_of_the_data_sheet_and_one_wire(table: PinTable):
    # GP0..GP15 are board pins 1..20 in order, every third after two being ground (Pico data sheet, pinout).
    left_edge = [pin for pin in range(1, 21) if pin not in (3, 8, 13, 18)]
    for pin in table.gpio:
        assert pin.pico_pin == left_edge[pin.number]
        ends = [end for wire in table.wire for end in (wire.start, wire.end)]
        assert ends.count(("pico", pin.label)) == 1


def test_no_conductor_joins_two_supplies_or_a_supply_and_ground(table: PinTable):
    supplies = {("pico", "3V3 36"), ("pico", "VBUS 40"), ("pico", "GND 3"), ("pico", "GND 18")}
    for net in table.nets():
        assert len({pin.split()[0] for _, pin in net & supplies}) <= 1


def test_the_converters_logic_is_supplied_with_the_voltage_of_the_picos_pins(table: PinTable):
    assert frozenset({("pico", "3V3 36"), ("hx711", "VDD")}) in table.nets()


def test_the_picture_shows_the_wires_of_the_table_and_no_others(table: PinTable):
    assert wires_drawn() == {
        (wire.cable, wire.colour, frozenset({wire.start, wire.end})) for wire in table.wire
    }


def test_the_picture_has_the_parts_pins_and_joints_of_the_table(table: PinTable):
    connectors = drawn()["connectors"]
    assert {part: set(names(connectors, part)) for part in connectors} == {
        part.name: set(part.pins) for part in table.part
    }
    joints = {
        (part, frozenset(names(connectors, part)[number - 1] for number in loop))
        for part in connectors
        for loop in connectors[part].get("loops", [])
    }
    assert joints == {(joint.part, frozenset(joint.pins)) for joint in table.joined}


def bridge_output(table: PinTable, strain: dict[str, float]) -> float:
    """Volts between A+ and A- for one volt of excitation, the halves of each cell strained oppositely."""
    nets = table.nets()
    where = {pin: index for index, net in enumerate(nets) for pin in net}
    conductance = np.zeros((len(nets), len(nets)))
    for number in range(1, 5):
        cell = f"cell{number}"
        for end, sign in (("end a", -1), ("end b", 1)):
            i, j = where[cell, "mid"], where[cell, end]
            g = 1 / (CELL_OHMS * (1 + sign * strain.get(cell, 0.0)))
            conductance[[i, j], [i, j]] += g
            conductance[[i, j], [j, i]] -= g
    plus, minus = where["hx711", "E+"], where["hx711", "E-"]
    current = np.zeros(len(nets))
    for node, volts in ((plus, 1.0), (minus, 0.0)):
        conductance[node] = 0.0
        conductance[node, node] = 1.0
        current[node] = volts
    idle = ~conductance.any(axis=1)
    conductance[np.flatnonzero(idle), np.flatnonzero(idle)] = 1.0
    volts = np.linalg.solve(conductance, current)
    return float(volts[where["hx711", "A+"]] - volts[where["hx711", "A-"]])


def test_the_ring_is_a_full_bridge_that_counts_a_load_the_same_on_every_corner(table: PinTable):
    assert bridge_output(table, {}) == pytest.approx(0.0, abs=1e-12)
    corners = [bridge_output(table, {f"cell{n}": 1e-3}) for n in range(1, 5)]
    assert corners == pytest.approx([corners[0]] * 4, rel=0.01)
    assert abs(corners[0]) > 1e-4
    everywhere = bridge_output(table, {f"cell{n}": 1e-3 for n in range(1, 5)})
    assert everywhere == pytest.approx(sum(corners), rel=0.01)


def test_the_pins_module_is_plain_constants(tmp_path: Path, table: PinTable):
    module = tmp_path / "pins.py"
    module.write_text(firmware_module(table))
    constants = {name: value for name, value in runpy.run_path(str(module)).items() if name.isupper()}
    assert constants == {pin.constant: pin.number for pin in table.gpio}
