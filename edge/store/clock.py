"""The centre's time: what the kiosk's clocks say, how far they are to be believed, and what an event is stamped with.

A Raspberry Pi without a battery wakes in the past, and a clock may be set back while the kiosk runs. Two things are
known beside the wall clock: the signed time of the last receipt, and when the newest event here was recorded. Time
cannot be before either, so they are a floor, and since the monotonic clock goes on, the floor rises with it. A wall
clock below the floor is not used, and the worker is told.

`CentreClock` is the one clock of a kiosk: `now()` for whoever needs the time (an event's `at`, "today"), `read()` for a
frame's header. The outbox has it as `outbox.clock`, tells it what it kept and what receipts say.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from anganwadi.wire.frame import Clock
from anganwadi.wire.login import Notice
from edge.store.health import Health

TOLERANCE_MS = 2_000
"""How far the wall clock may lie below the floor before it counts as wrong; NTP steps back by less."""

AHEAD_MS = 600_000
"""How far it may lie above the server's signed time, which was a while under way, before it counts as wrong."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_RTC = Path("/dev/rtc0")


def wall_ms() -> int:
    """Milliseconds since 1970 by the machine's wall clock."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds since the machine's boot, whatever happens to the wall clock."""
    return time.monotonic_ns() // 1_000_000


def read_quality() -> str:
    """How far the wall clock is to be believed: `ntp`, `rtc` or `unset`."""
    if _SYNCHRONISED.exists():
        return "ntp"
    return "rtc" if _RTC.exists() else "unset"


class _Mark:
    """A time known to have come, on the monotonic clock's scale."""

    def __init__(self, at_ms: int, monotonic: int) -> None:
        self._at_ms = at_ms
        self._monotonic = monotonic

    def by(self, monotonic: int) -> int:
        """What time it is at the earliest."""
        return self._at_ms + monotonic - self._monotonic


class CentreClock:
    """The time at the centre. Thread-safe.

    While the wall clock lies more than `TOLERANCE_MS` below the floor, time is the floor and its quality `floor`.
    What was recorded here is no floor for a wall clock that the network sets (`ntp`), nor once a receipt says that it
    lay in the future: a clock that was ahead for a day must not hold the kiosk in that future.
    """

    def __init__(
        self,
        health: Health,
        *,
        wall: Callable[[], int] = wall_ms,
        monotonic: Callable[[], int] = monotonic_ms,
        quality: Callable[[], str] = read_quality,
    ) -> None:
        """`wall` and `monotonic` give milliseconds; CLOCK_WRONG is noted in `health`, and cleared."""
        self._health = health
        self._wall = wall
        self._monotonic = monotonic
        self._quality = quality
        self._boot_id = UUID(_BOOT_ID.read_text().strip()).bytes
        self._lock = threading.Lock()
        self._server = _Mark(0, self._monotonic())
        self._server_heard = False
        self._own = self._server

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.fromtimestamp(self.read().wall_ms / 1000, UTC)

    def read(self) -> Clock:
        """What a frame's header says of the time; `wall_ms` is never below the floor by more than the tolerance."""
        monotonic, wall, quality = self._monotonic(), self._wall(), self._quality()
        with self._lock:
            floor = self._server.by(monotonic)
            if quality != "ntp":
                floor = max(floor, self._own.by(monotonic))
            ahead = self._server_heard and wall - self._server.by(monotonic) > AHEAD_MS
        behind = wall < floor - TOLERANCE_MS
        (self._health.note if behind or ahead else self._health.clear)(Notice.CLOCK_WRONG)
        stamp, quality = (floor, "floor") if behind else (wall, quality)
        return Clock(max(stamp, 0), monotonic, self._boot_id, quality)

    def recall(self, server_ms: int, recorded_ms: int) -> None:
        """Start from what the store remembers: the newest signed time, and when its newest event was recorded."""
        monotonic = self._monotonic()
        with self._lock:
            self._server, self._own = _Mark(server_ms, monotonic), _Mark(recorded_ms, monotonic)

    def recorded(self, at_ms: int) -> None:
        """An event was recorded at `at_ms`, a time this clock gave."""
        monotonic = self._monotonic()
        with self._lock:
            if not (self._server_heard and at_ms > self._server.by(monotonic) + AHEAD_MS):
                self._own = _Mark(max(at_ms, self._own.by(monotonic)), monotonic)

    def heard(self, server_ms: int) -> None:
        """A verified receipt came whose signed time is newer than any before."""
        monotonic = self._monotonic()
        with self._lock:
            if self._own.by(monotonic) > server_ms + AHEAD_MS:
                self._own = _Mark(server_ms, monotonic)
            self._server = _Mark(max(server_ms, self._server.by(monotonic)), monotonic)
            self._server_heard = True
        self.read()
