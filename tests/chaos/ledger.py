"""What a driver saw: every answer of its kiosk, on the disk before it goes on.

An entry is what one request was to bring about, as tokens: `weighed:<person>:<grams>`, `meal_served:HCM:17`. It is
`accepted` where the kiosk said so (its `Aangan-Accepted` header named these types), or unanswered: the kiosk was killed
while the request was under way, and may or may not have accepted it. A refusal is no entry. What care a weight calls
for is the kiosk's to decide: a `care_decided` may follow it.
"""

import os
from collections import Counter
from pathlib import Path

import msgspec

from anganwadi import events
from anganwadi.events import AttendanceMarked, MealServed, RationCollected, RationRefused, Weighed

CARE = "care_decided"


class Entry(msgspec.Struct, frozen=True):
    tokens: tuple[str, ...]
    accepted: bool

    @property
    def readings(self) -> tuple[tuple[str, ...], ...]:
        """What the log may hold of it: where it was not answered, with the care that nobody was told of, or without."""
        may_have_care = not self.accepted and self.tokens and type_of(self.tokens[-1]) == "weighed"
        return (self.tokens, (*self.tokens, CARE)) if may_have_care else (self.tokens,)


class NotAsAsked(AssertionError):
    """The kiosk accepted other events than the request was for."""


class Ledger:
    """One driver's book, a line an entry."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._book = path.open("ab")
        self.accepted = 0
        """Events accepted so far."""

    def accept(self, tokens: tuple[str, ...], header: str) -> None:
        """Enter what was accepted.

        Raises:
            NotAsAsked: `header` (`type=count,...`) names other events than `tokens` do.
        """
        named = {kind: int(count) for kind, _, count in (part.partition("=") for part in header.split(","))}
        if named.get(CARE) == 1 and type_of(tokens[-1]) == "weighed":
            tokens = (*tokens, CARE)
        if named != Counter(map(type_of, tokens)):
            raise NotAsAsked(f"asked for {tokens}, accepted was {header}")
        self._write(Entry(tokens, accepted=True))
        self.accepted += len(tokens)

    def leave_open(self, tokens: tuple[str, ...]) -> None:
        """Enter a request that was not answered."""
        self._write(Entry(tokens, accepted=False))

    def close(self) -> None:
        self._book.close()

    def _write(self, entry: Entry) -> None:
        self._book.write(msgspec.json.encode(entry) + b"\n")
        self._book.flush()
        os.fsync(self._book.fileno())


def read(path: Path) -> list[Entry]:
    """The entries of a book."""
    if not path.exists():
        return []
    return [msgspec.json.decode(line, type=Entry) for line in path.read_bytes().splitlines()]


def type_of(token: str) -> str:
    """The event type a token begins with."""
    return token.partition(":")[0]


def token_of(kind: str, raw: bytes | None) -> str:
    """The token of an event as the server stored it; of one whose content is not in the log, its type alone."""
    if raw is None:
        return kind
    match events.decode(raw).body:
        case AttendanceMarked(person_id=who, present=present):
            return f"{kind}:{who}:{present}"
        case Weighed(person_id=who, grams=grams):
            return f"{kind}:{who}:{grams}"
        case MealServed(meal=meal, count=count):
            return f"{kind}:{meal}:{count}"
        case RationCollected(person_id=who) | RationRefused(person_id=who):
            return f"{kind}:{who}"
        case _:
            return kind
