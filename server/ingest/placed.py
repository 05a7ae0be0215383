"""What one transaction of ingest came to."""

from collections import Counter
from dataclasses import dataclass, field

from anganwadi.ids import Origin
from server.storage.origins import OriginState

Held = list[tuple[int, int]]


@dataclass
class Placed:
    """Whom to receipt, what became of the messages, and what somebody must hear of.

    `receipts` are the devices touched, each with the ranges that wait. `refused` counts reasons of quarantined frames.
    Of the devices `unfinished` more waits whose turn has come: place again, with nothing but them.
    """

    generation: int
    receipts: list[tuple[OriginState, Held]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    events: int = 0
    doubted: int = 0
    alarms: list[tuple[OriginState, str]] = field(default_factory=list)
    lost: list[tuple[OriginState, int, str]] = field(default_factory=list)
    unfinished: set[Origin] = field(default_factory=set)
