"""Turning events that fit into their chain into rows of the log: each believed, put apart, or put into quarantine.

Everybody an event names must be known at the device's centre; a person whom nobody knows yet may be registered by a
person record earlier in the same chain. What identifies a person goes into the vault, or to the unmatched rations, and
the log keeps only that it came.
"""

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, PersonRecord, RationWithoutRoster
from anganwadi.ids import CentreId, DistrictId, PersonId
from server.ingest import belief, rations
from server.ingest.acquaintance import Acquaintance, Answer, family
from server.ingest.belief import Contents
from server.ingest.reasons import NOT_KEPT, Reason
from server.storage import quarantine, vault
from server.storage.log import QUARANTINED
from server.storage.origins import OriginState
from server.storage.quarantine import Doubted

Settled = tuple[list[str], list[bytes | None]]
"""The types and contents that the log keeps, of one length."""


class Settler:
    """Settles the events of one transaction. `own` are events that the server has to record itself because of them."""

    def __init__(
        self, connection: sa.Connection, district: DistrictId, acquaintance: Acquaintance, now_ms: int
    ) -> None:
        self._connection = connection
        self._district = district
        self._acquaintance = acquaintance
        self._now_ms = now_ms
        self.own: list[Event] = []
        self.doubted = 0

    def settle(
        self, state: OriginState, centre: CentreId, first: int, contents: Contents, known: int
    ) -> Settled:
        """Settle these events but for the first `known`, which are stored; `first` is the first one's sequence."""
        suspicious = contents.doubts or contents.identifying
        if not suspicious and self._acquaintance.knows_all(centre, contents):
            return contents.types[known:], [*contents.raws[known:]]
        types: list[str] = []
        raws: list[bytes | None] = []
        doubted: list[Doubted] = []
        answer = self._ask(centre, contents)
        for n in range(known, len(contents.raws)):
            raw = contents.raws[n]
            reason = contents.doubts.get(n) or self._doubt_or_put_apart(
                state, centre, first + n, events.decode(raw), answer
            )
            if reason is not None:
                about = self._about(centre, raw)
                doubted.append(Doubted(first + n, raw, reason, about, content=reason not in NOT_KEPT))
            types.append(contents.types[n] if reason is None else QUARANTINED)
            raws.append(raw if reason is None and n not in contents.identifying else None)
        quarantine.keep_events(self._connection, self._district, doubted, self._now_ms, state)
        self.doubted += len(doubted)
        return types, raws

    def _ask(self, centre: CentreId, contents: Contents) -> Answer:
        also: list[PersonId] = []
        for n in contents.identifying:
            body = events.decode(contents.raws[n]).body
            if isinstance(body, PersonRecord) and body.person is not None:
                also += family(body.person)
        return self._acquaintance.ask(self._connection, centre, contents, also)

    def _doubt_or_put_apart(
        self, state: OriginState, centre: CentreId, sequence: int, event: Event, answer: Answer
    ) -> Reason | None:
        doubt = answer.doubt(event, centre)
        if doubt is not None:
            return doubt
        if isinstance(event.body, PersonRecord):
            return self._into_vault(centre, event.body, answer)
        if isinstance(event.body, RationWithoutRoster):
            place = state.origin, state.epoch, sequence
            own = rations.keep(self._connection, self._district, place, event, event.body, self._now_ms)
            self.own += [] if own is None else [own]
        return None

    def _into_vault(self, centre: CentreId, record: PersonRecord, answer: Answer) -> Reason | None:
        if record.person_id in answer.erased:
            return None
        try:
            vault.keep(self._connection, self._district, record, self._now_ms)
        except vault.UnknownPerson:  # erased since we last asked
            return Reason.UNKNOWN_PERSON
        self._acquaintance.register(centre, record.person_id)
        return None

    def _about(self, centre: CentreId, raw: bytes) -> PersonId | None:
        """Whom a doubted event is about, so that it goes when she is erased."""
        person = belief.about(raw)
        if person is not None:
            return person
        try:
            body = events.decode(raw).body
        except events.UnknownEvent:
            return None
        if not isinstance(body, RationWithoutRoster):
            return None
        holder = rations.holder_of(self._connection, self._district, centre, body)
        return None if holder is None else holder.person_id
