"""The second of ingest's two stages: a group of messages takes its places in the log, in one transaction.

Chains are read, and locked, at its beginning, moved on in memory by one message after the other, and written at its
end: all new events in one append, all chains in one update. Nothing that a message can do wrong is found while writing.

- A frame whose events are stored already is a duplicate, and receipted again; a batch over singles adds what is new.
- What contradicts the stored chain is a fork: quarantined with an alarm, and the chain stays as it is.
- A frame ahead of a gap waits (`backlog`), and takes its place in the transaction that closes the gap.
- A gap that its kiosk reports is closed by rows that say `lost`; what waits within it keeps its place.
"""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import frame
from anganwadi.wire.gap import GapRecord
from server.ingest.acquaintance import Acquaintance
from server.ingest.backlog import Backlog
from server.ingest.chains import Chain, Fork
from server.ingest.devices import device as device_of
from server.ingest.opening import (
    Device,
    GapTold,
    Item,
    Opened,
    Opener,
    Refused,
    Stranger,
    Unopened,
)
from server.ingest.placed import Placed
from server.ingest.reasons import FORKS, Reason
from server.ingest.settling import Settler
from server.storage import gaps, origins, own_origin, quarantine
from server.storage import log as event_log
from server.storage.log import LOST, QUARANTINED, NewRows
from server.storage.origins import OriginState
from server.storage.quarantine import BLOCKING
from server.storage.waiting import Waiting

MOST_DRAINED, MOST_DRAINED_BYTES = 200, 8 << 20
"""How many waiting frames, and bytes of events out of them, take their places in one transaction."""


def place(
    connection: sa.Connection,
    district: DistrictId,
    opener: Opener,
    acquaintance: Acquaintance,
    items: Sequence[Item],
    now_ms: int,
    also: Collection[Origin] = (),
    *,
    drained: int | None = None,
    aside: bool = False,
) -> "Placing":
    """Place messages in order, then what waits of the devices `also`, `drained` frames at most; or, if `aside`, put
    those into quarantine unread, since they broke a transaction. The caller has what came of it written, and commits,
    or rolls all of it back.

    Raises:
        sqlalchemy.exc.OperationalError: the database failed.
    """
    placing = Placing(connection, district, opener, acquaintance, items, now_ms, also)
    placing.frames_left = MOST_DRAINED if drained is None else drained
    placing.aside = aside
    for item in items:
        placing.take(item)
    placing.drain_all()
    return placing


class Placing:
    """A transaction's work; what is new lies in memory until `write`."""

    def __init__(
        self,
        connection: sa.Connection,
        district: DistrictId,
        opener: Opener,
        acquaintance: Acquaintance,
        items: Iterable[Item],
        now_ms: int,
        also: Collection[Origin],
    ) -> None:
        self._connection = connection
        self._district = district
        self._opener = opener
        self._now_ms = now_ms
        self._rows = NewRows()
        event_log.lock(connection)
        self._placed = Placed(origins.generation(connection, district))
        devices = [item.found.device for item in items if not isinstance(item.found, Stranger)]
        names = {device.origin for device in devices} | set(also)
        states = origins.locked(connection, district, names)
        self._chains = {key: Chain(state, self._rows) for key, state in states.items()}
        self._touched = {key for key, each in states.items() if key[0] in also and each.retired_ms is None}
        self._backlog = Backlog(connection, district, names, now_ms)
        acquaintance.meet(
            connection, {state.centre_id for state in states.values() if state.centre_id is not None}
        )
        self._settler = Settler(connection, district, acquaintance, now_ms)
        self.frames_left, self._bytes_left = MOST_DRAINED, MOST_DRAINED_BYTES
        self.aside = False

    def take(self, item: Item) -> None:
        """Deal with one message."""
        found, payload = item.found, item.message.payload
        if isinstance(found, Stranger):
            self._note_stranger(payload, found.reason, found.claimed)
            return
        chain = self._chain_of(found.device)
        if chain is None:
            self._note_stranger(payload, Reason.NOT_ENROLLED, found.device.origin)
        elif chain.state.retired_ms is not None:
            self._quarantine(chain.state, payload, Reason.RETIRED)
        else:
            self._touched.add((chain.state.origin, chain.state.epoch))
            self._dispatch(chain, found, payload)
            self._drain(chain)

    def drain_all(self) -> None:
        """Place what waits of every device touched."""
        for key in self._touched:
            self._drain(self._chains[key])

    def write(self) -> Placed:
        """Append what is new and write back how far the chains are.

        Raises:
            sqlalchemy.exc.OperationalError: the database failed.
        """
        placed = self._placed
        event_log.append_all(self._connection, self._district, self._rows, self._now_ms)
        if self._settler.own:
            own_origin.record(self._connection, self._district, self._settler.own)
        states = [self._chains[key].state for key in sorted(self._touched)]
        origins.advance_all(self._connection, states, self._now_ms)
        placed.receipts = [(state, self._backlog.held(state)) for state in states]
        placed.events = len(self._rows)
        placed.doubted = self._settler.doubted
        return placed

    def _chain_of(self, device: Device) -> Chain | None:
        return self._chains.get((device.origin, device.epoch))

    def _dispatch(self, chain: Chain, found: Refused | Unopened | Opened | GapTold, payload: bytes) -> None:
        match found:
            case Opened():
                self._frame(chain, found, payload)
            case Unopened(header=header) if header.last_sequence < chain.next:
                self._placed.outcomes["duplicate"] += 1
            case Unopened(header=header, reason=reason):
                self._backlog.note_unopened(chain.state, header)
                self._quarantine(chain.state, payload, f"{BLOCKING}: {reason}")
            case Refused(reason=reason):
                self._quarantine(chain.state, payload, reason)
            case GapTold(record=record):
                self._gap(chain, record, payload)

    def _frame(self, chain: Chain, opened: Opened, payload: bytes) -> None:
        header, contents, state = opened.header, opened.contents, chain.state
        try:
            if not self._backlog.reaches(chain, header.first_sequence):
                self._wait(chain, opened, payload)
                return
            chain.give_up(header.first_sequence - 1, QUARANTINED, header.chain_before)
            fit = chain.fit(self._connection, header, contents.hashes)
        except Fork as fork:
            self._alarm(state, payload, str(fork))
            return
        if fit.late:
            self._quarantine(state, payload, Reason.LATE)
        if fit.known == header.count:
            self._placed.outcomes["duplicate"] += not fit.late
            return
        hashes = contents.hashes[fit.known :]
        types, raws = self._settler.settle(
            state, opened.device.centre, header.first_sequence, contents, fit.known
        )
        chain.extend(hashes, types, raws, opened.chain_after)
        self._placed.outcomes["stored"] += 1

    def _wait(self, chain: Chain, opened: Opened, payload: bytes) -> None:
        state = chain.state
        place = Waiting(opened.header.first_sequence, opened.header.last_sequence, len(payload))
        same = next((each for each in self._backlog.places(state) if each.first == place.first), None)
        if same is not None and self._repeats(state, same, opened, payload) and same.last >= place.last:
            self._placed.outcomes["duplicate"] += 1
        elif not self._backlog.has_room(state, place):
            self._placed.outcomes["beyond_quota"] += 1
        else:
            self._backlog.keep(state, place, payload)
            self._placed.outcomes["waiting"] += 1

    def _repeats(self, state: OriginState, same: Waiting, opened: Opened, payload: bytes) -> bool:
        """Whether the frame that waits at the same place says the same; False if nobody can open it any more.

        Raises:
            Fork: it says something else.
        """
        kept = self._backlog.peek(state, same)
        if kept == payload:
            return True
        other = self._opener.open_again(kept, device_of(state))
        if isinstance(other, Unopened):
            return False
        pairs = zip(other.contents.hashes, opened.contents.hashes, strict=False)
        if other.header.chain_before != opened.header.chain_before or any(ours != new for ours, new in pairs):
            raise Fork(Reason.OTHER_EVENT)
        return True

    def _drain(self, chain: Chain) -> None:
        """Place what waits of this device, as far as its turn has come."""
        while (place := self._backlog.due(chain)) is not None:
            if self.frames_left <= 0 or self._bytes_left <= 0:
                self._placed.unfinished.add(chain.state.origin)
                return
            self._place_waiting(chain, place)

    def _place_waiting(self, chain: Chain, place: Waiting) -> None:
        payload = self._backlog.take(chain.state, place)
        self.frames_left -= 1
        device = device_of(chain.state)
        if self.aside:
            found = Unopened(device, frame.parse(payload).header, "it broke a transaction")
        else:
            found = self._opener.open_again(payload, device)
        if isinstance(found, Opened):
            self._bytes_left -= found.contents.size
        self._dispatch(chain, found, payload)

    def _gap(self, chain: Chain, record: GapRecord, payload: bytes) -> None:
        state = chain.state
        count = record.last - state.stored_through
        if count <= 0:
            self._placed.outcomes["duplicate"] += 1
        elif self._backlog.due(chain) is not None or not self._backlog.reaches(chain, record.first):
            self._placed.outcomes["gap_ahead"] += 1
        elif (
            count + gaps.lost_of(self._connection, self._district, state.origin, state.epoch) > gaps.MOST_LOST
        ):
            self._alarm(state, payload, Reason.TOO_MUCH_LOST)
        else:
            chain.give_up(record.first - 1, QUARANTINED, record.chain_after)
            self._close(chain, record, payload)

    def _close(self, chain: Chain, record: GapRecord, letter: bytes) -> None:
        """Close a gap whose turn has come: with what waits within it, and for the rest with rows that say `lost`."""
        state, first = chain.state, chain.next
        lost = 0
        while (place := self._first_within(chain, record.last)) is not None:
            before = frame.parse(self._backlog.peek(state, place)).header.chain_before
            lost += max(0, place.first - chain.next)
            chain.give_up(place.first - 1, LOST, before)
            self._place_waiting(chain, place)
        lost += max(0, record.last + 1 - chain.next)
        chain.give_up(record.last, LOST, record.chain_after)
        gaps.keep(
            self._connection, self._district, state.origin, state.epoch, (first, record.last), record.reason,
            letter, self._now_ms,
        )  # fmt: skip
        self._placed.lost.append((state, lost, record.reason.value))
        self._placed.outcomes["lost"] += 1

    def _first_within(self, chain: Chain, last: int) -> Waiting | None:
        places = self._backlog.places(chain.state)
        return places[0] if places and places[0].first <= last else None

    def _quarantine(self, state: OriginState, payload: bytes, reason: str) -> None:
        self._placed.outcomes["quarantined"] += 1
        self._placed.refused[reason] += 1
        quarantine.keep(self._connection, self._district, payload, reason, self._now_ms, state)

    def _alarm(self, state: OriginState, payload: bytes, reason: str) -> None:
        self._placed.outcomes["forked" if reason in FORKS else "quarantined"] += 1
        if quarantine.keep(
            self._connection, self._district, payload, reason, self._now_ms, state, alarm=True
        ):
            self._placed.alarms.append((state, reason))

    def _note_stranger(self, payload: bytes, reason: str, claimed: Origin | None) -> None:
        self._placed.outcomes["quarantined"] += 1
        self._placed.refused[reason] += 1
        quarantine.note(self._connection, self._district, payload, reason, self._now_ms, claimed)
