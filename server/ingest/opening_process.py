"""The process that opens, as the server sees it: started, asked, listened to, ended."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

import msgspec

from server.ingest.inbound import Inbound
from server.ingest.opening import Device
from server.ingest.opening_program import END, Ask, Brief

READY_S = 60.0
"""How long it may take to start."""

END_S = 5.0
"""How long it may take to end when it is told to."""

ENDED = (EOFError, OSError)
"""What is raised when the process is gone."""


class OpeningProcess:
    """One such process, from the start to the end of its life."""

    def __init__(self, brief: Brief) -> None:
        """Start it, and wait until it is ready.

        Raises:
            EOFError, OSError: it did not come up; what it has to say stands in the log of errors.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.ingest.opening_program", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._connection = Connection(ours.detach())
        try:
            self._connection.send_bytes(msgspec.msgpack.encode(brief))
            self.answer(READY_S)
        except ENDED:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, devices: list[Device], messages: Sequence[Inbound]) -> None:
        """Raises EOFError or OSError if the process is gone."""
        asked = Ask(devices, [(each.topic, each.payload) for each in messages])
        self._connection.send_bytes(msgspec.msgpack.encode(asked))

    def last(self) -> None:
        """Nothing more will be asked."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(END)

    def speaks(self, within_s: float) -> bool:
        """Whether there is an answer, or the end, within so many seconds. Raises OSError if the process is gone."""
        return self._connection.poll(within_s)

    def answer(self, within_s: float) -> bytes:
        """The next answer. Raises EOFError or OSError if the process is gone, or takes longer."""
        if not self.speaks(within_s):
            raise EOFError("no answer")
        return self.listen()

    def listen(self) -> bytes:
        """The next answer. Raises EOFError or OSError if the process is gone."""
        return self._connection.recv_bytes()

    def kill(self) -> None:
        """End it as it is, though it hangs; whoever stands waiting to ask it is told that it is gone."""
        self._process.kill()

    def end(self) -> None:
        """Close the connection, which ends it, and see that it does."""
        self._connection.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
