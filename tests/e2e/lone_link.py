"""A kiosk's store and link without its pages, behind the fault proxy, and a server's ingest: what the tests of the line
stand on."""

import atexit
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import msgspec
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import DistrictId, Origin, PersonId, WorkerId
from anganwadi.wire import topics
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import KioskStatus
from edge.settings import LinkSettings
from edge.store.centre import CentreStore
from edge.store.outbox import Outbox
from edge.store.recorder import Accepted, Identity, Recorder
from edge.sync.uplink import Uplink
from provisioning.configuration import Broker
from provisioning.demo_facts import CENTRE_ID
from server.ingest.broker import BrokerLink
from server.ingest.worker import Inbound, IngestWorker
from server.seed import district as demo
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, origins, own_origin, tables

KIOSK = Origin("kiosk-a")
WORKER = WorkerId(f"w-{CENTRE_ID}-aww")


class Prepared(msgspec.Struct, frozen=True):
    """A district's keys, and the folder with its database: migrated, its kiosk enrolled, its centre seeded."""

    keys: PrivateKeys
    device: PrivateKeys
    folder: Path


@cache
def prepared(district: DistrictId) -> Prepared:
    """Made once; every server starts from a copy of it."""
    folder = Path(tempfile.mkdtemp(prefix="aangan-lone-"))
    atexit.register(shutil.rmtree, folder)
    keys, device = PrivateKeys.generate(), PrivateKeys.generate()
    (folder / "db.key").write_text("cd" * 32)
    engine = databases.connect(_database(folder))
    migrations.migrate(engine)
    with databases.writing(engine) as connection:
        own_origin.enrol_self(connection, district, keys.public)
        origins.register(connection, district, KIOSK, 1, CENTRE_ID, device.public)
    demo.seed(engine, district)
    engine.dispose()
    return Prepared(keys, device, folder)


class LoneServer:
    """Database, broker link and ingest; a status is answered with the receipt."""

    def __init__(self, folder: Path, broker) -> None:
        self.district = broker.district
        made = prepared(self.district)
        shutil.copytree(made.folder, folder)
        self.engine = databases.connect(_database(folder))
        self.link = BrokerLink(settings_for(broker, "server"), self.district, kiosks=lambda: [KIOSK])
        self.ingest = IngestWorker(
            self.engine, self.district, made.keys, self.link.publish, lambda: None, demo=True
        )
        self.link.route("frame", self.ingest.submit)
        self.link.route("status", self._answer)

    def start(self) -> None:
        self.ingest.start()
        self.link.start()

    def stop(self) -> None:
        self.link.stop()
        if self.ingest.is_alive():
            self.ingest.stop()
        self.engine.dispose()

    def stored(self) -> list[int]:
        """The sequences of the kiosk's events in the log, in order of arrival."""
        log = tables.events
        query = sa.select(log.c.sequence).where(log.c.origin == KIOSK).order_by(log.c.position)
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def people(self) -> list[PersonId]:
        """The people of the kiosk's centre."""
        with self.engine.connect() as connection:
            return [
                PersonId(each) for each in connection.execute(sa.select(tables.persons.c.person_id)).scalars()
            ]

    def _answer(self, message: Inbound) -> None:
        origin = topics.parse_up(message.topic).origin
        with self.engine.connect() as connection:
            device = origins.current(connection, self.district, origin)
            assert device is not None
            self.ingest.receipt(device, origins.generation(connection, self.district))
        message.acknowledge()


class LoneKiosk:
    """Outbox, recorder and link, as `edge.kiosk.session.Kiosk` puts them together."""

    def __init__(
        self,
        folder: Path,
        broker: Broker,
        district: DistrictId,
        *,
        batch_seconds: float,
        settings: LinkSettings | None = None,
    ) -> None:
        made = prepared(district)
        self.identity = Identity(district, KIOSK, 1, made.device, made.keys.public)
        self.outbox = Outbox(folder / "outbox.db", self.identity.genesis)
        self.recorder = Recorder(self.outbox, self.identity, 50, batch_seconds)
        self._journal = CentreStore(folder / "centre.db", bytes(32))
        self.uplink = Uplink(
            self.identity, broker, self.outbox, self.recorder, self._status, settings=settings
        )

    def record(self, bodies: Sequence[events.Body], at: datetime | None = None) -> list[Accepted]:
        happened = [
            events.new_event(
                body,
                centre_id=CENTRE_ID,
                worker_id=WORKER,
                at=at or datetime.now(UTC),
                simulated=True,
                proof=events.Proof.SERVER,
            )
            for body in bodies
        ]
        return self.recorder.record(happened, date.today(), self._journal)

    def close(self) -> None:
        self.uplink.stop()
        with closing(self._journal), closing(self.outbox):
            pass

    def _status(self) -> KioskStatus:
        state = self.outbox.state()
        return KioskStatus(
            epoch=1,
            recorded=state.recorded,
            unreceipted_since_ms=state.unreceipted_since_ms,
            unsafe_since_ms=state.unsafe_since_ms,
            have={"roster": 12, "settings": 3, "forms": 2, "messages": 7},
        )


def _database(folder: Path) -> Database:
    return Database(path=folder / "server.db", key_file=folder / "db.key")


def settings_for(broker, name: str, port: int | None = None) -> Broker:
    owned = broker.credentials(name)
    return Broker(
        host=broker.host,
        port=port or broker.port,
        ca=broker.ca,
        certificate=owned.certificate,
        key=owned.key,
    )


def wait_for(condition, limit_s: float = 15.0) -> None:
    """Wait until `condition` holds; fail where it does not within `limit_s`."""
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.02)
