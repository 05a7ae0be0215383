"""What is MT-SICS about the MT-SICS driver: with a bought scale, with the real firmware, with a line out of step."""

import threading
from collections.abc import Iterator

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from edge.devices.scale import Reason, ScaleOutOfRange, ScaleRefused, ScaleState, ScaleUnstable
from edge.devices.scale_line import PICO_USB, Garbled, Line, Silent
from edge.devices.scale_sics import SicsDialect, SicsScale
from hardware.scale_simulator import SimulatedScale
from tests.contract.played_scale import BoughtSicsScale, PlayedScale, until


class NoScale(PlayedScale):
    """Something on a serial port that is no scale."""

    def reply(self, command: str) -> str:
        return "ES"


@pytest.fixture
def bought() -> Iterator[BoughtSicsScale]:
    with BoughtSicsScale() as scale:
        scale.kg = 9.12
        yield scale


# -- a bought scale --


def test_bought_scale_weighs_without_raw_counts_and_is_not_simulated(bought: BoughtSicsScale) -> None:
    with SicsScale(bought.port) as scale:
        weight = scale.weigh(2)
        assert (weight.grams, weight.simulated, weight.samples) == (9120, False, ())
        assert (weight.device_id, weight.firmware, weight.calibration_date) == ("B021002593", "7.04", None)
        assert (weight.temperature_c, weight.warm) == (None, None)
        assert scale.sensor() is None
        assert bought.asked.count("XR") == 1


def test_bought_scale_is_not_told_how_still_a_held_child_is(bought: BoughtSicsScale) -> None:
    with SicsScale(bought.port) as scale:
        assert scale.weigh(2, held_child=True).grams == 9120
        assert not any(command.startswith("M02") for command in bought.asked)


def test_bought_scale_is_calibrated_by_its_makers_instructions_only(bought: BoughtSicsScale) -> None:
    with SicsScale(bought.port) as scale:
        with pytest.raises(ScaleRefused, match="maker"):
            scale.calibrate_empty()
        with pytest.raises(ScaleRefused, match="maker"):
            scale.calibration()


def test_zero_tare_and_restart_use_the_standard_commands(bought: BoughtSicsScale) -> None:
    with SicsScale(bought.port) as scale:
        scale.zero()
        assert scale.tare() == 9120
        scale.clear_tare()
        scale.restart()
    asked = [command for command in bought.asked if command in ("Z", "T", "TAC", "@")]
    assert asked == ["Z", "T", "TAC", "@"]


def test_z_out_of_range_and_t_while_moving_are_refused(bought: BoughtSicsScale) -> None:
    bought.said |= {"Z": "Z +", "T": "T I"}
    with SicsScale(bought.port) as scale:
        with pytest.raises(ScaleOutOfRange):
            scale.zero()
        with pytest.raises(ScaleUnstable):
            scale.tare()


def test_the_weight_is_asked_again_when_the_load_moved_meanwhile(bought: BoughtSicsScale) -> None:
    with SicsScale(bought.port) as scale:
        bought.said["SI"] = ["S D      9.000 kg", "S S      9.130 kg", "S S      9.130 kg"]
        assert scale.weigh(3).grams == 9130


def test_port_that_is_no_scale_is_an_error_and_not_a_weight() -> None:
    with NoScale() as no_scale, SicsScale(no_scale.port) as scale:
        assert scale.live().state is ScaleState.ERROR
        assert scale.live().grams is None


def test_many_threads_may_ask_at_once_and_each_gets_its_own_answer(bought: BoughtSicsScale) -> None:
    bought.said["T"] = "T S      0.300 kg"
    outcomes: list[int] = []
    with SicsScale(bought.port) as scale:

        def ask() -> None:
            for _ in range(5):
                outcomes.append(scale.weigh(5).grams)
                outcomes.append(scale.tare() + 8820)
                scale.live()

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert outcomes == [9120] * 60


# -- getting in step --


@pytest.mark.parametrize("old", [1, 2])
def test_an_old_answer_to_i4_is_not_taken_for_being_in_step(bought: BoughtSicsScale, old: int) -> None:
    """The Pico hung while the line was opened several times, and answers now what it was asked then."""
    serial_number = bought.reply("I4")
    bought.said["I4"] = "\r\n".join([serial_number] * (old + 1))
    line = Line(bought.port)
    with pytest.raises(Garbled):
        SicsDialect(line)
    line.close()


def test_old_weights_go_by_before_the_line_is_in_step(bought: BoughtSicsScale) -> None:
    bought.said["I4"] = "\r\n".join(["S S      1.110 kg", "S I", bought.reply("I4")])
    line = Line(bought.port)
    dialect = SicsDialect(line)
    assert dialect.identity.device_id == "B021002593"
    assert dialect.look().grams == 9120
    line.close()


def test_a_line_that_is_silent_after_the_first_answer_is_not_in_step(bought: BoughtSicsScale) -> None:
    bought.said["I3"] = ""
    line = Line(bought.port, answer_s=0.3)
    with pytest.raises(Silent):
        SicsDialect(line)
    line.close()


def test_a_stream_of_weights_left_by_another_program_is_ended(bought: BoughtSicsScale) -> None:
    with SimulatedScale() as simulated:
        line = Line(simulated.port)
        assert line.ask("SIR").startswith("S ")
        line.close()
        with SicsScale(simulated.port) as scale:
            until(lambda: scale.live().state is ScaleState.EMPTY)


# -- Aangan's own --


def test_auto_finds_the_pico_again_on_another_tty(monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatedScale() as simulated:

        def plugged_in() -> list[ListPortInfo]:
            if simulated.pid is None:
                return []
            port = ListPortInfo(simulated.port, skip_link_detection=True)
            port.vid, port.pid = PICO_USB
            return [ListPortInfo("/dev/ttyS0", skip_link_detection=True), port]

        monkeypatch.setattr(list_ports, "comports", plugged_in)
        with SicsScale("auto") as scale:
            first = simulated.port
            assert scale.identity().simulated
            simulated.fault("unplugged")
            until(lambda: scale.live().reason is Reason.NOT_FOUND)
            with BoughtSicsScale():  # takes the old number
                simulated.fault(None)
                assert simulated.port != first
                until(lambda: scale.live().state is ScaleState.EMPTY)


def test_a_weight_and_raw_counts_that_disagree_give_no_weight(bought: BoughtSicsScale) -> None:
    """A load that changed between the two questions is asked for again until the limit."""
    raw = "XR A 60 MOVING 0 8000 84218 0 2026-01-02 24 WARM 164537"
    bought.said |= {"XR": f"{raw} 6F09", "M02 1": "M02 A"}
    with SicsScale(bought.port) as scale, pytest.raises(ScaleUnstable):
        scale.weigh(1)
