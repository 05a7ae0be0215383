"""The simulated scale as a process: its link, its control file, and that it leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from hardware.scale_simulator import SimulatedScale, fault_asked, write_control


def until(condition: Callable[[], bool], limit_s: float = 5.0) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.02)


def ask(port: str, command: str) -> str:
    with serial.Serial(port, timeout=2) as line:
        line.write(f"{command}\r\n".encode())
        return line.readline().decode().rstrip("\r\n")


def firmware_of(link: Path) -> list[int]:
    """The firmware processes that were started for the folder of `link`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(b"boot.py") for word in command) and str(link.parent).encode() in b"\0".join(
            command
        ):
            found.append(int(folder.name))
    return found


@contextmanager
def scale_process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "hardware", "scale"]
    options = ["--link", str(folder / "scale"), "--control", str(folder / "control.json")]
    process = subprocess.Popen([*command, *options], env={**os.environ, "TMPDIR": str(folder)})
    try:
        until((folder / "scale").exists)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_scale_leaves_no_process_and_no_link(tmp_path: Path, number: int) -> None:
    with scale_process(tmp_path) as process:
        assert ask(str(tmp_path / "scale"), "I4") == 'I4 A "SIM-0000000000000001"'
        assert firmware_of(tmp_path / "scale")
        process.send_signal(number)
        assert process.wait(5) == 0
        assert not (tmp_path / "scale").is_symlink()
        assert not firmware_of(tmp_path / "scale")


def test_firmware_dies_with_a_host_that_was_killed(tmp_path: Path) -> None:
    with scale_process(tmp_path) as process:
        assert firmware_of(tmp_path / "scale")
        process.kill()
        until(lambda: not firmware_of(tmp_path / "scale"))


def test_cable_pulled_by_the_control_file_takes_the_port_away_and_back(tmp_path: Path) -> None:
    with scale_process(tmp_path):
        link = tmp_path / "scale"
        write_control(tmp_path / "control.json", fault="unplugged")
        until(lambda: not link.is_symlink())
        write_control(tmp_path / "control.json")
        until(link.exists)
        assert ask(str(link), "I3") == 'I3 A "1.1.0"'


def test_scale_answers_within_a_second_of_power_on() -> None:
    began = time.monotonic()
    with SimulatedScale() as simulated:
        assert ask(simulated.port, "I4").startswith("I4 A")
        assert time.monotonic() - began < 1


def felt(port: str, kg: float) -> bool:
    """Say whether the converter feels about this load by now; 84217 counts are none, 10486 more a kilogram."""
    counts = re.findall(r"(?<=[ ,])-?\d{5,}(?=[ ,])", ask(port, "XR"))
    return abs(int(counts[-1]) - 84_217 - 10_486 * kg) < 1000


def test_calibration_by_several_masses_makes_a_new_scale_weigh_and_is_kept(tmp_path: Path) -> None:
    with SimulatedScale(calibrated=False, flash=tmp_path) as simulated:
        port = simulated.port
        assert " UNCALIBRATED " in ask(port, "XR")
        assert ask(port, "XC") == "XC A -"
        until(lambda: ask(port, "XC Z") == "XC A")
        assert ask(port, "XC P 20.000") == "XC R"
        for kg in (20, 5):
            simulated.set_load(kg)
            until(lambda kg=kg: felt(port, kg))
            until(lambda kg=kg: ask(port, f"XC P {kg}.000") == "XC A")
        assert ask(port, "XC W 2026-01-31") == "XC A"
        kept = ask(port, "XC")
        assert re.fullmatch(r"XC A 2026-01-31 31 0:84\d{3} 5000:136\d{3} 20000:29[34]\d{3}", kept)
        assert ask(port, "S") == "S S      5.000 kg"
    with SimulatedScale(calibrated=False, flash=tmp_path) as simulated:
        assert ask(simulated.port, "XC") == kept


def test_a_mistyped_mass_is_refused_and_the_old_calibration_stays(tmp_path: Path) -> None:
    with SimulatedScale(flash=tmp_path) as simulated:
        port = simulated.port
        kept = ask(port, "XC")
        until(lambda: ask(port, "XC Z") == "XC A")
        for kg, typed in ((20, "20.000"), (10, "5.000")):
            simulated.set_load(kg)
            until(lambda kg=kg: felt(port, kg))
            until(lambda typed=typed: ask(port, f"XC P {typed}") == "XC A")
        assert ask(port, "XC W 2026-01-31") == "XC R"
        assert ask(port, "XC") == kept


def test_a_cold_scale_weighs_but_is_not_calibrated() -> None:
    with SimulatedScale(warm_up_s=5) as simulated:
        assert " COLD " in ask(simulated.port, "XR")
        until(lambda: ask(simulated.port, "S") == "S S      0.000 kg")
        assert " COLD " in ask(simulated.port, "XR")
        assert ask(simulated.port, "XC Z") == "XC I"
        until(lambda: " WARM " in ask(simulated.port, "XR"))
        assert ask(simulated.port, "XC Z") == "XC A"


def test_calibration_copied_from_another_scale_is_refused(tmp_path: Path) -> None:
    with SimulatedScale(flash=tmp_path) as simulated:
        assert " STARTING " in ask(simulated.port, "XR")
    with SimulatedScale(flash=tmp_path, unique_id=b"\0\0\0\0\0\0\0\2") as simulated:
        assert " UNCALIBRATED " in ask(simulated.port, "XR")
        assert ask(simulated.port, "SI") == "S I"


def test_fault_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="desync"):
        write_control(tmp_path / "control.json", fault="on fire")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"load_kg": 3}'])
def test_damaged_control_file_asks_for_no_fault(tmp_path: Path, content: str) -> None:
    control = tmp_path / "control.json"
    control.write_text(content)
    assert fault_asked(control) is None


def test_stopping_twice_is_harmless_and_closes_every_file() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    simulated = SimulatedScale()
    simulated.start()
    simulated.stop()
    simulated.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
