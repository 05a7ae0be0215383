"""The serial line to an MT-SICS scale: one command, one answer, in step.

An answer that does not come in time loses its place for good: the line is closed, and opened anew before the next
question, so that a late answer is never taken for the answer to another.
"""

import termios
import time

import serial
from serial.tools import list_ports

from edge.devices.scale_sics_wire import MAX_LINE, Garbled, quoted, text

BAUD = 115_200
ANSWER_SECONDS = 1.0
PICO_USB = (0x2E8A, 0x0005)  # Raspberry Pi, MicroPython on RP2
STALE_LINES = 30


class Silent(Exception):
    """No answer within the time."""


class LineGone(Exception):
    """The port is not there, or its device went away."""


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


class SicsLine:
    """An open line that has shown itself in step by answering `I4`."""

    def __init__(self, port: str) -> None:
        """Open the port and get in step.

        Raises:
            LineGone: it cannot be opened.
            Silent, Garbled: what is there does not answer as an MT-SICS scale.
        """
        path = find_port(port)
        try:
            self._serial = serial.Serial(
                path, BAUD, timeout=ANSWER_SECONDS, write_timeout=ANSWER_SECONDS, exclusive=True
            )
        except (OSError, ValueError, termios.error) as error:
            raise LineGone(str(error)) from error
        try:
            self.device_id = self._get_in_step()
        except (LineGone, Silent, Garbled):
            self.close()
            raise

    def close(self) -> None:
        """Let the port go; what is still on its way is lost."""
        self._serial.close()

    def ask(self, command: str, limit_s: float = ANSWER_SECONDS) -> str:
        """Send `command` and give the one line that answers it.

        Raises:
            LineGone, Silent, Garbled.
        """
        self._write(f"{command}\r\n")
        return text(self._read_line(time.monotonic() + limit_s))

    def _get_in_step(self) -> str:
        """End a half-sent command and a running `SIR`, drop what was queued, and wait for the answer to `I4`."""
        self._flush()
        self._write("\r\nSI\r\nI4\r\n")
        limit = time.monotonic() + ANSWER_SECONDS
        for _ in range(STALE_LINES):
            try:
                return quoted(text(self._read_line(limit)), "I4")
            except Garbled:
                continue
        raise Garbled("no answer to I4")

    def _flush(self) -> None:
        try:
            self._serial.reset_input_buffer()
        except (OSError, termios.error) as error:
            raise LineGone(str(error)) from error

    def _write(self, data: str) -> None:
        try:
            self._serial.write(data.encode("ascii"))
        except (OSError, termios.error) as error:
            raise LineGone(str(error)) from error

    def _read_line(self, limit: float) -> bytes:
        """Read to the end of line, within `limit` and MAX_LINE."""
        line = bytearray()
        while not line.endswith(b"\n") and len(line) <= MAX_LINE:
            self._serial.timeout = max(0.0, limit - time.monotonic())
            try:
                received = self._serial.read_until(b"\n", MAX_LINE + 1 - len(line))
            except (OSError, termios.error) as error:
                raise LineGone(str(error)) from error
            line += received
            if not received and time.monotonic() >= limit:
                raise Silent(f"no answer within {ANSWER_SECONDS} s")
        return bytes(line)
