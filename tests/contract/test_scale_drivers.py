"""What every scale driver keeps to, whatever it speaks: Aangan's firmware, a bought MT-SICS scale, one by A&D."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from edge.devices import scale_serial
from edge.devices.scale import (
    LiveReading,
    Reason,
    Scale,
    ScaleDisconnected,
    ScaleEmpty,
    ScaleFault,
    ScaleOutOfRange,
    ScaleState,
    ScaleUnstable,
)
from edge.devices.scale_and import AndScale
from edge.devices.scale_serial import SerialScale
from edge.devices.scale_sics import SicsScale
from hardware.scale_simulator import SimulatedScale
from tests.contract.played_scale import BoughtAndScale, BoughtSicsScale, PlayedScale, until

WEIGH_S = 8.0


class Platform(Protocol):
    """What can be done to a scale from the other side."""

    port: str

    def load(self, kg: float, *, moving: bool = False) -> None: ...
    def overload(self) -> None: ...
    def unplug(self) -> None: ...
    def plug_in(self) -> None: ...


class Aangan:
    """The real firmware."""

    def __init__(self, link: Path) -> None:
        self.scale = SimulatedScale(link=link)
        self.port = str(link)

    def load(self, kg: float, *, moving: bool = False) -> None:
        self.scale.set_load(kg)
        self.scale.set_motion(0.4 if moving else 0.0)

    def overload(self) -> None:
        self.scale.set_load(180)

    def unplug(self) -> None:
        self.scale.fault("unplugged")

    def plug_in(self) -> None:
        self.scale.fault(None)


class Bought:
    """A played one."""

    def __init__(self, scale: PlayedScale, link: Path) -> None:
        self.scale = scale
        self.port = str(link)

    def load(self, kg: float, *, moving: bool = False) -> None:
        self.scale.kg, self.scale.moving, self.scale.over = kg, moving, False

    def overload(self) -> None:
        self.scale.over = True

    def unplug(self) -> None:
        self.scale.unplug()

    def plug_in(self) -> None:
        self.scale.plug_in()


def sics(port: str) -> SerialScale[Any]:
    return SicsScale(port)


def by_and(port: str) -> SerialScale[Any]:
    """8N1, because a pseudo-terminal knows no parity; the played scale wants no rest."""
    return AndScale(port, framing="8N1", rest_s=0.0)


KINDS: dict[str, tuple[Callable[[Path], Platform], Callable[[str], SerialScale[Any]]]] = {
    "aangan": (Aangan, sics),
    "bought_sics": (lambda link: Bought(BoughtSicsScale(link), link), sics),
    "and": (lambda link: Bought(BoughtAndScale(link), link), by_and),
}
Pair = tuple[Any, SerialScale[Any]]


@pytest.fixture(params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    make_platform, make_driver = KINDS[request.param]
    platform = make_platform(tmp_path / "scale")
    with platform.scale, make_driver(platform.port) as driver:  # type: ignore[attr-defined]
        until(lambda: driver.live().state is ScaleState.EMPTY)
        yield platform, driver


@pytest.fixture(params=["bought_sics", "and"])
def played(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[PlayedScale, SerialScale[Any]]]:
    """A bought scale that can be made to fail, with 9.12 kg on it."""
    make_platform, make_driver = KINDS[request.param]
    platform = make_platform(tmp_path / "scale")
    platform.load(9.12)
    with platform.scale, make_driver(platform.port) as driver:  # type: ignore[attr-defined]
        until(lambda: driver.live().state is ScaleState.STABLE)
        yield platform.scale, driver  # type: ignore[attr-defined]


def look_command(scale: PlayedScale) -> str:
    return "SI" if isinstance(scale, BoughtSicsScale) else "Q"


def a_weight(scale: PlayedScale, kg: float) -> str:
    number = f"S S {kg:10.3f} kg" if isinstance(scale, BoughtSicsScale) else f"ST,{kg:+09.3f} kg"
    assert number
    return number


# -- weighing --


def test_every_driver_is_a_scale(pair: Pair) -> None:
    scale: Scale = pair[1]
    assert scale.identity().device_id


def test_a_still_load_is_weighed(pair: Pair) -> None:
    platform, driver = pair
    platform.load(9.12)
    until(lambda: driver.live().state is not ScaleState.EMPTY)
    weight = driver.weigh(WEIGH_S)
    assert abs(weight.grams - 9120) <= 10
    assert weight.device_id == driver.identity().device_id


def test_a_moving_load_is_shown_and_never_weighed(pair: Pair) -> None:
    platform, driver = pair
    platform.load(9.12, moving=True)
    until(lambda: driver.live().state is ScaleState.SETTLING)
    assert driver.live().grams is not None
    with pytest.raises(ScaleUnstable, match="still"):
        driver.weigh(2.5)


def test_an_empty_scale_gives_no_weight(pair: Pair) -> None:
    with pytest.raises(ScaleEmpty, match="Put the child"):
        pair[1].weigh(0.5)


def test_overload_is_a_state_and_never_a_number(pair: Pair) -> None:
    platform, driver = pair
    platform.overload()
    until(lambda: driver.live().state is ScaleState.OVERLOAD)
    assert driver.live().grams is None
    with pytest.raises(ScaleOutOfRange, match="Too heavy"):
        driver.weigh(0.5)


def test_a_blanket_is_tared_and_the_tare_forgotten(pair: Pair) -> None:
    platform, driver = pair
    platform.load(0.8)
    driver.weigh(WEIGH_S)
    assert abs(driver.tare() - 800) <= 10
    platform.load(9.92)
    until(lambda: driver.live().state is not ScaleState.EMPTY)
    assert abs(driver.weigh(WEIGH_S).grams - 9120) <= 15
    driver.clear_tare()
    assert abs(driver.weigh(WEIGH_S).grams - 9920) <= 15


def test_zero_and_tare_are_refused_while_the_load_moves(pair: Pair) -> None:
    platform, driver = pair
    platform.load(9.12, moving=True)
    until(lambda: driver.live().state is ScaleState.SETTLING)
    with pytest.raises(ScaleUnstable):
        driver.zero()
    with pytest.raises(ScaleUnstable):
        driver.tare()


def test_restart_leaves_a_scale_that_weighs(pair: Pair) -> None:
    platform, driver = pair
    driver.zero()
    driver.restart()
    platform.load(9.12)
    until(lambda: driver.live().state is ScaleState.STABLE)
    assert abs(driver.weigh(WEIGH_S).grams - 9120) <= 10


# -- cable and port --


def test_a_scale_unplugged_is_disconnected_and_found_again_on_another_tty(pair: Pair) -> None:
    platform, driver = pair
    before = Path(platform.port).readlink()
    platform.unplug()
    until(lambda: driver.live().state is ScaleState.DISCONNECTED)
    with pytest.raises(ScaleDisconnected, match="USB cable"):
        driver.weigh(WEIGH_S)
    with pytest.raises(ScaleDisconnected):
        driver.identity()
    with Path("/dev/ptmx").open():  # takes the old number
        platform.plug_in()
        assert Path(platform.port).readlink() != before
        until(lambda: driver.live().state is ScaleState.EMPTY)


def test_a_port_held_by_another_program_is_said_to_be(pair: Pair) -> None:
    platform, driver = pair
    make_driver = sics if isinstance(driver, SicsScale) else by_and
    with make_driver(platform.port) as second:
        assert second.live().state is ScaleState.DISCONNECTED
        assert second.live().help == "Another program uses the scale: stop that one first."
        with pytest.raises(ScaleDisconnected, match="Another program"):
            second.zero()
    assert driver.live().state is ScaleState.EMPTY


# -- lines that fail --


@pytest.mark.parametrize(
    "garbage", ["S S      9.12", "ST,+0000.", "9.120", "\xff\x00S S", "ST,+00009.12 lb", "Z"]
)
def test_garbage_is_an_error_state_and_never_a_number(
    played: tuple[PlayedScale, SerialScale[Any]], garbage: str
) -> None:
    scale, driver = played
    scale.said[look_command(scale)] = garbage
    until(lambda: driver.live().state is ScaleState.ERROR)
    assert driver.live().grams is None
    scale.said.clear()
    until(lambda: driver.live().state is ScaleState.STABLE)


def test_garbage_in_place_of_the_weight_to_record_is_a_fault_that_says_what_to_do(
    played: tuple[PlayedScale, SerialScale[Any]],
) -> None:
    scale, driver = played
    scale.said[look_command(scale)] = "9.1"
    with pytest.raises(ScaleFault, match="USB cable"):
        driver.weigh(2)


def test_silence_is_an_error_state(played: tuple[PlayedScale, SerialScale[Any]]) -> None:
    scale, driver = played
    scale.said[look_command(scale)] = ""
    until(lambda: driver.live().reason is Reason.NO_ANSWER)
    assert driver.live().state is ScaleState.ERROR


@pytest.mark.parametrize("delay_s", [1.3, 2.4])
def test_late_answers_are_never_taken_for_new_ones(
    played: tuple[PlayedScale, SerialScale[Any]], delay_s: float
) -> None:
    """The scale hangs over several re-opened lines, then answers everything it was asked, identity and all."""
    scale, driver = played
    scale.said[look_command(scale)] = a_weight(scale, 1.11)
    scale.delay_s = delay_s
    until(lambda: driver.live().reason is Reason.NO_ANSWER)
    seen: list[LiveReading] = []
    questions = len(scale.asked)

    def asked_again() -> bool:
        seen.append(driver.live())
        return len(scale.asked) > questions + 3

    until(asked_again, 12)
    scale.said.clear()
    scale.delay_s = 0.0

    def recovered() -> bool:
        seen.append(driver.live())
        return driver.live().grams == 9120

    until(recovered)
    assert 1110 not in {reading.grams for reading in seen[1:]}
    assert driver.weigh(2).grams == 9120


def test_a_weight_asked_for_and_answered_late_is_a_fault_and_no_weight(
    played: tuple[PlayedScale, SerialScale[Any]],
) -> None:
    scale, driver = played
    scale.delay_s = 1.3
    with pytest.raises(ScaleFault, match="does not answer"):
        driver.weigh(2)


def test_a_weight_that_nobody_asked_for_is_not_taken_for_an_answer(
    played: tuple[PlayedScale, SerialScale[Any]],
) -> None:
    scale, driver = played
    scale.print_now(a_weight(scale, 1.11))
    seen = []
    questions = len(scale.asked)

    def looked_on() -> bool:
        seen.append(driver.live().grams)
        return len(scale.asked) > questions + 6

    until(looked_on)
    assert 1110 not in seen
    assert driver.weigh(3).grams == 9120


def test_a_thread_that_hangs_leaves_no_old_weight_on_the_screen(
    played: tuple[PlayedScale, SerialScale[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = played[1]
    hung = scale_serial.threading.Event()
    assert driver._dialect is not None
    monkeypatch.setattr(scale_serial, "BUSY_SECONDS", 0.5)
    monkeypatch.setattr(type(driver._dialect), "look", lambda self: hung.wait(30))
    until(lambda: driver.live().state is ScaleState.ERROR)
    try:
        assert (driver.live().grams, driver.live().reason) == (None, Reason.NO_ANSWER)
        with pytest.raises(ScaleFault, match="does not answer"):
            driver.weigh(2)
        with pytest.raises(ScaleFault, match="does not answer"):
            driver.zero()
    finally:
        monkeypatch.undo()
        hung.set()
