"""Bad weather on the lines: delay, slowness, cuts, half-open and duplicated deliveries, at random, until it clears."""

import random
import threading
from collections import Counter
from collections.abc import Mapping

from tests.chaos.plan import SERVER
from tests.chaos.proxy import FaultProxy

EVERY_S = 0.7
"""Between two changes of the weather, on average."""

FAULTS = ("shape", "shape", "shape", "cut", "reset", "duplicate", "duplicate", "half_open", "close")


class Weather:
    """Changes the lines on a thread of its own from `start` to `clear`; `faults` counts what it did."""

    def __init__(self, lines: Mapping[str, FaultProxy], chance: random.Random) -> None:
        self._lines = lines
        self._chance = chance
        self._clearing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weather", daemon=True)
        self.faults: Counter[str] = Counter()

    def start(self) -> None:
        self._thread.start()

    def clear(self) -> None:
        """From now on every line is good. What is half-open is cut."""
        self._clearing.set()
        self._thread.join(10)
        for line in self._lines.values():
            line.open()
            line.shape()
            line.cut()

    def _run(self) -> None:
        while not self._clearing.wait(self._chance.expovariate(1 / EVERY_S)):
            owner = self._chance.choice(list(self._lines))
            fault = self._chance.choice(FAULTS)
            if owner == SERVER and fault == "half_open":
                fault = "cut"  # the server stands beside its broker; it need not notice a dead line within seconds
            self._change(self._lines[owner], fault)

    def _change(self, line: FaultProxy, fault: str) -> None:
        touched = 1
        match fault:
            case "shape":
                bits = self._chance.choice((None, 64_000, 256_000, 1_000_000))
                line.shape(delay_s=self._chance.choice((0.0, 0.05, 0.2)), bits_per_s=bits)
            case "duplicate":
                touched = line.duplicate()
            case "half_open":
                touched = line.half_open()
            case "close":
                line.close()
                self._clearing.wait(self._chance.uniform(0.3, 1.5))
                line.open()
            case _:
                touched = line.cut(reset=fault == "reset")
        self.faults[fault] += min(touched, 1)
