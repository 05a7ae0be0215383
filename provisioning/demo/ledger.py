"""The driver's own book of what the kiosk accepted, and the four places where each event is then looked for.

Accepted is what the kiosk's answers said, in their order: the driver is the only one who uses this kiosk, so its n-th
accepted event is sequence n. It is never read back from the kiosk. Sealed is looked up in the outbox file right after
each answer; receipted is how far the kiosk's verified receipts reach; stored is what the server's log holds.
"""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec

ACCEPTED_HEADER = "Aangan-Accepted"


class Counts(msgspec.Struct, frozen=True):
    """One event type, in the four places; `stored` counts rows, and an event that is there twice is two."""

    type: str
    accepted: int
    sealed: int
    receipted: int
    stored: int


class ServerCounts(msgspec.Struct, frozen=True):
    """What `python -m server counts --json` says: rows a type, and each origin's sequences with their types."""

    types: dict[str, int]
    sequences: dict[str, list[tuple[int, str]]]


class Ledger:
    """The book of one kiosk in a fresh district; `outbox` is the kiosk's outbox file."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._accepted: list[str] = []
        self._sealed: set[int] = set()

    @property
    def last(self) -> int:
        """The sequence of the last event accepted."""
        return len(self._accepted)

    def note(self, header: str | None) -> Counter[str]:
        """Enter what one answer's `Aangan-Accepted` says, and look whether it is sealed on the disk by now."""
        types = parse_accepted(header)
        first = self.last + 1
        self._accepted += types
        if types:
            self._sealed |= self._sealed_between(first, self.last)
        return Counter(types)

    def receipted_through(self) -> int:
        """The last sequence that a receipt of the server covers."""
        return self._query("select stored_through from origin_state")[0][0]

    def counts(self, origin: str, server: ServerCounts) -> list[Counts]:
        """The four counts for each type that was accepted or is stored."""
        through = self.receipted_through()
        stored = Counter(kind for _, kind in server.sequences.get(origin, []))
        return [
            Counts(
                type=kind,
                accepted=len(mine := self._sequences(kind)),
                sealed=len(self._sealed & mine),
                receipted=sum(sequence <= through for sequence in mine),
                stored=stored[kind],
            )
            for kind in sorted({*self._accepted, *stored})
        ]

    def differences(self, origin: str, server: ServerCounts) -> list[str]:
        """Every way in which the server's log is not exactly what was accepted, a line each."""
        accepted = dict(enumerate(self._accepted, start=1))
        rows = server.sequences.get(origin, [])
        times = Counter(sequence for sequence, _ in rows)
        stored = dict(rows)
        found = [
            f"event {sequence} ({kind}) is not sealed"
            for sequence, kind in accepted.items()
            if sequence not in self._sealed
        ]
        found += [
            f"event {sequence} ({kind}) is not on the server"
            for sequence, kind in accepted.items()
            if sequence not in stored
        ]
        found += [
            f"event {sequence} is on the server {count} times"
            for sequence, count in times.items()
            if count > 1
        ]
        found += [
            f"event {sequence} is {kind} on the server, accepted as {accepted.get(sequence, 'nothing')}"
            for sequence, kind in rows
            if accepted.get(sequence) != kind
        ]
        if self.receipted_through() < self.last:
            found.append(f"receipts reach {self.receipted_through()} of {self.last}")
        return found

    def _sequences(self, kind: str) -> set[int]:
        return {sequence for sequence, each in enumerate(self._accepted, start=1) if each == kind}

    def _sealed_between(self, first: int, last: int) -> set[int]:
        safe = self._query("select safe_through from origin_state")[0][0]
        frames = self._query(
            "select first_sequence, last_sequence from frames where last_sequence >= ? and first_sequence <= ?",
            first,
            last,
        )
        covered = set(range(first, min(last, safe) + 1))
        for start, end in frames:
            covered |= set(range(max(start, first), min(end, last) + 1))
        return covered

    def _query(self, sql: str, *values: int) -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(f"file:{self._outbox}?mode=ro", uri=True, timeout=5)) as outbox:
            return outbox.execute(sql, values).fetchall()


def parse_accepted(header: str | None) -> list[str]:
    """`attendance=2,meal_served=1` as the types in order, each as often as it was accepted."""
    types: list[str] = []
    for part in filter(None, (header or "").split(",")):
        kind, _, count = part.strip().partition("=")
        types += [kind] * int(count)
    return types
