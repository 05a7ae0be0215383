"""What the kiosk's clocks say, and how far the wall clock is to be believed."""

import time
from pathlib import Path
from uuid import UUID

from anganwadi.wire.frame import Clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_RTC = Path("/dev/rtc0")


def read_clock() -> Clock:
    """Wall and monotonic milliseconds now, this boot's id, and the wall clock's quality: `ntp`, `rtc` or `unset`."""
    return Clock(
        wall_ms=time.time_ns() // 1_000_000,
        monotonic_ms=time.monotonic_ns() // 1_000_000,
        boot_id=UUID(_BOOT_ID.read_text().strip()).bytes,
        quality=_quality(),
    )


def _quality() -> str:
    if _SYNCHRONISED.exists():
        return "ntp"
    return "rtc" if _RTC.exists() else "unset"
