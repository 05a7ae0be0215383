"""The serial line to a scale: one command, one answer, in step. What is said on it is the dialects' business.

An answer that does not come in time loses its place for good: the line is closed, and opened anew before the next
question. What was on its way may still come then, from a scale that hung for a while, and must not be taken for the
answer to another question. So a line is in step only after `get_in_step`; and what comes unasked puts it out of step.
"""

import contextlib
import errno
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import serial
from serial.tools import list_ports

Framing = Literal["8N1", "7E1"]
"""Data bits, parity and stop bits of a byte on the line."""

ANSWER_SECONDS = 1.0
QUIET_SECONDS = 0.1
MAX_LINE = 512
STALE_LINES = 30
PICO_USB = (0x2E8A, 0x0005)  # Raspberry Pi, MicroPython on RP2


class Silent(Exception):
    """No answer within the time."""


class Garbled(Exception):
    """What came is not an answer to the question asked."""


class LineGone(Exception):
    """The port is not there, or its device went away."""


class LineBusy(LineGone):
    """Another program has the port."""


def find_port(port: str) -> str:
    """Give the port to open: `port` itself, or for "auto" the first Pico running MicroPython.

    Raises:
        LineGone: there is none.
    """
    if port != "auto":
        return port
    for found in list_ports.comports():
        if (found.vid, found.pid) == PICO_USB:
            return found.device
    raise LineGone("no Pico on any USB port")


def text(line: bytes) -> str:
    """Take the line end off and check that the rest is printable ASCII.

    Raises:
        Garbled: it is not, or the line is cut off or over-long.
    """
    if not line.endswith(b"\r\n") or len(line) > MAX_LINE:
        raise Garbled("line is cut off or too long")
    body = line[:-2]
    if not body or any(not 32 <= byte < 127 for byte in body):
        raise Garbled("line holds control or non-ASCII characters")
    return body.decode("ascii")


@contextlib.contextmanager
def _line_errors() -> Iterator[None]:
    """Tell what pyserial and the kernel raise in the words of this module."""
    try:
        yield
    except (OSError, ValueError, termios.error) as error:
        busy = isinstance(error, OSError) and error.errno in (errno.EWOULDBLOCK, errno.EBUSY)
        raise (LineBusy if busy else LineGone)(str(error)) from error


class Line:
    """An open line. `rest_s` is what the scale wants between two commands, `answer_s` what it may take to answer."""

    def __init__(
        self,
        port: str,
        baud: int = 9600,
        framing: Framing = "8N1",
        *,
        rest_s: float = 0.0,
        answer_s: float = ANSWER_SECONDS,
    ) -> None:
        """Open the port.

        Raises:
            LineBusy: another program has it.
            LineGone: it cannot be opened.
        """
        self._rest_s = rest_s
        self._answer_s = answer_s
        self._may_ask_at = 0.0
        with _line_errors():
            self._serial = serial.Serial(
                find_port(port),
                baud,
                bytesize=int(framing[0]),
                parity=framing[1],
                stopbits=int(framing[2]),
                write_timeout=answer_s,
                exclusive=True,
            )

    def close(self) -> None:
        """Let the port go; what is still on its way is lost."""
        self._serial.close()

    def ask(self, command: str) -> str:
        """Send `command` and give the one line that answers it.

        Raises:
            LineGone: the device went away.
            Silent: there was no answer in time.
            Garbled: the answer is no line of text, or something came that nobody had asked for.
        """
        with _line_errors():
            unasked = self._serial.in_waiting
        if unasked:
            raise Garbled("something came that nobody had asked for")
        self._send(f"{command}\r\n")
        return text(self._read_line(time.monotonic() + self._answer_s))

    def get_in_step(self, greeting: str, questions: Sequence[tuple[str, Callable[[str], str]]]) -> list[str]:
        """Have each question answered by its own answer, which its reader gives or finds Garbled.

        `greeting` ends a half-sent command and a running stream of weights; its answers are dropped. Old answers are
        passed over until the first question's comes. Should that one be old too, then the answers to come are late by
        some questions, and a next question, being another, is answered wrongly: here or by the first one after. No
        question here may ask for a weight: then every weight that was asked for before has gone by, and none can be
        taken for a new one.

        Raises:
            LineGone, Silent, Garbled: the line is not in step and must be opened anew.
        """
        self._send(greeting)
        self._drop_what_comes()
        (first, read), *others = questions
        self._send(f"{first}\r\n")
        return [self._answer_among_old_ones(read), *(read(self.ask(question)) for question, read in others)]

    def _answer_among_old_ones(self, read: Callable[[str], str]) -> str:
        limit = time.monotonic() + self._answer_s
        for _ in range(STALE_LINES):
            with contextlib.suppress(Garbled):
                return read(text(self._read_line(limit)))
        raise Garbled("nothing but old answers or noise")

    def _drop_what_comes(self) -> None:
        """Read until the line is quiet, but no longer than an answer may take."""
        self._serial.timeout = QUIET_SECONDS
        limit = time.monotonic() + self._answer_s
        with _line_errors():
            while self._serial.read(MAX_LINE) and time.monotonic() < limit:
                pass

    def _send(self, data: str) -> None:
        time.sleep(max(0.0, self._may_ask_at - time.monotonic()))
        with _line_errors():
            self._serial.write(data.encode("ascii"))
        self._may_ask_at = time.monotonic() + self._rest_s

    def _read_line(self, limit: float) -> bytes:
        """Read to the end of line, within `limit` and MAX_LINE."""
        line = bytearray()
        while not line.endswith(b"\n") and len(line) <= MAX_LINE:
            self._serial.timeout = max(0.0, limit - time.monotonic())
            with _line_errors():
                received = self._serial.read_until(b"\n", MAX_LINE + 1 - len(line))
            line += received
            if not received and time.monotonic() >= limit:
                raise Silent(f"no answer within {self._answer_s} s")
        return bytes(line)
