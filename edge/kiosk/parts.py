"""What a kiosk is made of below its pages, put together from its settings: stores, clock, keys, link."""

from dataclasses import dataclass

from anganwadi.ids import DistrictId, origin
from anganwadi.wire.login import KioskStatus
from edge.settings import KioskSettings
from edge.store.clock import CentreClock
from edge.store.documents import Documents
from edge.store.health import Health
from edge.store.key_none import NoKeys
from edge.store.key_provider import KeyProvider
from edge.store.key_tpm import TpmKeys
from edge.store.outbox import Outbox
from edge.store.recorder import Identity, Recorder
from edge.store.server_keys import FILE as ANNOUNCEMENT
from edge.store.server_keys import KnownServer
from edge.sync.admission import ServersDesk
from edge.sync.downlink import Downlink
from edge.sync.login import LogInDesk
from edge.sync.otp import OtpDesk
from edge.sync.uplink import Uplink
from provisioning.identity import read_keys, read_public_keys
from provisioning.root import read_public

KEY = "key"
"""The channel that announcements of a new sealing key come down on."""


@dataclass(frozen=True)
class Parts:
    """The parts of one kiosk; `start` and `stop` them together."""

    identity: Identity
    health: Health
    clock: CentreClock
    outbox: Outbox
    recorder: Recorder
    documents: Documents
    uplink: Uplink
    downlink: Downlink
    desk: ServersDesk
    keys: KeyProvider
    otp: OtpDesk

    def start(self) -> None:
        self.downlink.start()
        self.uplink.start()

    def stop(self) -> None:
        self.uplink.stop()
        self.downlink.stop()
        self.documents.close()
        self.outbox.close()


def assemble(settings: KioskSettings) -> Parts:
    """Open the stores; nothing is started yet.

    Raises:
        StoreError: a store cannot be opened.
        FileNotFoundError: a key file named in the settings is not there.
        KeysUnsafe: others may read the kiosk's own keys.
    """
    identity, health = _identity(settings), Health()
    clock = CentreClock(health)
    outbox = Outbox(
        settings.state_dir / "outbox.db",
        identity.genesis,
        epoch=identity.epoch,
        device=identity.device.public,
        health=health,
        clock=clock,
    )
    documents = Documents(settings.state_dir / "documents.db")
    recorder = Recorder(outbox, identity, settings.batch_events, settings.batch_seconds)

    def status() -> KioskStatus:
        """What the kiosk says of itself to the server."""
        # The key before the state: whatever was sealed to an older one is in the outbox by then.
        number = identity.sealing.number
        state = outbox.state()
        return KioskStatus(
            epoch=identity.epoch,
            recorded=state.recorded,
            unreceipted_since_ms=state.unreceipted_since_ms,
            unsafe_since_ms=state.unsafe_since_ms,
            sealing_key=number,
            oldest_key=number if state.oldest_key is None else state.oldest_key,
            notices=health.notices(),
            have=downlink.have(),
            parts=downlink.parts(),
        )

    uplink = Uplink(identity, settings.broker, outbox, recorder, status, settings=settings.link)
    downlink = Downlink(identity, uplink, documents)
    _listen_for_keys(recorder, uplink)
    return Parts(
        identity, health, clock, outbox, recorder, documents, uplink, downlink,
        LogInDesk(identity, uplink), _keys(settings, clock), OtpDesk(identity, uplink),
    )  # fmt: skip


def _identity(settings: KioskSettings) -> Identity:
    server = read_public_keys(settings.server_keys)
    district = DistrictId(settings.district)
    known = (
        server
        if settings.root_key is None
        else KnownServer(server, read_public(settings.root_key), district, settings.state_dir / ANNOUNCEMENT)
    )
    return Identity(
        district=district,
        origin=origin(settings.origin),
        epoch=settings.epoch,
        device=read_keys(settings.device_keys),
        server=known,
    )


def _listen_for_keys(recorder: Recorder, uplink: Uplink) -> None:
    """Adopt what the root announces, and let the server know."""

    def take(announced: bytes) -> None:
        if recorder.adopt(announced):
            uplink.say_status()

    uplink.listen(KEY, take)


def _keys(settings: KioskSettings, clock: CentreClock) -> KeyProvider:
    if settings.keys.provider == "tpm":
        return TpmKeys(settings.state_dir / "keys", settings.keys.tcti, clock.now)
    return NoKeys()
