"""Sending documents down: a few parts each time a kiosk says what it lacks, and at once where something is new.

What a kiosk last said is remembered as long as the program runs; one that has said nothing yet is waited for.
"""

import time
from collections.abc import Callable, Mapping

import msgspec
import sqlalchemy as sa
import structlog

from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin
from anganwadi.wire import letters, topics
from anganwadi.wire.downlink import PART, PARTS_AT_ONCE, BadDocument, Kind
from anganwadi.wire.keys import Signer
from anganwadi.wire.login import KioskStatus, PartsHeld
from server.downlink.documents import Library, NotAKiosk
from server.storage import origins, tables
from server.storage.origins import OriginState

FIRST = (Kind.ROSTER, Kind.MESSAGES, Kind.SETTINGS, Kind.FORMS)
"""In which order they go."""

ON_ITS_WAY_S = 3.0
"""For how long the first parts are taken to be on their way, where a kiosk says that it has none of them."""

log = structlog.get_logger(__name__)


class _Said(msgspec.Struct):
    """What a kiosk said it has, and which versions were begun to be sent, and when. `all` says that it sent a status,
    not only asked for a log-in with its roster's version."""

    epoch: int
    all: bool
    have: dict[str, int]
    begun: dict[Kind, tuple[int, float]]


class Sender:
    """Sends documents to the kiosks of one district. For one thread."""

    def __init__(
        self,
        engine: sa.Engine,
        district: DistrictId,
        server: Signer,
        publish: Callable[[str, bytes], None],
        library: Library,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._district = district
        self._server = server
        self._publish = publish
        self._library = library
        self._clock = clock
        self._said: dict[Origin, _Said] = {}

    def newest_roster(self, device: OriginState, have: int) -> int:
        """The version of the newest roster for a kiosk that has `have`."""
        return self._library.versions(device, {Kind.ROSTER: have})[Kind.ROSTER]

    def answer(self, device: OriginState, status: KioskStatus) -> None:
        """Send the next parts of what the kiosk lacks by its status."""
        before = self._said.get(device.origin)
        begun = before.begun if before is not None and before.epoch == device.epoch else {}
        said = self._said[device.origin] = _Said(device.epoch, True, dict(status.have), begun)
        for kind, version in self._lacking(device, said.have).items():
            held = status.parts.get(kind)
            if not self._is_on_its_way(said, kind, version, held):
                self._send(device, kind, version, held)

    def offer(self, device: OriginState, roster: int | None = None) -> None:
        """Begin to send what is newer than what the kiosk has, where that was not begun before.

        `roster` is the version of the roster it says it has now. Of the other documents nothing is known before its
        first status, which brings them.
        """
        said = self._said.get(device.origin)
        if said is None or said.epoch != device.epoch:
            if roster is None:
                return
            said = self._said[device.origin] = _Said(device.epoch, False, {}, {})
        if roster is not None:
            said.have[Kind.ROSTER] = roster
        for kind, version in self._lacking(device, said.have).items():
            if (said.all or kind is Kind.ROSTER) and said.begun.get(kind, (0, 0.0))[0] != version:
                self._send(device, kind, version, None)

    def changed(self, centre: CentreId) -> None:
        """Something is new for the kiosks of `centre`: send it to those that are there."""
        query = sa.select(tables.origins.c.origin).where(
            tables.origins.c.district_id == self._district, tables.origins.c.centre_id == centre
        )
        with self._engine.connect() as connection:
            names = {Origin(name) for name in connection.execute(query).scalars()} & self._said.keys()
            devices = [origins.current(connection, self._district, name) for name in sorted(names)]
        for device in devices:
            if device is not None and device.retired_ms is None:
                self.offer(device)

    def _is_on_its_way(self, said: _Said, kind: Kind, version: int, held: PartsHeld | None) -> bool:
        """Whether what the kiosk is to get next was sent, and it only does not have it yet."""
        if held is not None and held.version == version:
            return held.coming
        begun, when = said.begun.get(kind, (0, 0.0))
        return begun == version and self._clock() - when < ON_ITS_WAY_S

    def _lacking(self, device: OriginState, have: Mapping[str, int]) -> dict[Kind, int]:
        try:
            versions = self._library.versions(device, have)
        except NotAKiosk:
            return {}
        return {kind: versions[kind] for kind in FIRST if have.get(kind, 0) < versions.get(kind, 0)}

    def _send(self, device: OriginState, kind: Kind, version: int, held: PartsHeld | None) -> None:
        """Send the first parts that are missing, and remember that this version is on its way."""
        try:
            parts = self._library.parts(device, kind)
        except BadDocument as error:
            log.error("document_not_sent", origin=device.origin, kind=kind, reason=str(error))
            return
        here = _numbers(held) if held is not None and held.version == version else set()
        missing = [part for part in parts if part.index not in here]
        for part in (missing or parts)[:PARTS_AT_ONCE]:
            letter = letters.write(PART, part, SERVER_ORIGIN, self._server, device.keys.seal)
            self._publish(topics.down(device.district, device.origin, PART), letter)
        self._said[device.origin].begun[kind] = version, self._clock()


def _numbers(held: PartsHeld) -> set[int]:
    """The numbers of the parts a kiosk says it holds."""
    return {number for first, last in held.held for number in range(max(first, 0), min(last, 4096) + 1)}
