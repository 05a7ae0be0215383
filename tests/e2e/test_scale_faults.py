"""Under every fault of the simulated parts the scale says nothing wrong, and weighs again once the fault is gone.

Asked at the protocol, without a driver. All faults run their course at once, each on a scale of its own.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
import pytest
import serial

from hardware.scale_simulator import FAULTS, Fault, SimulatedScale

LOAD_KG: Final = 9.12
STEP_G: Final = 5
DRIFT_G_PER_S: Final = {
    "drift": 0.5
}  # the fault itself; what the parts do while they warm up is within a step
UNDER_FAULT_S: Final = 9.0  # two dips of the supply, five seconds apart, and what comes after each
HALVES: Final = UNDER_FAULT_S / 2
LATCHES: Final[dict[Fault, str]] = {
    "desync": "DESYNC",
    "stuck": "STUCK",
    "silent": "LATE",
    "swapped": "LATE",
    "saturated": "SATURATED+",
    "saturated_low": "SATURATED-",
    "open_wire": "SATURATED+",
}
PASSES: Final[tuple[Fault, ...]] = ("spikes", "drift", "brown_out", "reversed")
OF_THE_PICO: Final[tuple[Fault, ...]] = ("power_cut", "unplugged")


class Answer(msgspec.Struct, frozen=True):
    """What the scale answered `at` seconds after its fault began, with the word `XR` had for its state."""

    at: float
    weight: str
    status: str

    @property
    def still_g(self) -> float | None:
        """The weight it vouches for, or None."""
        return float(self.weight.split()[2]) * 1000 if self.weight.startswith("S S") else None


class Course(msgspec.Struct, frozen=True):
    """A fault from its beginning to after its end."""

    under_fault: list[Answer]
    after: list[Answer]
    after_restart: str


class Line:
    """A serial line to a scale, one question at a time."""

    def __init__(self, port: str) -> None:
        self._serial = serial.Serial(port, timeout=8)

    def ask(self, command: str) -> str:
        self._serial.write(f"{command}\r\n".encode())
        return self._serial.readline().decode().rstrip("\r\n")

    def answer(self, since: float) -> Answer:
        status = self.ask("XR").split()[3]
        return Answer(time.monotonic() - since, self.ask("SI"), status)

    def watch(self, seconds: float, since: float) -> list[Answer]:
        end, answers = time.monotonic() + seconds, []
        while time.monotonic() < end:
            answers.append(self.answer(since))
            time.sleep(0.05)
        return answers


def until(condition: Callable[[], bool], limit_s: float = 15.0) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.05)


def weighs(line: Line, kg: float) -> bool:
    """Say whether the scale vouches for this load, to a step."""
    words = line.ask("S").split()
    return words[:2] == ["S", "S"] and abs(float(words[2]) - kg) <= 0.001 * STEP_G


def run_course(fault: Fault) -> Course:
    """Put a child on a scale, let the fault come and go, restart the scale."""
    with SimulatedScale() as simulated:
        line = Line(simulated.port)
        until(lambda: weighs(line, 0))
        simulated.set_load(LOAD_KG)
        until(lambda: weighs(line, LOAD_KG))
        began = time.monotonic()
        simulated.fault(fault)
        under_fault = line.watch(UNDER_FAULT_S, began)
        simulated.fault(None)
        after = line.watch(4.0, began)
        line.ask("@")
        until(lambda: not line.ask("S").startswith("S I"))
        return Course(under_fault, after, line.ask("S"))


@pytest.fixture(scope="module")
def courses() -> Iterator[dict[Fault, Course]]:
    faults: list[Fault] = [*LATCHES, *PASSES]
    with ThreadPoolExecutor(len(faults)) as pool:
        yield dict(zip(faults, pool.map(run_course, faults), strict=True))


def test_every_fault_of_the_simulated_scale_is_looked_at_here() -> None:
    assert {*LATCHES, *PASSES, *OF_THE_PICO} == set(FAULTS)


@pytest.mark.parametrize("fault", [*LATCHES, *PASSES])
def test_no_weight_it_vouches_for_is_wrong_by_more_than_a_step(
    courses: dict[Fault, Course], fault: Fault
) -> None:
    course = courses[fault]
    for answer in course.under_fault + course.after:
        drift_g = DRIFT_G_PER_S.get(fault, 0) * min(answer.at, UNDER_FAULT_S)
        if answer.still_g is not None:
            assert abs(answer.still_g - 1000 * LOAD_KG) <= STEP_G + drift_g, answer


@pytest.mark.parametrize("fault", LATCHES)
def test_what_the_converter_cannot_recover_from_stays_until_restart(
    courses: dict[Fault, Course], fault: Fault
) -> None:
    course = courses[fault]
    assert course.under_fault[-1].status == LATCHES[fault]
    assert {answer.status for answer in course.after} == {LATCHES[fault]}
    assert all(answer.still_g is None for answer in course.after)


@pytest.mark.parametrize("fault", PASSES)
def test_what_passes_needs_no_restart(courses: dict[Fault, Course], fault: Fault) -> None:
    assert courses[fault].after[-1].still_g is not None


@pytest.mark.parametrize("fault", [*LATCHES, *PASSES])
def test_after_fault_and_restart_it_weighs_as_before(courses: dict[Fault, Course], fault: Fault) -> None:
    words = courses[fault].after_restart.split()
    assert words[:2] == ["S", "S"]
    assert abs(float(words[2]) - LOAD_KG) <= 0.001 * STEP_G


@pytest.mark.parametrize("half", [0, 1])
def test_a_dip_of_the_supply_begins_the_weight_anew_and_latches_nothing(
    courses: dict[Fault, Course], half: int
) -> None:
    """The first dip is too short to be noticed as a pause, the second is noticed."""
    seen = [answer for answer in courses["brown_out"].under_fault if (answer.at > HALVES) == bool(half)]
    assert any(answer.still_g is None for answer in seen)
    assert {answer.status for answer in seen} <= {"STABLE", "MOVING", "STARTING"}
    assert ("STARTING" in {answer.status for answer in seen}) == bool(half)


def test_a_bridge_the_wrong_way_round_is_below_the_scales_range(courses: dict[Fault, Course]) -> None:
    last = courses["reversed"].under_fault[-1]
    assert (last.status, last.weight) == ("UNDER", "S -")


def test_after_a_power_cut_nothing_is_weighed_until_the_platform_was_seen_empty() -> None:
    with SimulatedScale() as simulated:
        line = Line(simulated.port)
        until(lambda: weighs(line, 0))
        simulated.set_load(LOAD_KG)
        until(lambda: weighs(line, LOAD_KG))
        simulated.fault("power_cut")
        line = Line(simulated.port)
        until(lambda: line.answer(0).status == "LOADED")
        assert all(answer.still_g is None for answer in line.watch(3.0, 0))
        simulated.set_load(0)
        until(lambda: weighs(line, 0))
        simulated.set_load(LOAD_KG)
        until(lambda: weighs(line, LOAD_KG))


def test_a_power_cut_is_over_by_itself_and_comes_but_once() -> None:
    with SimulatedScale() as simulated:
        before = simulated.pid
        simulated.fault("power_cut")
        cut = simulated.pid
        simulated.follow_plug("power_cut")
        simulated.fault(None)
        assert cut is not None
        assert (cut != before, simulated.pid) == (True, cut)
