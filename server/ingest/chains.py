"""One origin's chain within a transaction: as it is stored, and what comes behind it.

It is read anew, and locked, in every transaction: another ingest worker may have moved it on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from anganwadi.wire import chain
from anganwadi.wire.frame import Header
from server.ingest.reasons import Reason
from server.storage import log as event_log
from server.storage.log import NO_HASH, NewRows
from server.storage.origins import OriginState


class Fork(Exception):
    """The device says now what contradicts what it said before: it may have been copied."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)


@dataclass(frozen=True)
class Fit:
    """How a frame fits: how many of its events are stored already, and whether any of these came `late`: its place was
    given up, so that nobody can tell whether it is what belongs there."""

    known: int
    late: bool = False


class Chain:
    """Moves `state` on; what is new is put into `rows`."""

    def __init__(self, state: OriginState, rows: NewRows) -> None:
        self.state = state
        self._rows = rows
        self._in_database = state.stored_through
        self._added: list[bytes] = []

    @property
    def next(self) -> int:
        """The sequence that comes next."""
        return self.state.stored_through + 1

    def fit(self, connection: sa.Connection, header: Header, hashes: Sequence[bytes]) -> Fit:
        """How a frame fits that is not ahead of `next`.

        Raises:
            Fork: it does not.
        """
        known = max(0, min(header.count, self.next - header.first_sequence))
        late = False
        if known:
            stored = self._stored(connection, header.first_sequence, header.first_sequence + known - 1)
            for ours, theirs in zip(stored, hashes, strict=False):
                if ours == NO_HASH:
                    late = True
                elif ours != theirs:
                    raise Fork(Reason.OTHER_EVENT)
        if (
            known < header.count
            and chain.extend(header.chain_before, hashes[:known]) != self.state.chain_head
        ):
            raise Fork(Reason.OTHER_PAST)
        return Fit(known, late)

    def extend(
        self, hashes: Sequence[bytes], types: Sequence[str], raws: Sequence[bytes | None], head: bytes
    ) -> None:
        """Put events behind the chain; `head` is the running hash after them."""
        state = self.state
        self._rows.add(state.origin, state.epoch, self.next, hashes, types, raws)
        self._added += hashes
        state.stored_through += len(hashes)
        state.chain_head = head

    def give_up(self, through: int, kind: str, head: bytes) -> None:
        """Keep the places up to `through` for events whose bytes the server never saw; `head` is the device's own word
        for the running hash after them."""
        count = through - self.state.stored_through
        if count <= 0:
            return
        nothing = [NO_HASH] * count
        self._rows.add(
            self.state.origin, self.state.epoch, self.next, nothing, [kind] * count, [None] * count
        )
        self._added += nothing
        self.state.stored_through = through
        self.state.chain_head = head

    def _stored(self, connection: sa.Connection, first: int, last: int) -> list[bytes]:
        state, found = self.state, []
        if first <= self._in_database:
            found = event_log.hashes(
                connection, state.district, state.origin, state.epoch, first, min(last, self._in_database)
            )
        start = max(first, self._in_database + 1) - self._in_database - 1
        return found + self._added[start : max(start, last - self._in_database)]
