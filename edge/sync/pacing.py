"""How much a kiosk puts on its line at a time, when it takes the line for dead, and when it says a thing again.

A backlog must not fill the line's buffers, or a fresh event waits behind it: what is under way is bounded to what the
line was measured to carry in `AHEAD_S`, and is one frame at least. The measure is the time between two
acknowledgements of the broker while something was under way the whole time.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

AHEAD_S = 1.5
"""Seconds of the line's measured rate that may be under way."""

SLOWEST = 500.0
"""Bytes a second: what a line is taken for until it was measured, and what it is never taken to be below."""

MEASURED_S = 0.4
"""The line is measured over so long at least: acknowledgements come in bunches."""

SHORT = 2000
"""Bytes that say nothing about a line when they were all there was: they measure its delay."""

PATIENCE_S = 20.0
"""A line on which nothing comes back for so long, beyond what the bytes under way need, is dead."""

RESEND_S = 15.0
"""How long what was sent rests before it is sent again on the same connection; twice as long each time."""

LONGEST_RESEND_S = 600.0

Clock = Callable[[], float]


class Delivery(Protocol):
    """What tells whether the broker acknowledged a message: paho's `MQTTMessageInfo`."""

    def is_published(self) -> bool: ...


@dataclass(frozen=True, eq=False)
class _UnderWay:
    delivery: Delivery
    size: int
    at: float


class Flight:
    """What is under way on the present connection, and how fast the line carries it. Thread-safe."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: list[_UnderWay] = []
        self._last_settled = 0.0
        self._measured_from = 0.0
        self._measured = 0
        self.rate = SLOWEST
        """Bytes a second."""

    def begin(self) -> None:
        """A new connection: nothing is under way."""
        with self._lock:
            self._under_way.clear()

    def add(self, delivery: Delivery, size: int) -> None:
        with self._lock:
            now = self._clock()
            if not self._under_way:
                self._measure_anew(now)
            self._under_way.append(_UnderWay(delivery, size, now))

    def settle(self) -> None:
        """Take note of what the broker acknowledged, and measure the line by it."""
        with self._lock:
            settled = [each for each in self._under_way if each.delivery.is_published()]
            if not settled:
                return
            self._under_way = [each for each in self._under_way if each not in settled]
            self._last_settled = self._clock()
            self._measured += sum(each.size for each in settled)
            self._measure(self._last_settled)

    def has_room(self, size: int) -> bool:
        """Whether a message of so many bytes may be sent now."""
        with self._lock:
            under_way = sum(each.size for each in self._under_way)
            return under_way == 0 or under_way + size <= self.rate * AHEAD_S

    def is_dead(self, silent_s: float) -> bool:
        """Whether what is under way should have been acknowledged by now; `silent_s` is how long nothing at all came
        from the broker."""
        self.settle()
        with self._lock:
            if not self._under_way:
                return False
            waited = self._clock() - max(self._under_way[0].at, self._last_settled)
            size = sum(each.size for each in self._under_way)
            if min(waited, silent_s) <= PATIENCE_S + size / self.rate:
                return False
            self.rate = max(self.rate / 2, SLOWEST)
            return True

    def _measure(self, now: float) -> None:
        seconds = now - self._measured_from
        if self._measured >= SHORT and (seconds >= MEASURED_S or not self._under_way):
            seen = self._measured / max(seconds, 1e-3)
            self.rate = max(0.5 * self.rate + 0.5 * seen, SLOWEST)
            self._measure_anew(now)

    def _measure_anew(self, now: float) -> None:
        self._measured_from, self._measured = now, 0


@dataclass
class _Sent:
    delivery: Delivery
    times: int
    acknowledged_at: float | None = None


class Resends:
    """When each thing that awaits a receipt was sent, and is due again. Thread-safe."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: dict[int | str, _Sent] = {}

    def is_due(self, key: int | str) -> bool:
        """Whether it was never sent, or has rested long enough since the broker acknowledged it."""
        with self._lock:
            sent = self._sent.get(key)
            if sent is None:
                return True
            if sent.acknowledged_at is None and sent.delivery.is_published():
                sent.acknowledged_at = self._clock()
            if sent.acknowledged_at is None:
                return False
            rest = min(RESEND_S * 2 ** (sent.times - 1), LONGEST_RESEND_S)
            return self._clock() - sent.acknowledged_at >= rest

    def note(self, key: int | str, delivery: Delivery) -> None:
        """It is being sent now."""
        with self._lock:
            before = self._sent.get(key)
            self._sent[key] = _Sent(delivery, 1 if before is None else before.times + 1)

    def heard(self, stored_through: int) -> None:
        """The server gave a sign: forget the frames it receipted, and let nothing rest longer than at first."""
        with self._lock:
            self._sent = {
                key: sent for key, sent in self._sent.items() if isinstance(key, str) or key > stored_through
            }
            for sent in self._sent.values():
                sent.times = 1

    def forget(self) -> None:
        """Everything is due at once: a new connection."""
        with self._lock:
            self._sent.clear()
