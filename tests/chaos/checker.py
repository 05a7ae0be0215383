"""Whether the server's log is what the drivers saw accepted: every event once, in its order, and nothing else.

The log of an origin has to be its ledger, entry after entry, where an unanswered entry may be there or not. If it is
not, the difference is named: events accepted and not stored are lost; events stored more often than asked for are
doubled; the same events in another order are out of order.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from tests.chaos.ledger import Entry


class Stored(msgspec.Struct, frozen=True):
    """An event in the log: its sequence, its position in the order of arrival, and what it is."""

    sequence: int
    position: int
    token: str


class Verdict(msgspec.Struct, frozen=True):
    """How one origin's log differs from its ledger; counts are events, `unanswered` requests."""

    captured: int
    stored: int
    lost: int
    doubled: int
    out_of_order: int
    unanswered: int

    @property
    def good(self) -> bool:
        return self.lost == self.doubled == self.out_of_order == 0

    def __add__(self, other: "Verdict") -> "Verdict":
        mine, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Verdict(*(one + another for one, another in zip(mine, theirs, strict=True)))


NOTHING = Verdict(0, 0, 0, 0, 0, 0)


def judge(ledger: Sequence[Entry], log: Sequence[Stored]) -> Verdict:
    """Compare one origin's log, in order of sequence, with its ledger."""
    tokens = [each.token for each in log]
    lost, doubled, misplaced = 0, 0, 0
    if not _is_walkable(ledger, tokens):
        accepted = Counter(token for entry in ledger if entry.accepted for token in entry.tokens)
        open_ones = Counter(token for entry in ledger if not entry.accepted for token in entry.readings[-1])
        lost = (accepted - Counter(tokens)).total()
        doubled = (Counter(tokens) - accepted - open_ones).total()
        misplaced = 0 if lost or doubled else len(tokens) - _walked(ledger, tokens)
    holes = log[-1].sequence - len(log) if log else 0
    late = sum(after.position < before.position for before, after in pairwise(log))
    return Verdict(
        captured=sum(len(entry.tokens) for entry in ledger if entry.accepted),
        stored=len(log),
        lost=max(lost, holes),
        doubled=doubled,
        out_of_order=misplaced + late,
        unanswered=sum(not entry.accepted for entry in ledger),
    )


def _is_walkable(ledger: Sequence[Entry], tokens: Sequence[str]) -> bool:
    """Whether the tokens are the ledger's, one entry after the other, with some of the unanswered left out."""
    places = {0}
    for entry in ledger:
        places = _after(entry, places, tokens)
    return len(tokens) in places


def _walked(ledger: Sequence[Entry], tokens: Sequence[str]) -> int:
    """How many tokens can be explained before the first that cannot."""
    places, furthest = {0}, 0
    for entry in ledger:
        places = _after(entry, places, tokens)
        if not places:
            break
        furthest = max(furthest, *places)
    return min(furthest, len(tokens) - 1)


def _after(entry: Entry, places: set[int], tokens: Sequence[str]) -> set[int]:
    """Where in the tokens one may stand after this entry."""
    taken = {
        at + len(reading)
        for reading in entry.readings
        for at in places
        if tuple(tokens[at : at + len(reading)]) == reading
    }
    return taken if entry.accepted else taken | places
