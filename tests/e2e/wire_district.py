"""A server's parts and a kiosk's, in one process, over the real broker: what the tests of the wire stand on."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from anganwadi.ids import Origin
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.otp import OTP
from edge.kiosk.session import Kiosk
from edge.settings import KeySettings, KioskSettings
from provisioning.configuration import Broker
from provisioning.demo_facts import CENTRE_ID
from provisioning.files import write_private
from server.accounts.outbox import DemoOutbox
from server.ingest.broker import BrokerLink
from server.ingest.worker import IngestWorker
from server.leases.desk import LogInDesk
from server.otp.desk import OtpDesk
from server.seed import district as demo
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, origins, own_origin
from server.storage.projector import Projector

KIOSK = Origin("kiosk-a")
GRACE = timedelta(hours=72)


def wait_for(condition: Callable[[], object], limit_s: float = 15.0) -> None:
    """Wait until `condition` holds; fail where it does not within `limit_s`."""
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.02)


class ServerParts:
    """The server without its pages: database, broker link, ingest, log-in desk, projector."""

    def __init__(self, folder: Path, broker, keys: PrivateKeys) -> None:
        self._folder, self._broker_at, self._keys = folder, broker, keys
        (folder / "db.key").write_text("cd" * 32)
        self.engine = databases.connect(Database(path=folder / "server.db", key_file=folder / "db.key"))
        migrations.migrate(self.engine)

    def fill(self, device: PrivateKeys) -> None:
        with databases.writing(self.engine) as connection:
            own_origin.enrol_self(connection, self._broker_at.district, self._keys.public)
            origins.register(connection, self._broker_at.district, KIOSK, 1, CENTRE_ID, device.public)
        demo.seed(self.engine, self._broker_at.district)

    def start(self) -> None:
        district = self._broker_at.district
        self.link = BrokerLink(settings_for(self._broker_at, "server"), district)
        self.projector = Projector(self.engine, district)
        self.ingest = IngestWorker(
            self.engine, district, self._keys, self.link.publish, self.projector.wake, demo=True
        )
        self.desk = LogInDesk(
            self.engine, district, self._keys, self.link.publish, self.ingest.receipt, timedelta(hours=1),
            grace_for=GRACE,
        )  # fmt: skip
        self.outbox = DemoOutbox()
        self.otp = OtpDesk(self.engine, district, self._keys, self.link.publish, self.outbox)
        self.link.route(OTP, self.otp.submit)
        for channel in ("frame", "gap"):
            self.link.route(channel, self.ingest.submit)
        for channel in ("login", "status"):
            self.link.route(channel, self.desk.submit)
        for part in (self.projector, self.ingest, self.desk, self.otp, self.link):
            part.start()
        wait_for(self.link.is_up)

    def stop(self) -> None:
        for part in (self.link, self.otp, self.desk, self.ingest, self.projector):
            part.stop()


def settings_for(broker, name: str) -> Broker:
    owned = broker.credentials(name)
    return Broker(
        host=broker.host, port=broker.port, ca=broker.ca, certificate=owned.certificate, key=owned.key
    )


def open_kiosk(
    folder: Path, broker, server: PrivateKeys, device: PrivateKeys, keys: KeySettings | None = None
) -> Kiosk:
    """A kiosk over the real broker, its link up."""
    folder.mkdir(exist_ok=True)
    write_private(folder / "device.keys", msgspec.msgpack.encode(device))
    (folder / "server.pub").write_bytes(msgspec.msgpack.encode(server.public))
    kiosk = Kiosk(
        KioskSettings(
            district=broker.district,
            origin=KIOSK,
            centre_id=CENTRE_ID,
            state_dir=folder / "state",
            device_keys=folder / "device.keys",
            server_keys=folder / "server.pub",
            broker=settings_for(broker, KIOSK),
            batch_seconds=0.2,
            demo=True,
            keys=keys or KeySettings(),
        )
    )
    wait_for(lambda: kiosk.link().connected)
    return kiosk
