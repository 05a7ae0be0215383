"""The first of ingest's two stages: whose message it is, and what it says.

Everything a message can do wrong by itself is found here, before anything is written: topic, form, signature, seal,
content, and what speaks against each event. No database is needed for it but to look up a device that is not
remembered (`Devices`), so that it can be done in a process that has none; where a device's chain stands is for the
second stage (`placing`) to find, inside its transaction.

    message -> Stranger   no device proved it its own
            -> Refused    a device's own, but not taken
            -> Unopened   a device's own frame that nobody can open: it will never be taken, but has its place
            -> Opened     events, each judged by itself
            -> GapTold    a device's word that events are lost
"""

import time
from datetime import datetime
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire import chain, frame, letters, topics
from anganwadi.wire.frame import BadFrame, Header, SealedFrame
from anganwadi.wire.gap import GAP, GapRecord
from anganwadi.wire.keys import PublicKeys, ServerSecrets
from anganwadi.wire.sealing import BadSignature, CannotOpen
from server.ingest.belief import Belief, Contents
from server.ingest.inbound import Inbound
from server.ingest.laps import Laps
from server.ingest.reasons import Reason

MOMENT_S = 1.0
"""How old the keys and the time may be by which messages are opened."""


class NotADevice(LookupError):
    """Nobody is enrolled under that name and epoch, or it is the server itself."""


class Device(msgspec.Struct, frozen=True, array_like=True):
    """What opening must know of an origin: never how far its chain is. `verify` is its Ed25519 key, 32 bytes."""

    origin: Origin
    epoch: int
    centre: CentreId
    verify: bytes

    @property
    def verify_key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.verify)


class Devices(Protocol):
    """Where devices are found."""

    def remembered(self, origin: Origin, epoch: int) -> Device | None:
        """The device as it was when it was looked up last, if it was."""
        ...

    def look_up(self, origin: Origin, epoch: int | None) -> Device:
        """The device as it is now, in its newest epoch if none is given.

        Raises:
            NotADevice: there is none.
        """
        ...


class Stranger(msgspec.Struct, frozen=True, array_like=True, tag=True):
    reason: str
    claimed: Origin | None


class Refused(msgspec.Struct, frozen=True, array_like=True, tag=True):
    device: Device
    reason: str


class Unopened(msgspec.Struct, frozen=True, array_like=True, tag=True):
    device: Device
    header: Header
    reason: str


class Opened(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """`chain_after` is the running hash after its events, if what the header says of those before is true."""

    device: Device
    header: Header
    contents: Contents
    chain_after: bytes


class GapTold(msgspec.Struct, frozen=True, array_like=True, tag=True):
    device: Device
    record: GapRecord


Found = Stranger | Refused | Unopened | Opened | GapTold


class Item(msgspec.Struct, frozen=True):
    """A message and what was found in it."""

    message: Inbound
    found: Found


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

    def __init__(self, devices: Devices, district: DistrictId, server: ServerSecrets, *, demo: bool) -> None:
        self._devices = devices
        self._district = district
        self._server = server
        self._demo = demo
        self._begun = 0.0
        self.laps = Laps()
        self.begin()

    def keep_up(self) -> None:
        """`begin`, where that is a moment ago."""
        if self._begun + MOMENT_S < time.monotonic():
            self.begin()

    def begin(self, now: datetime | None = None) -> None:
        """Take the keys and the time as they are now; to be called before each group of messages."""
        self._begun = time.monotonic()
        self._secrets = SecretsOfTheMoment(self._server)
        self._belief = Belief(demo=self._demo, now=now)

    def open(self, topic: str, payload: bytes) -> Found:
        """Find out whose a message is and what it says.

        Raises:
            sqlalchemy.exc.OperationalError: the database failed; try again.
        """
        laps = self.laps
        laps.begin()
        try:
            spoken = topics.parse_up(topic)
        except topics.BadTopic as error:
            return Stranger(str(error), None)
        if spoken.channel == GAP:
            return self._open_gap(payload, spoken.origin)
        try:
            sealed = frame.parse(payload)
            if (spoken.district, spoken.origin) != (sealed.header.district, sealed.header.origin):
                raise BadFrame(Reason.OTHER_TOPIC)
            laps.end("parse")
            device = self._authenticate(sealed)
        except (BadFrame, BadSignature, NotADevice) as error:
            return Stranger(str(error), spoken.origin)
        laps.end("verify")
        return self._unseal(device, sealed, laps)

    def open_again(self, payload: bytes, device: Device) -> Opened | Unopened:
        """Open a frame that was authenticated before, when it was put by."""
        return self._unseal(device, frame.parse(payload), Laps())

    def _authenticate(self, sealed: SealedFrame) -> Device:
        header = sealed.header
        if header.district != self._district:
            raise BadFrame(Reason.OTHER_TOPIC)
        remembered = self._devices.remembered(header.origin, header.epoch)
        device = remembered or self._devices.look_up(header.origin, header.epoch)
        try:
            sealed.authenticate(device)
        except BadSignature:
            if remembered is None:
                raise
            device = self._devices.look_up(header.origin, header.epoch)  # it may have been enrolled anew
            sealed.authenticate(device)
        return device

    def _unseal(self, device: Device, sealed: SealedFrame, laps: Laps) -> Opened | Unopened:
        try:
            raws = [bytes(raw) for raw in sealed.open(self._secrets)]
        except (CannotOpen, BadFrame) as error:
            return Unopened(device, sealed.header, str(error))
        laps.end("open")
        contents = self._belief.read(raws, device.centre)
        chain_after = chain.extend(sealed.header.chain_before, contents.hashes)
        laps.end("decode")
        return Opened(device, sealed.header, contents, chain_after)

    def _open_gap(self, payload: bytes, origin: Origin) -> Stranger | Refused | GapTold:
        """A gap is told in the device's newest epoch."""
        try:
            device = self._devices.look_up(origin, None)
            record = letters.read(payload, GAP, GapRecord, origin, device, self._secrets)
        except (letters.BadLetter, NotADevice) as error:
            return Stranger(str(error), origin)
        if record.epoch != device.epoch:
            return Refused(device, Reason.OTHER_EPOCH)
        return GapTold(device, record)
