"""`python -m edge scale`, with the scale's real firmware behind it, and at the dialogue someone who does as told."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from anganwadi.ids import Grams
from edge import scale_commands
from edge.__main__ import program
from edge.devices.scale_checks import ScaleCheck, append, judge, log_path, read
from edge.devices.scale_sics import SicsScale
from edge.scale_calibrating import calibrate, kilograms
from hardware.scale_simulator import SimulatedScale
from tests.contract.played_scale import BoughtAndScale, BoughtSicsScale, until

DAY = date(2026, 11, 29)
SETTINGS = """
district = "demo"
origin = "kiosk-a"
centre_id = "09123456789"
state_dir = "{state}"
device_keys = "device.keys"
server_keys = "server.pub"

[broker]
host = "127.0.0.1"
port = 8883
ca = "ca.pem"
certificate = "kiosk.pem"
key = "kiosk.key"

[scale]
port = "{port}"
{more}
"""


def settings(folder: Path, port: str, more: str = "") -> Path:
    path = folder / "kiosk.toml"
    path.write_text(SETTINGS.format(state=folder, port=port, more=more))
    return path


def run(*words: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(program, ["scale", *map(str, words)], input=typed)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The commands quieten this process's logs; the tests after these want to read theirs."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def simulated() -> Iterator[SimulatedScale]:
    with SimulatedScale() as scale:
        yield scale


class Player:
    """Does what the dialogue asks for, with the masses given; `before` may spoil a step."""

    def __init__(self, scale: SimulatedScale, *masses: str, verify: float | None = None) -> None:
        self.scale = scale
        self.masses = list(masses)
        self.verify = verify
        self.said: list[str] = []
        self.waits: list[str] = []
        self.spoil: dict[str, Callable[[], None]] = {}

    def say(self, text: str) -> None:
        self.said.append(text)

    def wait(self, text: str) -> None:
        self.waits.append(text)

    def ask(self, text: str) -> str:
        self.said.append(text)
        typed = ""
        if text.startswith("Empty"):
            self.scale.set_load(0)
        elif text.startswith("A mass"):
            typed = self.masses.pop(0) if self.masses else ""
        elif found := re.match(r"Put ([0-9.]+) kg", text):
            self.scale.set_load(float(found[1]))
        elif found := re.search(r"Enter: ([0-9.]+) kg", text):
            self.scale.set_load(float(found[1]) if self.verify is None else self.verify)
        for words, spoil in list(self.spoil.items()):
            if words in text:
                del self.spoil[words]
                spoil()
        return typed


def lead(simulated: SimulatedScale, player: Player) -> bool:
    with SicsScale(simulated.port) as scale:
        until(lambda: scale.sensor() is not None)
        return calibrate(scale, player, DAY)


# -- calibrate --


def test_a_new_scale_is_calibrated_by_several_masses_and_reads_one_back() -> None:
    with SimulatedScale(calibrated=False) as simulated:
        player = Player(simulated, "5", "20", "10")
        assert lead(simulated, player)
        assert any("Calibration in force: none" in line for line in player.said)
        with SicsScale(simulated.port) as scale:
            kept = scale.calibration()
            assert kept is not None
            assert (kept.day, [point.grams for point in kept.points]) == (DAY, [0, 5_000, 10_000, 20_000])
            assert scale.identity().calibration_date == DAY
    assert re.search(r"It reads (19\.99|20\.0[01])[0-9] kg.*right", player.said[-1])


def test_the_dialogue_waits_until_the_scale_is_warm() -> None:
    with SimulatedScale(warm_up_s=2.0) as simulated:
        player = Player(simulated, "20")
        assert lead(simulated, player)
    assert player.waits
    assert re.fullmatch(r"The scale is warming up: [45]:[0-9]{2} at most\.", player.waits[0])


def test_a_step_that_is_refused_is_explained_and_done_again(simulated: SimulatedScale) -> None:
    """No mass at all, letters, a light one alone, one that is not there, one that swings: then rightly."""
    player = Player(simulated, "", "five", "2", "", "20", "20")
    player.spoil = {"Put 20.000": lambda: simulated.set_load(0)}
    assert lead(simulated, player)
    told = "\n".join(player.said)
    assert told.count("One mass of 5.000 kg or more is needed.") == 2
    assert "'five' is no mass" in told
    assert "hardly felt the mass" in told


def test_a_mistyped_mass_is_found_out_and_all_is_done_again(simulated: SimulatedScale) -> None:
    player = Player(simulated, "10", "20", "", "10", "20")
    player.spoil = {"Put 10.000": lambda: simulated.set_load(9)}
    assert lead(simulated, player)
    assert sum("masses do not agree" in line for line in player.said) == 1
    assert sum(line.startswith("Empty the platform") for line in player.said) == 2


def test_a_wrong_mass_at_the_end_is_said(simulated: SimulatedScale) -> None:
    player = Player(simulated, "20", verify=19.9)
    assert not lead(simulated, player)
    assert "WRONG: calibrate again" in player.said[-1]


def test_an_interruption_leaves_the_old_calibration_in_force(simulated: SimulatedScale) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with SicsScale(simulated.port) as scale:
        old = scale.calibration()
    player = Player(simulated, "20")
    player.spoil = {"Put 20.000": interrupt}
    with pytest.raises(KeyboardInterrupt):
        lead(simulated, player)
    with SicsScale(simulated.port) as scale:
        assert scale.calibration() == old


def test_at_the_terminal_the_end_of_input_stops_and_says_what_is_in_force(
    simulated: SimulatedScale, tmp_path: Path
) -> None:
    done = run("calibrate", "--config", settings(tmp_path, simulated.port), typed="\n")
    assert done.exit_code == 130
    assert "You need a level floor" in done.output
    assert "the old one is in force" in done.output


@pytest.mark.parametrize("kind", [BoughtSicsScale, BoughtAndScale])
def test_a_bought_scale_is_left_to_its_maker(
    kind: type[BoughtSicsScale] | type[BoughtAndScale], tmp_path: Path
) -> None:
    more = 'framing = "8N1"' + ('\nkind = "and"' if kind is BoughtAndScale else "")
    with kind() as bought:
        done = run("calibrate", "--config", settings(tmp_path, bought.port, more))
    assert done.exit_code == 2
    assert "maker" in done.output


@pytest.mark.parametrize(
    ("typed", "grams"), [("5", 5_000), ("5.000", 5_000), ("0,5", 500), ("20.005", 20_005)]
)
def test_a_mass_is_typed_in_kilograms(typed: str, grams: int) -> None:
    assert kilograms(typed) == grams


@pytest.mark.parametrize("typed", ["", "five", "0", "-5", "5.0005", "5000", "nan", "inf"])
def test_what_is_no_mass_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is no mass"):
        kilograms(typed)


# -- check and log --


@pytest.mark.parametrize(("load", "code", "verdict"), [(5.0, 0, "pass"), (5.05, 1, "FAIL")])
def test_a_check_is_judged_and_logged_right_or_wrong(
    simulated: SimulatedScale, tmp_path: Path, load: float, code: int, verdict: str
) -> None:
    config = settings(tmp_path, simulated.port)
    with SicsScale(simulated.port) as scale:
        until(lambda: scale.live().state == "empty")
    simulated.set_load(load)
    done = run("check", "--mass", "5.000", "--config", config)
    assert (done.exit_code, verdict in done.output) == (code, True), done.output
    [logged] = read(log_path(tmp_path))
    assert (logged.mass, logged.passed, logged.simulated) == (5_000, code == 0, True)
    assert abs(logged.grams - load * 1000) <= 10
    table = run("log", "--config", config, "--days", 2).output
    assert verdict in table
    assert "5.000 kg" in table


def test_a_check_without_the_mass_is_no_check(simulated: SimulatedScale, tmp_path: Path) -> None:
    config = settings(tmp_path, simulated.port)
    with SicsScale(simulated.port) as scale:
        until(lambda: scale.live().state == "empty")
    done = run("check", "--mass", "5", "--wait", "0.5", "--config", config)
    assert done.exit_code == 2
    assert "Nothing was put on the scale" in done.output
    assert read(log_path(tmp_path)) == []


def test_the_log_names_the_days_without_a_check(tmp_path: Path) -> None:
    today = datetime.now(scale_commands.INDIA).replace(hour=9)
    for back in (0, 2, 40):
        at = (today - timedelta(days=back)).astimezone(UTC)
        append(log_path(tmp_path), ScaleCheck(
            at=at, device_id="AAN-1", simulated=False, calibrated=None,
            mass=Grams(5_000), grams=Grams(5_000), passed=judge(Grams(5_000), Grams(5_000)),
        ))  # fmt: skip
    said = run("log", "--config", settings(tmp_path, "auto"), "--days", 3).output
    assert said.count("AAN-1") == 2
    assert f"Days without a check: {today.date() - timedelta(days=1)}\n" in said


# -- live, and what stands in the way --


def test_live_prints_a_line_a_change_until_ctrl_c(simulated: SimulatedScale, tmp_path: Path) -> None:
    config = settings(tmp_path, simulated.port)
    command = [sys.executable, "-u", "-m", "edge", "scale", "live", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        seen = [next(line for line in watching.stdout if "kg  empty" in line)]
        simulated.set_load(9.12)
        seen.append(next(line for line in watching.stdout if "kg  stable" in line))
        watching.send_signal(signal.SIGINT)
        rest = watching.stdout.read()
        assert watching.wait(5) == 0
    assert re.search(r"0\.000 kg +empty +-?[0-9]+ °C +warm", seen[0])
    assert re.search(r"9\.1[12][0-9] kg +stable", seen[1])
    assert "Traceback" not in rest


def test_live_says_why_there_is_no_weight(tmp_path: Path) -> None:
    with SimulatedScale(calibrated=False) as simulated:
        command = [sys.executable, "-u", "-m", "edge", "scale", "live"]
        options = ["--config", str(settings(tmp_path, simulated.port))]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            line = next(line for line in watching.stdout if "uncalibrated" in line)
            watching.send_signal(signal.SIGINT)
    assert "- " in line
    assert "The scale is not calibrated" in line


def test_a_port_that_the_kiosk_holds_is_said_to_be_held(simulated: SimulatedScale, tmp_path: Path) -> None:
    config = settings(tmp_path, simulated.port)
    with SicsScale(simulated.port):
        for words in (["live"], ["calibrate"], ["check", "--mass", "5"]):
            done = run(*words, "--config", config)
            assert done.exit_code == 2
            assert "Another program uses the scale" in done.output


def test_port_and_kind_of_the_command_line_come_before_the_settings(tmp_path: Path) -> None:
    with BoughtSicsScale() as bought:
        bought.kg = 5.0
        config = settings(tmp_path, "/dev/no-such-port", "baud = 4800")
        done = run("check", "--mass", "5", "--config", config, "--port", bought.port)
    assert done.exit_code == 0, done.output
    assert read(log_path(tmp_path))[0].device_id == "B021002593"


def test_a_kind_that_needs_its_port_named_says_so(tmp_path: Path) -> None:
    done = run("live", "--config", settings(tmp_path, "auto"), "--kind", "and")
    assert done.exit_code == 2
    assert "/dev/serial/by-id" in done.output


def test_no_scale_at_the_port_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_commands, "CONNECT_S", 0.3)
    done = run("live", "--config", settings(tmp_path, str(tmp_path / "nothing")))
    assert done.exit_code == 2
    assert "No scale was found" in done.output
