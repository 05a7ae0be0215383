"""Whether a centre's kiosk is heard from, and when its silence is worth a supervisor's attention."""

from enum import StrEnum

QUIET_AFTER_MS = 65 * 60_000
"""An idle kiosk says twice an hour that it is there (`edge.settings.LinkSettings`): two such words were missed."""


class Freshness(StrEnum):
    NEVER = "never"
    HEARD = "heard"
    QUIET = "quiet"
    """Not heard for an hour, though the centre has not closed for the day."""
    RESTING = "resting"
    """Not heard for an hour, after the centre closed: it may be switched off."""


def freshness(last_heard_ms: int | None, now_ms: int, *, closed: bool) -> Freshness:
    if last_heard_ms is None:
        return Freshness.NEVER
    if now_ms - last_heard_ms <= QUIET_AFTER_MS:
        return Freshness.HEARD
    return Freshness.RESTING if closed else Freshness.QUIET
