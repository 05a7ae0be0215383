"""What stands ahead of a gap, for the devices of one transaction: frames that wait, and frames that nobody can open.

A frame that a device signed but nobody can open would block its chain for ever: what the running hash is after it only
the device knows. So its place is given up as soon as a later frame of the same device comes, whose signed header says
what the hash is before that one: the server goes on from there, and the unopened frame stays in quarantine.
"""

from collections.abc import Collection

import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import frame
from anganwadi.wire.frame import Header
from server.ingest.chains import Chain
from server.storage import quarantine, waiting
from server.storage.origins import OriginState
from server.storage.waiting import Waiting

Key = tuple[Origin, int]


class Backlog:
    """The waiting frames of some devices, read at the transaction's beginning and kept up with it."""

    def __init__(
        self, connection: sa.Connection, district: DistrictId, names: Collection[Origin], now_ms: int
    ) -> None:
        self._connection = connection
        self._district = district
        self._now_ms = now_ms
        self._waiting = waiting.of(connection, district, names)
        self._unopened: dict[Key, list[tuple[int, int]]] = {}

    def places(self, state: OriginState) -> list[Waiting]:
        """What waits of this device, in order."""
        return self._waiting.setdefault((state.origin, state.epoch), [])

    def held(self, state: OriginState) -> list[tuple[int, int]]:
        """What its receipt says of them."""
        return waiting.held(self.places(state), state.stored_through)

    def has_room(self, state: OriginState, place: Waiting) -> bool:
        """Whether one more may wait, in the stead of any with the same first place."""
        others = [each for each in self.places(state) if each.first != place.first]
        size = sum(each.size for each in others) + place.size
        return len(others) < waiting.MAX_FRAMES and size <= waiting.MAX_BYTES

    def keep(self, state: OriginState, place: Waiting, payload: bytes) -> None:
        """Let a frame wait, in the stead of any with the same first place."""
        others = [each for each in self.places(state) if each.first != place.first]
        self._waiting[state.origin, state.epoch] = sorted([*others, place], key=lambda each: each.first)
        waiting.keep(
            self._connection, self._district, state.origin, state.epoch, place, payload, self._now_ms
        )

    def peek(self, state: OriginState, place: Waiting) -> bytes:
        """The frame that waits there."""
        return waiting.frame_at(self._connection, self._district, state.origin, state.epoch, place.first)

    def take(self, state: OriginState, place: Waiting) -> bytes:
        """The frame that waits there; it waits no more."""
        payload = self.peek(state, place)
        self.places(state).remove(place)
        waiting.forget(self._connection, self._district, state.origin, state.epoch, place.first)
        return payload

    def due(self, chain: Chain) -> Waiting | None:
        """The next waiting frame, if its turn has come."""
        places = self.places(chain.state)
        return places[0] if places and self.reaches(chain, places[0].first) else None

    def reaches(self, chain: Chain, first: int) -> bool:
        """Whether nothing is missing before `first` but what nobody can open."""
        through = chain.state.stored_through
        if first <= through + 1:
            return True
        for start, end in sorted(self._unopened_of(chain.state)):
            if start > through + 1:
                break
            through = max(through, end)
        return first <= through + 1

    def note_unopened(self, state: OriginState, header: Header) -> None:
        """A frame of this device was put into quarantine because nobody can open it."""
        self._unopened_of(state).append((header.first_sequence, header.last_sequence))

    def _unopened_of(self, state: OriginState) -> list[tuple[int, int]]:
        key = state.origin, state.epoch
        if key not in self._unopened:
            kept = quarantine.unopened(self._connection, self._district, *key)
            headers = [frame.parse(each).header for each in kept]
            self._unopened[key] = [(each.first_sequence, each.last_sequence) for each in headers]
        return self._unopened[key]
