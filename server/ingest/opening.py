"""The first of ingest's two stages: whose message it is, and what it says.

Everything a message can do wrong by itself is found here, before anything is written: topic, form, signature, seal,
content, and what speaks against each event. No database is needed for it but to look up a device that is not
remembered; where its chain stands is for the second stage (`placing`) to find, inside its transaction.

    Inbound -> Stranger   no device proved it its own
            -> Refused    a device's own, but not taken
            -> Unopened   a device's own frame that nobody can open: it will never be taken, but has its place
            -> Opened     events, each judged by itself
            -> GapTold    a device's word that events are lost
"""

import threading
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire import frame, letters, topics
from anganwadi.wire.frame import BadFrame, Header, SealedFrame
from anganwadi.wire.gap import GAP, GapRecord
from anganwadi.wire.keys import PublicKeys, ServerSecrets
from anganwadi.wire.sealing import BadSignature, CannotOpen
from server.ingest.belief import Belief, Contents
from server.ingest.inbound import Inbound
from server.ingest.metrics import Laps
from server.ingest.reasons import Reason
from server.storage import origins
from server.storage.origins import OriginState
from server.storage.quarantine import BLOCKING

MOST_DEVICES = 50_000
"""Devices remembered, at most."""


class NotADevice(LookupError):
    """Nobody is enrolled under that name and epoch, or it is the server itself."""


class Device(msgspec.Struct, frozen=True):
    """What opening must know of an origin: never how far its chain is."""

    origin: Origin
    epoch: int
    centre: CentreId
    verify_key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Stranger:
    message: Inbound
    reason: str
    claimed: Origin | None


@dataclass(frozen=True, slots=True)
class Refused:
    message: Inbound
    device: Device
    reason: str


@dataclass(frozen=True, slots=True)
class Unopened:
    message: Inbound
    device: Device
    header: Header
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    message: Inbound
    device: Device
    header: Header
    contents: Contents


@dataclass(frozen=True, slots=True)
class GapTold:
    message: Inbound
    device: Device
    record: GapRecord


Item = Stranger | Refused | Unopened | Opened | GapTold


class SecretsOfTheMoment:
    """The server's keys as they are now, each asked for once; made anew for every group of messages."""

    def __init__(self, secrets: ServerSecrets) -> None:
        self._secrets = secrets
        self._opening: dict[bytes, X25519PrivateKey] = {}
        self.sign_key: Ed25519PrivateKey = secrets.sign_key

    @property
    def public(self) -> PublicKeys:
        return self._secrets.public

    def opening(self, key_id: bytes) -> X25519PrivateKey:
        """As `ServerSecrets.opening`."""
        key = self._opening.get(key_id)
        if key is None:
            key = self._opening[key_id] = self._secrets.opening(key_id)
        return key


class Opener:
    """Opens messages of one district, one at a time, for one thread or several."""

    def __init__(self, engine: sa.Engine, district: DistrictId, server: ServerSecrets, *, demo: bool) -> None:
        self._engine = engine
        self._district = district
        self._server = server
        self._demo = demo
        self._devices: dict[tuple[Origin, int], Device] | None = None
        self._lock = threading.Lock()
        self._laps = Laps()
        self.begin()

    def begin(self, now: datetime | None = None) -> None:
        """Take the keys and the time as they are now; to be called before each group of messages."""
        self._secrets = SecretsOfTheMoment(self._server)
        self._belief = Belief(demo=self._demo, now=now)

    def open(self, message: Inbound) -> Item:
        """Find out whose a message is and what it says.

        Raises:
            sqlalchemy.exc.OperationalError: the database failed; try again.
        """
        laps = self._laps
        laps.begin()
        try:
            spoken = topics.parse_up(message.topic)
        except topics.BadTopic as error:
            return Stranger(message, str(error), None)
        if spoken.channel == GAP:
            return self._open_gap(message, spoken.origin)
        try:
            sealed = frame.parse(message.payload)
            if (spoken.district, spoken.origin) != (sealed.header.district, sealed.header.origin):
                raise BadFrame(Reason.OTHER_TOPIC)
            laps.end("parse")
            device = self._authenticate(sealed)
        except (BadFrame, BadSignature, NotADevice) as error:
            return Stranger(message, str(error), spoken.origin)
        laps.end("verify")
        return self._unseal(message, device, sealed, laps)

    def tell(self) -> None:
        """Tell the metrics what `open` spent; on the thread that opens."""
        self._laps.tell()

    def open_again(self, payload: bytes, device: OriginState) -> Opened | Unopened:
        """Open a frame that was authenticated before, when it was put by."""
        return self._unseal(_put_by(payload), _device(device), frame.parse(payload), Laps())

    def set_aside(self, payload: bytes, device: OriginState, reason: str) -> Unopened:
        """A frame that was put by, and is not to be opened."""
        return Unopened(_put_by(payload), _device(device), frame.parse(payload).header, reason)

    def _authenticate(self, sealed: SealedFrame) -> Device:
        header = sealed.header
        if header.district != self._district:
            raise BadFrame(Reason.OTHER_TOPIC)
        remembered = self._remembered().get((header.origin, header.epoch))
        device = remembered or self._look_up(header.origin, header.epoch)
        try:
            sealed.authenticate(device)
        except BadSignature:
            if remembered is None:
                raise
            device = self._look_up(header.origin, header.epoch)  # it may have been enrolled anew
            sealed.authenticate(device)
        return device

    def _remembered(self) -> dict[tuple[Origin, int], Device]:
        """The devices by name and epoch; all of them are read at first, since they all come when a server starts."""
        with self._lock:
            if self._devices is None:
                with self._engine.connect() as connection:
                    found = origins.heard_last(connection, self._district, MOST_DEVICES)
                self._devices = {(each.origin, each.epoch): _device(each) for each in found}
            return self._devices

    def _look_up(self, origin: Origin, epoch: int | None) -> Device:
        with self._engine.connect() as connection:
            state = (
                origins.current(connection, self._district, origin)
                if epoch is None
                else origins.find(connection, self._district, origin, epoch)
            )
        if state is None:
            raise NotADevice(Reason.NOT_ENROLLED)
        device = _device(state)
        remembered = self._remembered()
        if len(remembered) >= MOST_DEVICES:
            remembered.clear()
        remembered[device.origin, device.epoch] = device
        return device

    def _unseal(self, message: Inbound, device: Device, sealed: SealedFrame, laps: Laps) -> Opened | Unopened:
        try:
            raws = [bytes(raw) for raw in sealed.open(self._secrets)]
        except (CannotOpen, BadFrame) as error:
            return Unopened(message, device, sealed.header, f"{BLOCKING}: {error}")
        laps.end("open")
        contents = self._belief.read(raws, device.centre)
        laps.end("decode")
        return Opened(message, device, sealed.header, contents)

    def _open_gap(self, message: Inbound, origin: Origin) -> Stranger | Refused | GapTold:
        """A gap is told in the device's newest epoch."""
        try:
            device = self._look_up(origin, None)
            record = letters.read(message.payload, GAP, GapRecord, origin, device, self._secrets)
        except (letters.BadLetter, NotADevice) as error:
            return Stranger(message, str(error), origin)
        if record.epoch != device.epoch:
            return Refused(message, device, Reason.OTHER_EPOCH)
        return GapTold(message, device, record)


def _put_by(payload: bytes) -> Inbound:
    """A frame out of the database: it was acknowledged when it came."""
    return Inbound("", payload, lambda: None)


def _device(state: OriginState) -> Device:
    if state.centre_id is None:
        raise NotADevice(Reason.OUR_OWN)
    return Device(state.origin, state.epoch, state.centre_id, state.keys.verify_key)
