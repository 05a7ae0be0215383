"""The documents of a kiosk: which version of each is the newest, and its parts, sealed and ready to send.

A version is a number that rises whenever the content changes. It is at least the time in seconds since 1970, so that a
server restored from a backup does not give out a number again that it gave to another content before. A kiosk's own
events change its roster only now and then, since it knows of them anyway: `IDENTITIES_AFTER`, `REGISTERS_AFTER`; and
another kiosk of the centre must not begin its transfer anew with every child weighed: `NEIGHBOURS_AFTER`.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import sqlalchemy as sa

from anganwadi.ids import CentreId
from anganwadi.wire import downlink
from anganwadi.wire.downlink import Kind, Name, Part
from server.downlink import forms, kiosk_settings, messages, roster
from server.storage import rotations, tables
from server.storage.engine import upsert, writing
from server.storage.origins import OriginState

IDENTITIES_AFTER = timedelta(hours=20)
"""How old a roster gets at most once the kiosk has enrolled or erased a face: then its journal can forget them."""

REGISTERS_AFTER = timedelta(days=14)
"""How old it gets once the kiosk has recorded anything; its journal keeps 62 days."""

NEIGHBOURS_AFTER = timedelta(minutes=10)
"""How old it gets at most once another kiosk of the centre has recorded a weight or a ration."""

REMEMBERED = 64
"""Long documents kept ready, sealed and cut, while kiosks fetch them."""

documents = tables.documents


class NotAKiosk(ValueError):
    """Documents are for a centre's kiosk with a data key: the server itself has neither."""


class Newest(msgspec.Struct, frozen=True):
    """The newest version of a document; `stored_through` are the kiosk's own events it knows of."""

    version: int
    epoch: int
    digest: bytes
    stored_through: int
    made_ms: int


class Library:
    """The documents of every kiosk of one district. For one thread."""

    def __init__(self, engine: sa.Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._now = now
        self._ready: OrderedDict[tuple[str, Kind], tuple[int, list[Part]]] = OrderedDict()
        self._marks: dict[str, tuple[roster.Stamp, roster.Mark]] = {}
        self._turned: set[CentreId] = set()

    def versions(self, device: OriginState, have: Mapping[str, int]) -> dict[Kind, int]:
        """The newest version of each document there is for `device`, after looking whether their contents changed.

        `have` are the versions the kiosk says it has: one higher than ours is of a life of this server that was lost,
        and gets a successor.

        Raises:
            NotAKiosk: `device` is none.
        """
        centre = _centre(device)
        self._begin_rotation(device, centre)
        with self._engine.connect() as connection:
            known = _known(connection, device)
            changed = {
                kind: found
                for kind in Kind
                if (found := self._changed(connection, device, centre, kind, known.get(kind), have))
                is not None
            }
        if changed:
            known |= self._raise(device, known, changed, have)
        return {kind: newest.version for kind, newest in known.items()}

    def parts(self, device: OriginState, kind: Kind) -> list[Part]:
        """The parts of the newest version; `versions` has been asked for it.

        Raises:
            NotAKiosk: `device` is none.
            BadDocument: it is longer than a document may be.
        """
        centre = _centre(device)
        with self._engine.connect() as connection:
            newest = _known(connection, device)[kind]
            place = (device.origin, kind)
            ready = self._ready.get(place)
            if ready is not None and ready[0] == newest.version:
                self._ready.move_to_end(place)
                return ready[1]
            content = self._content(connection, device, centre, kind, newest)
        name = Name(device.district, device.origin, kind, newest.version)
        parts = downlink.cut(downlink.seal(content, name, device.data_key or b""), name)
        if len(parts) > downlink.PARTS_AT_ONCE:
            self._ready[place] = newest.version, parts
            if len(self._ready) > REMEMBERED:
                self._ready.popitem(last=False)
        return parts

    def _begin_rotation(self, device: OriginState, centre: CentreId) -> None:
        """Draw the first secret that a centre's face templates are turned by, before its first roster is made."""
        if centre in self._turned:
            return
        with writing(self._engine) as connection:
            if rotations.current(connection, device.district, centre) is None:
                rotations.renew(connection, device.district, centre, round(self._now().timestamp() * 1000))
        self._turned.add(centre)

    def _changed(
        self,
        connection: sa.Connection,
        device: OriginState,
        centre: CentreId,
        kind: Kind,
        known: Newest | None,
        have: Mapping[str, int],
    ) -> bytes | None:
        """The digest of a document that must get a new version; None where the newest one still holds."""
        if kind is Kind.ROSTER:
            now = self._mark(connection, device, centre)
            said = msgspec.msgpack.encode(now)
        else:
            content = self._content(connection, device, centre, kind, known)
            if known is None and kind not in have and content == type(content)():
                return None  # there never was anything to say
            now, said = None, downlink.digest(content)
        if known is None or known.epoch != device.epoch or have.get(kind, 0) > known.version:
            return said
        if now is None:
            return None if known.digest == said else said
        return said if self._roster_is_old(connection, device, known, now) else None

    def _mark(self, connection: sa.Connection, device: OriginState, centre: CentreId) -> roster.Mark:
        """The mark of the roster, taken anew only where something came or went since."""
        stamp = roster.stamp(connection, device, centre)
        known = self._marks.get(device.origin)
        if known is None or known[0] != stamp:
            known = self._marks[device.origin] = stamp, roster.mark(connection, device, centre)
        return known[1]

    def _roster_is_old(
        self, connection: sa.Connection, device: OriginState, known: Newest, now: roster.Mark
    ) -> bool:
        was = msgspec.msgpack.decode(known.digest, type=roster.Mark)
        age = self._now() - datetime.fromtimestamp(known.made_ms / 1000, UTC)
        if was.office != now.office or (was.neighbours != now.neighbours and age >= NEIGHBOURS_AFTER):
            return True
        if device.stored_through == known.stored_through:
            return was.faces != now.faces
        if age >= REGISTERS_AFTER:
            return True
        own = roster.own_identities_since(connection, device, known.stored_through)
        return age >= IDENTITIES_AFTER if own else was.faces != now.faces

    def _raise(
        self,
        device: OriginState,
        known: Mapping[Kind, Newest],
        changed: Mapping[Kind, bytes],
        have: Mapping[str, int],
    ) -> dict[Kind, Newest]:
        now = self._now()
        raised = {
            kind: Newest(
                version=max(
                    known[kind].version + 1 if kind in known else 1,
                    have.get(kind, 0) + 1,
                    int(now.timestamp()),
                ),
                epoch=device.epoch,
                digest=said,
                stored_through=device.stored_through,
                made_ms=round(now.timestamp() * 1000),
            )
            for kind, said in changed.items()
        }
        key = {"district_id": device.district, "origin": device.origin}
        rows = [
            {**key, "kind": kind.value, **msgspec.structs.asdict(newest)} for kind, newest in raised.items()
        ]
        with writing(self._engine) as connection:
            upsert(connection, documents, rows)
        return raised

    def _content(
        self,
        connection: sa.Connection,
        device: OriginState,
        centre: CentreId,
        kind: Kind,
        newest: Newest | None,
    ) -> msgspec.Struct:
        match kind:
            case Kind.ROSTER:
                version, through = (0, 0) if newest is None else (newest.version, newest.stored_through)
                return roster.build(connection, device, centre, version, through)
            case Kind.SETTINGS:
                return kiosk_settings.for_kiosk(connection, device.district, centre)
            case Kind.FORMS:
                return forms.for_kiosks()
            case Kind.MESSAGES:
                return messages.for_kiosk(connection, device.district, centre, self._now())


def _centre(device: OriginState) -> CentreId:
    if device.centre_id is None or device.data_key is None:
        raise NotAKiosk(f"{device.origin} is not the kiosk of a centre")
    return device.centre_id


def _known(connection: sa.Connection, device: OriginState) -> dict[Kind, Newest]:
    rows = connection.execute(
        sa.select(documents).where(
            documents.c.district_id == device.district, documents.c.origin == device.origin
        )
    )
    return {
        Kind(row.kind): Newest(row.version, row.epoch, row.digest, row.stored_through, row.made_ms)
        for row in rows
    }
