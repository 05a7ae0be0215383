"""Runs a set of programs as one: started when what they need is ready, watched, and ended together.

Every program has a process group and a log of its own. Nothing is left behind, however the starter ends: in good order
the groups are ended last-started first; if the starter is killed, the kernel tells each program (PR_SET_PDEATHSIG) and
the warden (`provisioning.warden`) ends what their groups still hold.

    with Supervisor() as programs:
        programs.start(Program(name="broker", command=[...], log=..., is_ready=lambda: is_open(port)))
        programs.wait_ready()
        programs.watch()
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, Self

import msgspec

from provisioning import warden
from provisioning.files import make_folder

GRACE_SECONDS = 4.0
"""How long all programs together may take to end before they are killed."""
ONE_PROGRAM_SECONDS = 1.5
"""How long one may take before the next is asked to end as well."""
POLL_SECONDS = 0.05
_TAIL_LINES = 15
_PR_SET_PDEATHSIG = 1


class ProgramFailed(RuntimeError):
    """A program ended, or did not become ready; the text says which, and ends with the last lines of its log."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """One program to run. `is_ready` is asked until it says yes, for `patience` seconds at most."""

    name: str
    command: Sequence[str]
    log: Path
    folder: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = {}
    patience: float = 30.0


class _Running(msgspec.Struct):
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    ready: bool = False


class Supervisor:
    """The programs of one stack.

    Start them from the main thread: the kernel ties a program's life to that of the thread that started it.
    """

    def __init__(self) -> None:
        self._running: list[_Running] = []
        self._warden = subprocess.Popen(
            [sys.executable, "-S", "-E", warden.__file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        """Start a program; it need not be ready yet."""
        process = _spawn(program.command, program.log, program.folder, program.environment)
        self._tell_warden(f"+{process.pid}")
        self._running.append(_Running(program, process, time.monotonic()))

    def run(
        self, name: str, command: Sequence[str], log: Path, folder: Path, *, patience: float = 60.0
    ) -> None:
        """Run a command to its end.

        Raises:
            ProgramFailed: it did not end well, or not in time; or a program already started ended meanwhile.
        """
        process = _spawn(command, log, folder, {})
        self._tell_warden(f"+{process.pid}")
        try:
            deadline = time.monotonic() + patience
            while process.poll() is None:
                self.check()
                if time.monotonic() > deadline:
                    raise ProgramFailed(f"{name} took longer than {patience:.0f} s{_tail(log)}")
                time.sleep(POLL_SECONDS)
        finally:
            _end_group(process)
            self._tell_warden(f"-{process.pid}")
        if process.returncode != 0:
            raise ProgramFailed(f"{name} failed{_ending(process.returncode)}{_tail(log)}")

    def wait_ready(self) -> Iterator[str]:
        """Wait for all programs that were not ready yet, and tell each one's name as it becomes so.

        Raises:
            ProgramFailed: one ended, or was not ready in time.
        """
        awaited = [each for each in self._running if not each.ready]
        while awaited:
            self.check()
            for each in [each for each in awaited if each.program.is_ready()]:
                each.ready = True
                awaited.remove(each)
                yield each.program.name
            for each in awaited:
                if time.monotonic() - each.started > each.program.patience:
                    raise ProgramFailed(
                        f"{each.program.name} was not ready after {each.program.patience:.0f} s"
                        f"{_tail(each.program.log)}"
                    )
            time.sleep(POLL_SECONDS if awaited else 0)

    def check(self) -> None:
        """Make sure that all are alive.

        Raises:
            ProgramFailed: one is not.
        """
        for each in self._running:
            code = each.process.poll()
            if code is not None:
                raise ProgramFailed(f"{each.program.name} ended{_ending(code)}{_tail(each.program.log)}")

    def watch(self) -> NoReturn:
        """Keep watching until the caller is interrupted.

        Raises:
            ProgramFailed: one of the programs ended.
        """
        while True:
            self.check()
            time.sleep(0.25)

    def pid(self, name: str) -> int:
        """The process of a program that was started."""
        return next(each.process.pid for each in self._running if each.program.name == name)

    def stop(self) -> None:
        """End all, the last started first, each before the next is asked; what does not end in time is killed."""
        deadline = time.monotonic() + GRACE_SECONDS
        for each in reversed(self._running):
            _signal_group(each.process.pid, signal.SIGTERM)
            patience = min(ONE_PROGRAM_SECONDS, deadline - time.monotonic())
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.process.wait(max(0.0, patience))
        for each in reversed(self._running):
            _end_group(each.process)
        self._running.clear()
        if self._warden.stdin is not None and not self._warden.stdin.closed:
            self._warden.stdin.close()
        self._warden.wait()

    def _tell_warden(self, line: str) -> None:
        assert self._warden.stdin is not None  # noqa: S101 - opened with a pipe
        self._warden.stdin.write(line.encode() + b"\n")
        self._warden.stdin.flush()


def _spawn(
    command: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    make_folder(log.parent)
    starter = os.getpid()
    libc = ctypes.CDLL(None)

    def tie_to_starter() -> None:
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != starter:  # it died before we could ask to be told
                os._exit(1)

    with log.open("ab") as sink:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=folder,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=tie_to_starter,
        )


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a program and of its children."""
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _ending(code: int) -> str:
    return f" (killed by {signal.Signals(-code).name})" if code < 0 else f" with exit code {code}"


def _tail(log: Path) -> str:
    lines = (
        log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:] if log.is_file() else []
    )
    shown = "".join(f"\n    {line}" for line in lines) or "\n    (nothing)"
    return f"; its log {log} ends:{shown}"
