"""What a run came to: the numbers of `var/chaos.json`."""

import msgspec


class Kills(msgspec.Struct):
    kiosk: int = 0
    broker: int = 0
    server: int = 0
    between_commit_and_receipt: int = 0
    """of the server's"""

    @property
    def total(self) -> int:
        return self.kiosk + self.broker + self.server


class Restored(msgspec.Struct, frozen=True):
    """Events in the log when the database was lost, and after it was restored."""

    before: int
    after: int


class Result(msgspec.Struct, kw_only=True):
    minutes: float
    seed: int
    kills: Kills
    total_kills: int
    captured: int
    stored: int
    unanswered: int
    lost: int
    doubled: int
    out_of_order: int
    quarantined: int
    drained: bool
    restored: Restored | None
    faults: dict[str, int]
    deeds: dict[str, int]

    @property
    def good(self) -> bool:
        return self.lost == self.doubled == self.out_of_order == self.quarantined == 0
