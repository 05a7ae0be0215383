"""The driver against an MT-SICS scale that is not ours, and against lines that fail: late, garbled, silent."""

import os
import threading
import time
import tty
from collections.abc import Callable, Iterator

import pytest

from edge.devices.scale import Reason, Scale, ScaleFault, ScaleOutOfRange, ScaleState, ScaleUnstable
from edge.devices.scale_sics import SicsScale

Answers = dict[str, str | list[str]]
BOUGHT: Answers = {
    "I2": 'I2 A "BRAND-X Standard 35.000 kg"',
    "I3": 'I3 A "7.04"',
    "I4": 'I4 A "B021002593"',
    "SI": "S S      9.120 kg",
    "S": "S S      9.120 kg",
    "Z": "Z A",
    "T": "T S      0.300 kg",
    "TAC": "TAC A",
    "@": 'I4 A "B021002593"',
}


class ScriptedScale:
    """A scale that answers by a table; what is not in it is `ES`, as MT-SICS has it."""

    def __init__(self, answers: Answers) -> None:
        self.answers = dict(answers)
        self.asked: list[str] = []
        self.delay_s = 0.0
        self._scale_end, self._kiosk_end = os.openpty()
        tty.setraw(self._kiosk_end)
        self.port = os.ttyname(self._kiosk_end)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        os.close(self._kiosk_end)
        self._thread.join(5)

    def _serve(self) -> None:
        received = b""
        while True:
            try:
                received += os.read(self._scale_end, 100)
            except OSError:
                break
            *commands, received = received.split(b"\r\n")
            for command in filter(None, commands):
                self._answer(command.decode("latin-1"))
        os.close(self._scale_end)

    def _answer(self, command: str) -> None:
        self.asked.append(command)
        answer = self.answers.get(command, "ES")
        line = answer.pop(0) if isinstance(answer, list) else answer
        if self.delay_s and command != "I4":
            time.sleep(self.delay_s)
        if line:
            os.write(self._scale_end, line.encode("latin-1") + b"\r\n")


@pytest.fixture
def bought() -> Iterator[ScriptedScale]:
    scripted = ScriptedScale(BOUGHT)
    yield scripted
    scripted.close()


def until(condition: Callable[[], bool], limit_s: float = 6.0) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.02)


def test_the_driver_is_a_scale(bought: ScriptedScale) -> None:
    scale: Scale = SicsScale(bought.port)
    with scale as started:
        assert started.identity().device_id == "B021002593"


def test_bought_scale_weighs_without_raw_counts_and_is_not_simulated(bought: ScriptedScale) -> None:
    with SicsScale(bought.port) as scale:
        weight = scale.weigh(2)
        assert (weight.grams, weight.simulated, weight.samples) == (9120, False, ())
        assert (weight.device_id, weight.firmware, weight.calibration_date) == ("B021002593", "7.04", None)
        assert bought.asked.count("XR") == 1


def test_bought_scale_is_not_told_how_still_a_held_child_is(bought: ScriptedScale) -> None:
    with SicsScale(bought.port) as scale:
        assert scale.weigh(2, held_child=True).grams == 9120
        assert not any(command.startswith("M02") for command in bought.asked)


def test_zero_tare_and_restart_use_the_standard_commands(bought: ScriptedScale) -> None:
    with SicsScale(bought.port) as scale:
        scale.zero()
        assert scale.tare() == 300
        scale.clear_tare()
        scale.restart()
    asked = [command for command in bought.asked if command in ("Z", "T", "TAC", "@")]
    assert asked == ["Z", "T", "TAC", "@"]


def test_z_out_of_range_and_t_while_moving_are_refused(bought: ScriptedScale) -> None:
    bought.answers |= {"Z": "Z +", "T": "T I"}
    with SicsScale(bought.port) as scale:
        with pytest.raises(ScaleOutOfRange):
            scale.zero()
        with pytest.raises(ScaleUnstable):
            scale.tare()


def test_official_value_is_asked_again_when_the_load_moved_meanwhile(bought: ScriptedScale) -> None:
    bought.answers["S"] = ["S I", "S S      9.130 kg"]
    with SicsScale(bought.port) as scale:
        assert scale.weigh(3).grams == 9130


@pytest.mark.parametrize(
    "garbage", ["S S      9.12", "S S      9.120 lb", "9.120", "\xff\x00S S", "S S Error 10b"]
)
def test_garbage_is_an_error_state_and_never_a_number(bought: ScriptedScale, garbage: str) -> None:
    with SicsScale(bought.port) as scale:
        bought.answers["SI"] = garbage
        until(lambda: scale.live().state is ScaleState.ERROR)
        assert scale.live().grams is None
        assert scale.live().reason in (Reason.GARBLED, Reason.NO_ANSWER)
        bought.answers["SI"] = BOUGHT["SI"]
        until(lambda: scale.live().state is ScaleState.STABLE)


def test_garbage_in_place_of_the_official_value_is_a_fault_that_says_what_to_do(
    bought: ScriptedScale,
) -> None:
    bought.answers["S"] = "S S      9.1"
    with SicsScale(bought.port) as scale, pytest.raises(ScaleFault, match="USB cable"):
        scale.weigh(2)


def test_silence_is_an_error_state(bought: ScriptedScale) -> None:
    with SicsScale(bought.port) as scale:
        bought.answers["SI"] = ""
        until(lambda: scale.live().reason is Reason.NO_ANSWER)
        assert scale.live().state is ScaleState.ERROR


def test_late_answer_is_not_taken_for_the_answer_to_the_next_question(bought: ScriptedScale) -> None:
    with SicsScale(bought.port) as scale:
        bought.answers["SI"] = "S S      1.110 kg"
        bought.delay_s = 1.3
        until(lambda: scale.live().reason is Reason.NO_ANSWER)
        bought.answers["SI"] = BOUGHT["SI"]
        bought.delay_s = 0.0
        seen = set()

        def recovered() -> bool:
            seen.add(scale.live().grams)
            return scale.live().grams == 9120

        until(recovered)
        assert 1110 not in seen


def test_port_that_is_no_scale_is_an_error_and_not_a_weight() -> None:
    scripted = ScriptedScale({})
    with SicsScale(scripted.port) as scale:
        assert scale.live().state is ScaleState.ERROR
        assert scale.live().grams is None
    scripted.close()


def test_many_threads_may_ask_at_once_and_each_gets_its_own_answer(bought: ScriptedScale) -> None:
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
