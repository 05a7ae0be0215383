"""`python -m provisioning run` as a person meets it: started, stopped, killed, in the way of itself and of others."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

HOUSE = Path(__file__).resolve().parents[2]
START_LIMIT = 90.0
END_LIMIT = 5.0
PROGRAMS = 7
"""Broker, simulated TPM, scale with its firmware, panel, kiosk, server."""


class Run:
    """One `run` command and what it printed so far."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "provisioning", "run", *options],
            cwd=HOUSE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_ready(self) -> "Run":
        assert self._ready.wait(START_LIMIT), self.said
        assert "ready in" in self.said, self.said
        return self

    def wait_end(self, limit: float) -> int:
        code = self.process.wait(limit)
        self._reader.join(limit)
        return code

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "ready in" in line:
                self._ready.set()
        self._ready.set()


Start = Callable[..., Run]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One district for all starts: the first makes it, the others find it."""
    return tmp_path_factory.mktemp("stack") / "district"


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    begun: list[Run] = []

    def begin(*options: str, ports: str = "free") -> Run:
        begun.append(Run("--folder", str(folder), "--ports", ports, *options))
        return begun[-1]

    yield begin
    for each in begun:
        each.process.terminate()
        each.process.wait(30)


def all_gone(family: list[psutil.Process], limit: float = END_LIMIT) -> bool:
    _, alive = psutil.wait_procs(family, timeout=limit)
    return not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_ctrl_c_ends_every_program_within_five_seconds(start: Start) -> None:
    running = start().wait_ready()
    family = running.family()
    assert len(family) >= PROGRAMS
    began = time.monotonic()
    os.kill(running.process.pid, signal.SIGINT)
    assert running.wait_end(END_LIMIT) == 0
    assert all_gone(family, END_LIMIT - (time.monotonic() - began))
    assert "all stopped" in running.said


def test_the_starters_death_leaves_no_program_behind(start: Start) -> None:
    running = start().wait_ready()
    family = running.family()
    running.process.kill()
    assert all_gone(family)


def test_a_second_start_finds_the_district_and_prints_what_to_open(start: Start) -> None:
    running = start().wait_ready()
    assert "district found" in running.said
    for word in ("PIN 2580", "PIN 1470", "9000000001", "/outbox", "simulated", "real"):
        assert word in running.said


def test_a_program_that_dies_is_named_and_the_rest_ends(start: Start) -> None:
    running = start().wait_ready()
    family = running.family()
    victim = next(each for each in family if "mosquitto" in each.name())
    victim.kill()
    assert running.wait_end(END_LIMIT + 1) == 1
    assert "broker ended (killed by SIGKILL); its log" in running.said
    assert "Traceback" not in running.said
    assert all_gone(family)


def test_the_same_district_is_not_started_twice(start: Start, folder: Path) -> None:
    first = start().wait_ready()
    second = start()
    assert second.wait_end(START_LIMIT) == 1
    assert f"already running (process {first.process.pid})" in second.said
    assert len(second.said.strip().splitlines()) == 1


def test_a_port_in_use_is_one_line_with_holder_and_remedy(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = start(ports=f"kiosk={port},server={port},panel={port},broker={port}")
        assert refused.wait_end(START_LIMIT) == 1
    line = refused.said.strip()
    assert "\n" not in line
    assert f"port {port}" in line
    assert f"(process {os.getpid()})" in line
    assert "--ports" in line
