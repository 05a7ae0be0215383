"""Bought scales, played on a pseudo-terminal: what they answer, and how they fail to."""

import os
import select
import threading
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Self


def until(condition: Callable[[], bool], limit_s: float = 6.0) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come about in time"
        time.sleep(0.02)


class PlayedScale(ABC):
    """A scale with a load on it that answers by `reply`; `said` overrides single answers, an empty one is silence.

    `delay_s` makes it answer late, as one does that hangs for a while: in order, one answer after the other.
    """

    def __init__(self, link: Path | None = None) -> None:
        self.kg = 0.0
        self.moving = False
        self.over = False
        self.said: dict[str, str | list[str]] = {}
        self.asked: list[str] = []
        self.delay_s = 0.0
        self._link = link
        self._ends: tuple[int, int] | None = None
        self._unplugged = threading.Event()
        self._thread = threading.Thread()

    def __enter__(self) -> Self:
        self.plug_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    @property
    def port(self) -> str:
        """The link, or the tty itself."""
        assert self._ends is not None
        return str(self._link or os.ttyname(self._ends[1]))

    def plug_in(self) -> None:
        """Be there, on a new tty."""
        self._ends = scale_end, kiosk_end = os.openpty()
        tty.setraw(kiosk_end)
        self._unplugged.clear()
        self._thread = threading.Thread(target=self._serve, args=(scale_end,), daemon=True)
        self._thread.start()
        if self._link is not None:
            self._link.symlink_to(os.ttyname(kiosk_end))

    def unplug(self) -> None:
        """Be gone, tty and all; what was not answered yet never is."""
        if self._ends is None:
            return
        if self._link is not None:
            self._link.unlink()
        self._unplugged.set()
        self._thread.join(5)
        for end in self._ends:
            os.close(end)
        self._ends = None

    def print_now(self, line: str) -> None:
        """Send a line that nobody asked for, as the print key does."""
        assert self._ends is not None
        os.write(self._ends[0], line.encode("latin-1") + b"\r\n")

    @abstractmethod
    def reply(self, command: str) -> str:
        """Give the answer to `command`."""

    def _serve(self, scale_end: int) -> None:
        received = b""
        while not self._unplugged.is_set():
            if select.select([scale_end], [], [], 0.02)[0]:
                received += os.read(scale_end, 100)
                *commands, received = received.split(b"\r\n")
                for command in filter(None, commands):
                    self._answer(scale_end, command.decode("latin-1"))

    def _answer(self, scale_end: int, command: str) -> None:
        self.asked.append(command)
        said = self.said.get(command)
        answer = self.reply(command) if said is None else said.pop(0) if isinstance(said, list) else said
        if self._unplugged.wait(self.delay_s):
            return
        if answer:
            os.write(scale_end, answer.encode("latin-1") + b"\r\n")


class BoughtSicsScale(PlayedScale):
    """An MT-SICS scale of level 0 and 1; it knows neither `XR` nor `XC` nor `M02`."""

    tare_kg = 0.0

    def reply(self, command: str) -> str:
        match command:
            case "I2":
                return 'I2 A "BRAND-X Standard 35.000 kg"'
            case "I3":
                return 'I3 A "7.04"'
            case "I4" | "@":
                return 'I4 A "B021002593"'
            case "SI":
                return "S +" if self.over else f"S {'D' if self.moving else 'S'} {self._net:10.3f} kg"
            case "Z":
                return "Z I" if self.moving else "Z A"
            case "T":
                if self.moving:
                    return "T I"
                self.tare_kg = self.kg
                return f"T S {self.tare_kg:10.3f} kg"
            case "TAC":
                self.tare_kg = 0.0
                return "TAC A"
            case _:
                return "ES"

    @property
    def _net(self) -> float:
        return self.kg - self.tare_kg


class BoughtAndScale(PlayedScale):
    """An A&D platform of the HV-G kind, as its manual has it."""

    tare_kg: float | None = None

    def reply(self, command: str) -> str:
        match command:
            case "Q":
                if self.over:
                    return "OL,+99999.99 kg"
                return f"{'US' if self.moving else 'ST'},{self.kg - (self.tare_kg or 0.0):+09.3f} kg"
            case "Z":
                return "I" if self.moving else "Z"
            case "T":
                if self.moving:
                    return "I"
                self.tare_kg = self.kg
                return "T"
            case "CT":
                self.tare_kg = None
                return "CT"
            case _:
                return "?"
