"""Accepting one frame: whose it is, where it stands in its origin's chain, what it says; then into the log.

All of it happens inside the caller's transaction, so that a frame is stored whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, PersonRecord
from anganwadi.ids import DistrictId
from anganwadi.wire import chain, frame, topics
from anganwadi.wire.frame import BadFrame, Header, SealedFrame
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.sealing import BadSignature, CannotOpen
from server.storage import log as event_log
from server.storage import origins, quarantine, vault
from server.storage.log import LogRow
from server.storage.origins import OriginState

QUARANTINED = "quarantined"
"""The type under which the log keeps the place of an event that is in quarantine."""


class Quarantined(Exception):
    """A frame that is not taken; its text is the reason. `device` is set once a device proved the frame its own."""

    def __init__(self, reason: str, device: OriginState | None = None) -> None:
        super().__init__(reason)
        self.device = device


class Gap(Exception):
    """Events before these have not come yet; `origin` says how far it is stored, the kiosk sends the rest again."""

    def __init__(self, origin: OriginState) -> None:
        super().__init__("events before these are missing")
        self.origin = origin


@dataclass(frozen=True)
class Stored:
    """What a frame came to: its origin as it now stands, and how many events were new."""

    origin: OriginState
    new: int


class Acceptance:
    """Takes frames of one district into its log. Holds no state of its own but the server's keys."""

    def __init__(self, district: DistrictId, server: PrivateKeys, *, demo: bool) -> None:
        self._district = district
        self._server = server
        self._seal_id = server.public.seal_id
        self._demo = demo

    def accept(self, connection: sa.Connection, topic: str, payload: bytes, now_ms: int) -> Stored:
        """Take one frame.

        Raises:
            Quarantined: signature, device, chain or content is wrong.
            Gap: it stands ahead of events that are missing.
        """
        sealed = self._parse(topic, payload)
        origin = self._authenticate(connection, sealed)
        try:
            raws = self._open(sealed)
            new = self._place(connection, origin, sealed.header, raws)
        except Quarantined as reason:
            raise Quarantined(str(reason), origin) from reason
        if new:
            self._append(connection, origin, new, now_ms)
        origins.advance(connection, origin, now_ms)
        return Stored(origin, len(new))

    def _parse(self, topic: str, payload: bytes) -> SealedFrame:
        try:
            spoken = topics.parse_up(topic)
            sealed = frame.parse(payload)
        except (topics.BadTopic, BadFrame) as error:
            raise Quarantined(str(error)) from error
        header = sealed.header
        if (spoken.district, spoken.origin) != (
            header.district,
            header.origin,
        ) or header.district != self._district:
            raise Quarantined("the topic is not the header's device")
        return sealed

    def _authenticate(self, connection: sa.Connection, sealed: SealedFrame) -> OriginState:
        header = sealed.header
        origin = origins.find(connection, header.district, header.origin, header.epoch)
        if origin is None:
            raise Quarantined("no such device and epoch is enrolled")
        try:
            sealed.authenticate(origin.keys)
        except BadSignature as error:
            raise Quarantined(str(error)) from error
        return origin

    def _open(self, sealed: SealedFrame) -> list[bytes]:
        if sealed.header.key_id != self._seal_id:
            raise Quarantined("sealed to a key this server does not have")
        try:
            return [bytes(raw) for raw in sealed.open(self._server)]
        except (CannotOpen, BadFrame) as error:
            raise Quarantined(str(error)) from error

    def _place(
        self, connection: sa.Connection, origin: OriginState, header: Header, raws: Sequence[bytes]
    ) -> list[tuple[int, bytes, bytes]]:
        """The events not stored yet, as (sequence, hash, raw), after checking that all agree with the chain."""
        if header.first_sequence > origin.stored_through + 1:
            raise Gap(origin)
        numbered = [
            (n, chain.event_hash(raw), raw) for n, raw in enumerate(raws, start=header.first_sequence)
        ]
        old = [hashed for n, hashed, _ in numbered if n <= origin.stored_through]
        if old:
            last = header.first_sequence + len(old) - 1
            stored = event_log.hashes(
                connection, origin.district, origin.origin, origin.epoch, header.first_sequence, last
            )
            if stored != old:
                raise Quarantined("a fork: another event stands at this place, the device may be a copy")
        new = numbered[len(old) :]
        if new and chain.extend(header.chain_before, old) != origin.chain_head:
            raise Quarantined("a fork: what the device recorded before is not what is stored")
        return new

    def _append(
        self,
        connection: sa.Connection,
        origin: OriginState,
        new: Sequence[tuple[int, bytes, bytes]],
        now_ms: int,
    ) -> None:
        rows = [self._row(connection, origin, *each, now_ms) for each in new]
        event_log.append(connection, origin.district, origin.origin, origin.epoch, rows, now_ms)
        origin.stored_through = new[-1][0]
        origin.chain_head = chain.extend(origin.chain_head, [hashed for _, hashed, _ in new])

    def _row(
        self,
        connection: sa.Connection,
        origin: OriginState,
        sequence: int,
        hashed: bytes,
        raw: bytes,
        now_ms: int,
    ) -> LogRow:
        """The log row of one event; an event that cannot be taken goes into quarantine and only its place is kept."""
        try:
            event = events.decode(raw)
            self._believe(origin, event)
            if isinstance(event.body, PersonRecord):
                self._believe_person(connection, origin, event.body)
                vault.keep(connection, origin.district, event.body, now_ms)
                return LogRow(sequence, hashed, events.event_type(event.body), None)
        except (events.UnknownEvent, vault.UnknownPerson, Quarantined) as reason:
            quarantine.keep(connection, self._district, raw, str(reason), now_ms, origin, sequence)
            return LogRow(sequence, hashed, QUARANTINED, None)
        return LogRow(sequence, hashed, events.event_type(event.body), raw)

    def _believe(self, origin: OriginState, event: Event) -> None:
        if origin.centre_id is not None and event.centre_id != origin.centre_id:
            raise Quarantined("an event of another centre than the device's")
        if event.simulated and not self._demo:
            raise Quarantined("an event from simulated devices outside a demo district")

    def _believe_person(self, connection: sa.Connection, origin: OriginState, record: PersonRecord) -> None:
        if record.person is not None and record.person.person_id != record.person_id:
            raise Quarantined("a record of one person under another's id")
        if origin.centre_id is None:
            return
        registered = vault.centre_of(connection, origin.district, record.person_id)
        if registered not in (None, origin.centre_id):
            raise Quarantined("a record of somebody registered at another centre")
        if record.person is not None and record.person.centre_id != origin.centre_id:
            raise Quarantined("a registration at another centre than the device's")
