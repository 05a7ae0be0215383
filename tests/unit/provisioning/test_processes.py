"""Programs run as one: started, watched, ended together, and never left behind. Every child here is a real process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from provisioning.processes import Program, ProgramFailed, Supervisor

HOUSE = Path(__file__).resolve().parents[3]
WAIT = 15.0

SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('up'); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = (
    "import pathlib, subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal, time;'"
    "'signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)']);"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(600)"
)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def make(name: str, code: str, patience: float = WAIT) -> Program:
        mark = tmp_path / name
        return Program(
            name=name,
            command=[sys.executable, "-c", code, str(mark)],
            log=tmp_path / "log" / f"{name}.log",
            folder=tmp_path,
            is_ready=lambda: mark.exists() and mark.read_text() != "",
            patience=patience,
        )

    return make


def test_programs_are_ready_when_they_say_so(program: Callable[..., Program]) -> None:
    with Supervisor() as programs:
        programs.start(program("one", SLEEPER))
        programs.start(program("two", SLEEPER))
        assert sorted(programs.wait_ready()) == ["one", "two"]


def test_nothing_is_left_after_the_end(program: Callable[..., Program], tmp_path: Path) -> None:
    with Supervisor() as programs:
        programs.start(program("family", PARENT))
        list(programs.wait_ready())
        pids = [programs.pid("family"), int((tmp_path / "family").read_text())]
    assert not any(is_alive(pid) for pid in pids)


def test_all_end_within_five_seconds_though_some_do_not_listen(program: Callable[..., Program]) -> None:
    with Supervisor() as programs:
        for name in ("a", "b", "c", "d"):
            programs.start(program(name, DEAF))
        list(programs.wait_ready())
        pids = [programs.pid(name) for name in ("a", "b", "c", "d")]
        began = time.monotonic()
        programs.stop()
        assert time.monotonic() - began < 5.0
    assert not any(is_alive(pid) for pid in pids)


def test_the_last_started_is_asked_to_end_first(program: Callable[..., Program], tmp_path: Path) -> None:
    code = (
        "import pathlib, signal, sys, time\n"
        "mark = pathlib.Path(sys.argv[1])\n"
        "def end(*_):\n"
        "    with mark.with_name('order').open('a') as order: order.write(mark.name)\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "mark.write_text('up')\n"
        "time.sleep(600)\n"
    )
    with Supervisor() as programs:
        for name in ("a", "b", "c"):
            programs.start(program(name, code))
        list(programs.wait_ready())
    assert (tmp_path / "order").read_text() == "cba"


def test_a_program_that_dies_is_named_with_its_last_words(program: Callable[..., Program]) -> None:
    with Supervisor() as programs:
        programs.start(program("sturdy", SLEEPER))
        programs.start(program("fragile", "import sys; print('no disk left'); sys.exit(3)"))
        with pytest.raises(ProgramFailed) as failed:
            programs.watch()
        assert not any(line.startswith("sturdy") for line in str(failed.value).splitlines())
    first, *tail = str(failed.value).splitlines()
    assert first.startswith("fragile ended with exit code 3; its log ")
    assert tail == ["    no disk left"]


def test_a_killed_program_is_said_to_have_been_killed(program: Callable[..., Program]) -> None:
    with Supervisor() as programs:
        programs.start(program("victim", SLEEPER))
        list(programs.wait_ready())
        os.kill(programs.pid("victim"), signal.SIGKILL)
        with pytest.raises(ProgramFailed, match="victim ended \\(killed by SIGKILL\\)"):
            programs.watch()


def test_a_program_that_never_becomes_ready_is_named(program: Callable[..., Program]) -> None:
    with Supervisor() as programs:
        programs.start(program("slow", "import time; time.sleep(600)", patience=0.2))
        with pytest.raises(ProgramFailed, match=r"slow was not ready after 0 s"):
            list(programs.wait_ready())


def test_a_command_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    with (
        Supervisor() as programs,
        pytest.raises(ProgramFailed, match=r"migrate failed with exit code 1[^$]*locked"),
    ):
        programs.run(
            "migrate", [sys.executable, "-c", "raise SystemExit('locked')"], tmp_path / "m.log", tmp_path
        )


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    with Supervisor() as programs, pytest.raises(ProgramFailed, match="migrate took longer than"):
        programs.run(
            "migrate",
            [sys.executable, "-c", "import time; time.sleep(600)"],
            tmp_path / "m.log",
            tmp_path,
            patience=0.2,
        )


def test_when_the_starter_is_killed_nothing_is_left_behind(tmp_path: Path) -> None:
    """Not even grandchildren that ignore a polite request."""
    starter = tmp_path / "starter.py"
    starter.write_text(
        "import pathlib, sys\n"
        "from provisioning.processes import Program, Supervisor\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with Supervisor() as programs:\n"
        "    for name, code in (('deaf', sys.argv[2]), ('family', sys.argv[3])):\n"
        "        mark = folder / name\n"
        "        programs.start(Program(name=name, command=[sys.executable, '-c', code, str(mark)],\n"
        "            log=folder / 'log', folder=folder, is_ready=lambda mark=mark: mark.exists()))\n"
        "    list(programs.wait_ready())\n"
        "    pids = [programs.pid('deaf'), programs.pid('family')]\n"
        "    (folder / 'pids.new').write_text(' '.join(map(str, pids)))\n"
        "    (folder / 'pids.new').rename(folder / 'pids')\n"
        "    programs.watch()\n"
    )
    killed = subprocess.Popen(
        [sys.executable, starter, tmp_path, DEAF, PARENT], env={**os.environ, "PYTHONPATH": str(HOUSE)}
    )
    assert eventually((tmp_path / "pids").exists)
    grandchild = tmp_path / "family"
    assert eventually(lambda: grandchild.exists() and grandchild.read_text() != "")
    pids = [*map(int, (tmp_path / "pids").read_text().split()), int(grandchild.read_text())]
    assert all(is_alive(pid) for pid in pids)
    wardens = [child.pid for child in psutil.Process(killed.pid).children() if child.pid not in pids]
    killed.kill()
    killed.wait()
    assert eventually(lambda: not any(is_alive(pid) for pid in [*pids, *wardens]))
