"""Taking something out of quarantine: what was doubted wrongly, or has become true since, enters the log after all.

The kiosk's chain has gone on, so the server records it as an event of its own, `QuarantineReleased`, which holds the
event's bytes and the place they had. What identifies a person goes where it always does: the log keeps only that it
came. An event is released once, however often it is asked for and in however many frames it came.

Each event is judged again by the rules of ingest, as things are now. `force` takes it in spite of what speaks against
it, and frames of a forked or retired device at all; nothing takes what no kiosk may say.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, PersonRecord, Proof, QuarantineReleased, RationWithoutRoster
from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, PersonId, WorkerId
from anganwadi.wire import chain, frame
from anganwadi.wire.frame import BadFrame
from anganwadi.wire.keys import ServerSecrets
from anganwadi.wire.sealing import CannotOpen
from server.ingest import rations
from server.ingest.acquaintance import Acquaintance, family
from server.ingest.belief import Belief
from server.ingest.reasons import FORKS, NEVER_TAKEN, Reason
from server.storage import log, origins, own_origin, quarantine, vault
from server.storage.quarantine import Kept

OPERATOR = WorkerId("operator")
"""Who releases: whoever may run commands on the server."""

ON_REQUEST = (*FORKS, Reason.RETIRED)
"""Frames that are opened only if that is insisted on."""

_MOST_BYTES = 1 << 20
"""What a `QuarantineReleased` can hold."""


class NotReleased(ValueError):
    """It stays in quarantine; the text says why."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of one row: how many events entered the log, and why others did not."""

    released: int
    refused: tuple[str, ...] = ()


def release(
    connection: sa.Connection,
    district: DistrictId,
    server: ServerSecrets,
    row: Kept,
    *,
    demo: bool,
    force: bool = False,
) -> Outcome:
    """Release a row of the quarantine. The caller holds a writing transaction.

    Raises:
        NotReleased: nothing in it can be.
    """
    log.lock(connection)
    if row.released_ms is not None:
        return Outcome(0)
    releasing = _Releasing(connection, district, row, demo=demo, force=force)
    if row.content is None:
        raise NotReleased("nothing of it was kept but its hash")
    if row.sequence is not None:
        outcome = releasing.events(row.sequence, [row.content])
    else:
        outcome = releasing.frame(row.content, server)
    if not outcome.refused:
        quarantine.mark_released(connection, district, row, releasing.now_ms)
    return outcome


class _Releasing:
    def __init__(
        self, connection: sa.Connection, district: DistrictId, row: Kept, *, demo: bool, force: bool
    ) -> None:
        state = None
        if row.origin is not None and row.epoch is not None:
            state = origins.find(connection, district, row.origin, row.epoch)
        if state is None or state.centre_id is None:
            raise NotReleased("no device proved it its own")
        self._connection = connection
        self._district = district
        self._row = row
        self._state = state
        self._centre: CentreId = state.centre_id
        self._force = force
        now = datetime.now(UTC)
        self.now_ms = round(now.timestamp() * 1000)
        self._now = now
        self._belief = Belief(demo=demo, now=now)
        self._acquaintance = Acquaintance(district)
        self._acquaintance.meet(connection, {self._centre})

    def frame(self, content: bytes, server: ServerSecrets) -> Outcome:
        """Open a frame and release its events."""
        if self._row.reason in ON_REQUEST and not self._force:
            raise NotReleased(f"{self._row.reason}: look into it, then --force")
        try:
            sealed = frame.parse(content)
            raws = [bytes(raw) for raw in sealed.open(server)]
        except (BadFrame, CannotOpen) as error:
            raise NotReleased(str(error)) from error
        return self.events(sealed.header.first_sequence, raws)

    def events(self, first: int, raws: Sequence[bytes]) -> Outcome:
        """Release those that are not in the log already."""
        state = self._state
        stored = log.marks(
            self._connection, self._district, state.origin, state.epoch, first, first + len(raws) - 1
        )
        released = 0
        refused: list[str] = []
        for sequence, raw in enumerate(raws, start=first):
            hashed, kind = stored.get(sequence, (b"", log.QUARANTINED))
            if hashed == chain.event_hash(raw) and kind != log.QUARANTINED:
                continue
            if quarantine.is_released(self._connection, self._district, raw):
                continue
            try:
                self._event(sequence, raw)
                released += 1
            except NotReleased as reason:
                refused.append(str(reason))
        return Outcome(released, tuple(refused))

    def _event(self, sequence: int, raw: bytes) -> None:
        try:
            event = events.decode(raw)
        except events.UnknownEvent as error:
            raise NotReleased(str(error)) from error
        doubt = self._doubt(event, raw)
        if doubt in NEVER_TAKEN or (doubt is not None and not self._force) or len(raw) > _MOST_BYTES:
            raise NotReleased(doubt or "an event larger than any may be")
        self._record(sequence, raw, event)
        if self._row.sequence is None:
            quarantine.note_released(self._connection, self._district, self._row, sequence, raw, self.now_ms)

    def _doubt(self, event: Event, raw: bytes) -> Reason | None:
        body = event.body
        also = family(body.person) if isinstance(body, PersonRecord) and body.person is not None else []
        contents = self._belief.read([raw], self._centre)
        answer = self._acquaintance.ask(self._connection, self._centre, contents, also)
        return self._belief.doubt(event, self._centre) or answer.doubt(event, self._centre)

    def _record(self, sequence: int, raw: bytes, event: Event) -> None:
        body = event.body
        if isinstance(body, PersonRecord) and body.person is None and not self._is_registered(body.person_id):
            raise NotReleased(Reason.UNKNOWN_PERSON)
        place = self._state.origin, self._state.epoch, sequence
        own = events.new_event(
            QuarantineReleased(origin=place[0], epoch=place[1], sequence=sequence, raw=raw),
            centre_id=event.centre_id,
            worker_id=OPERATOR,
            at=self._now,
            simulated=event.simulated,
            proof=Proof.NONE,
        )
        ours = own_origin.record(self._connection, self._district, [own])
        if isinstance(body, PersonRecord):
            self._acquaintance.register(self._centre, body.person_id)
        if isinstance(body, RationWithoutRoster):
            at = SERVER_ORIGIN, own_origin.EPOCH, ours
            collected = rations.keep(self._connection, self._district, at, event, body, self.now_ms)
            if collected is not None:
                own_origin.record(self._connection, self._district, [collected])

    def _is_registered(self, person: PersonId) -> bool:
        return vault.centre_of(self._connection, self._district, person) is not None
