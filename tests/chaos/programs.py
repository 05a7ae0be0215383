"""The programs that are killed: each started, killed without warning, and started again.

Start them from the main thread: the kernel ties a program's life to that of the thread that started it, so that nothing
is left behind however the run ends.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_TAIL_LINES = 30


class EndedByItself(RuntimeError):
    """A program ended though nobody killed it; the text ends with its log."""


class Program:
    """One program and its log, over all its lives."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._starts_at: float | None = None
        self.kills = 0

    def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._starts_at = None
        with self._log.open("ab") as sink:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_tie_to_starter,
            )

    def kill(self, *, again_in_s: float) -> None:
        """SIGKILL, and a new life in so many seconds, when `look_after` comes by."""
        assert self._process is not None
        self._process.kill()
        self.note_killed(again_in_s=again_in_s)

    def note_killed(self, *, again_in_s: float) -> None:
        """It was killed, or killed itself as it was told to."""
        assert self._process is not None
        self._process.wait()
        self.kills += 1
        self._starts_at = time.monotonic() + again_in_s

    def is_dead(self) -> bool:
        """Whether it died of SIGKILL."""
        return self._process is not None and self._process.poll() == -signal.SIGKILL

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def look_after(self) -> None:
        """Start it where its time has come.

        Raises:
            EndedByItself: it ended, and nobody killed it.
        """
        if self._starts_at is not None:
            if time.monotonic() >= self._starts_at:
                self.start()
        elif not self.is_running():
            assert self._process is not None
            raise EndedByItself(f"{self.name} ended with {self._process.returncode}:\n{self._tail()}")

    def stop(self) -> None:
        """SIGTERM, then wait; it is not started again."""
        self._starts_at = float("inf")
        if self._process is not None and self.is_running():
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])


def _tie_to_starter() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
