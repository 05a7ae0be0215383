"""What happens when: a seeded list of kills, and of what the lines do, over the minutes of a run.

Kills are spread evenly with some play, so that each part lives long enough to do something. Around the restore the
server and the broker are left alone.
"""

import random
from collections.abc import Sequence

import msgspec

KILLS_A_MINUTE = 4.2
"""Of the kiosks together, of the broker, and of the server, each."""
BEFORE_RECEIPT = 0.75
"""The part of the server's kills that are to happen between a commit and its receipt."""
RESTORE_AT = 0.5
BACKUP_AT = 0.4
CALM_S = 14.0
"""Seconds around the restore without a kill of server or broker."""

SERVER, BROKER = "server", "broker"


class Kill(msgspec.Struct, frozen=True, order=True):
    """SIGKILL `part` at so many seconds; it stays down for `down_s`."""

    at: float
    part: str
    down_s: float
    before_receipt: bool = False


def kills(chance: random.Random, seconds: float, kiosks: Sequence[str]) -> list[Kill]:
    """The kills of a run, in order."""
    planned: list[Kill] = []
    for part in ("kiosk", BROKER, SERVER):
        for number, at in enumerate(_times(chance, seconds)):
            if part != "kiosk" and abs(at - seconds * RESTORE_AT) < CALM_S / 2:
                continue
            target = kiosks[number % len(kiosks)] if part == "kiosk" else part
            before_receipt = part == SERVER and number % 4 != 3
            planned.append(Kill(at, target, chance.uniform(0.0, 1.0), before_receipt))
    return sorted(planned)


def _times(chance: random.Random, seconds: float) -> list[float]:
    count = round(seconds / 60 * KILLS_A_MINUTE)
    step = seconds / count
    return [step * (number + 0.2 + 0.6 * chance.random()) for number in range(count)]
