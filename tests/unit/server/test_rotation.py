"""Two months' new sealing keys, rehearsed with a real store on each side: one kiosk sleeps across both."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire import frame, receipt
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import KioskStatus
from edge.store.outbox import Outbox
from edge.store.recorder import Identity, Recorder
from edge.store.server_keys import KnownServer
from provisioning.identity import make_keys, read_keys
from provisioning.root import Root, read_public
from server import rotation
from server.keys import KeyRing
from server.leases import status
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, origins, tables
from server.storage.engine import writing
from tests.unit.server.ingest_district import CENTRE, DISTRICT, KIOSK, PEOPLE, WORKER, Ingest, Pen, fill

AWAKE = Origin("kiosk-b")
TODAY = date(2026, 11, 21)


@dataclass
class Server:
    """The district's server and its root: rotates, prunes, hears what kiosks say."""

    engine: sa.Engine
    ring: KeyRing
    root: Root
    ingest: Ingest
    folder: Path

    def rotate(self) -> None:
        """The month's procedure, by three hands."""
        rotation.ask(KeyRing(self.folder / "keys.msgpack"), DISTRICT, 1, self.folder / "request")
        _, signed = self.root.sign((self.folder / "request").read_bytes())
        public = read_public(self.folder / "root" / "root.pub")
        rotation.announce(self.engine, KeyRing(self.folder / "keys.msgpack"), DISTRICT, public, signed, 2)

    def prune(self) -> list[int]:
        return rotation.prune(self.engine, KeyRing(self.folder / "keys.msgpack"), DISTRICT, 3).deleted

    def waits_for(self) -> list[Origin]:
        return [need.origin for need in rotation.prune(self.engine, self.ring, DISTRICT, 3).waiting_for]

    def hear(self, device: Origin, said: KioskStatus) -> bytes | None:
        """What the log-in desk does with a status; the announcement it answers with, if any."""
        with writing(self.engine) as connection:
            state = origins.find(connection, DISTRICT, device, 1)
            assert state is not None
            status.keep(connection, state, said, 4)
        return self.ring.announcement() if said.sealing_key < self.ring.newest_number else None

    def back_up(self) -> None:
        """All that is stored is in a backup."""
        with writing(self.engine) as connection:
            connection.execute(sa.update(tables.origins).values(safe_through=tables.origins.c.stored_through))


@dataclass
class Kiosk:
    """A kiosk's store, and its link drawn by hand."""

    identity: Identity
    known: KnownServer
    outbox: Outbox
    recorder: Recorder

    def record(self, count: int) -> None:
        happened = [
            events.new_event(
                events.AttendanceMarked(TODAY, person, True),
                centre_id=CENTRE,
                worker_id=WORKER,
                at=datetime.now(UTC),
                simulated=False,
            )
            for person in PEOPLE[:count]
        ]
        self.recorder.record(happened, TODAY, None)
        self.recorder.flush()

    def says(self) -> KioskStatus:
        number, state = self.known.number, self.outbox.state()
        oldest = number if state.oldest_key is None else state.oldest_key
        return KioskStatus(epoch=1, recorded=state.recorded, sealing_key=number, oldest_key=oldest)

    def send(self, server: Server) -> receipt.Receipt:
        """Send all that waits, take the receipt."""
        server.ingest.take(*[each.frame for each in self.outbox.pending(100)])
        signed = server.ingest.published[-1][1]
        verified = receipt.verify(signed, self.known, DISTRICT, KIOSK, 1)
        self.outbox.apply(verified)
        return verified


@pytest.fixture
def device() -> PrivateKeys:
    return PrivateKeys.generate()


@pytest.fixture
def server(tmp_path: Path, device: PrivateKeys) -> Server:
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine)
    fill(engine, make_keys(tmp_path / "keys.msgpack"), device)
    with writing(engine) as connection:
        keys = PrivateKeys.generate().public
        origins.register(connection, DISTRICT, AWAKE, 1, CentreId("09123456702"), keys)
    ring = KeyRing(tmp_path / "keys.msgpack")
    root = Root.make(tmp_path / "root", DistrictId(DISTRICT))
    return Server(engine, ring, root, Ingest(engine, ring), tmp_path)  # type: ignore[arg-type]


@pytest.fixture
def kiosk(tmp_path: Path, server: Server, device: PrivateKeys) -> Kiosk:
    root = read_public(tmp_path / "root" / "root.pub")
    known = KnownServer(server.ring.public, root, DISTRICT, tmp_path / "kiosk" / "announcement")
    identity = Identity(DISTRICT, KIOSK, 1, device, known)
    outbox = Outbox(tmp_path / "kiosk" / "outbox.db", identity.genesis)
    return Kiosk(identity, known, outbox, Recorder(outbox, identity, batch_events=50, batch_seconds=60))


def said_by_the_other(number: int) -> KioskStatus:
    return KioskStatus(epoch=1, recorded=0, sealing_key=number, oldest_key=number)


def test_kiosk_that_slept_across_two_rotations_loses_nothing_and_moves_past_both(
    server: Server, kiosk: Kiosk
) -> None:
    kiosk.record(3)  # sealed to key 1; then it sleeps
    for number in (2, 3):
        server.rotate()
        assert server.ring.newest_number == number
        server.hear(AWAKE, said_by_the_other(number))
        assert server.prune() == []
        assert server.waits_for() == [KIOSK]

    assert kiosk.send(server).stored_through == 3  # it wakes: what it had sealed to key 1 still opens
    announced = server.hear(KIOSK, kiosk.says())
    assert announced is not None
    assert server.prune() == []
    assert kiosk.recorder.adopt(announced)
    assert kiosk.known.number == 3

    kiosk.record(2)
    (waiting,) = kiosk.outbox.pending(10)
    assert frame.parse(waiting.frame).header.key_id == server.ring.public.seal_id
    assert kiosk.send(server).stored_through == 5
    assert server.hear(KIOSK, kiosk.says()) is None
    assert server.prune() == []  # the first frames are in no backup yet: they may have to come again
    server.back_up()
    server.ingest.worker.receipt(*_state_and_generation(server))
    verified = receipt.verify(server.ingest.published[-1][1], kiosk.known, DISTRICT, KIOSK, 1)
    kiosk.outbox.apply(verified)
    assert kiosk.outbox.state().oldest_key is None
    server.hear(KIOSK, kiosk.says())
    assert server.prune() == [1, 2]
    assert sorted(server.ring.numbers) == [3]

    kiosk.record(1)
    assert kiosk.send(server).stored_through == 6
    assert server.ingest.counts() == {"attendance": 6}


def test_frame_sealed_to_a_deleted_key_is_kept_in_quarantine_with_the_reason(
    server: Server, kiosk: Kiosk, device: PrivateKeys
) -> None:
    first = read_keys(server.folder / "keys.msgpack")
    late = Pen(first, device)  # an old image of the card, put back
    server.rotate()
    for each in (KIOSK, AWAKE):
        server.hear(each, said_by_the_other(2))
    assert server.prune() == [1]
    sent = late.frame(late.attendance(2))
    server.ingest.take(sent)
    (kept,) = server.ingest.rows(tables.quarantine)
    assert (kept.origin, kept.frame) == (KIOSK, sent)
    assert "key" in kept.reason
    assert server.ingest.counts() == {}


def test_key_that_opens_a_frame_in_quarantine_is_deleted_only_when_that_frame_is_given_up(
    server: Server, kiosk: Kiosk, device: PrivateKeys
) -> None:
    first = read_keys(server.folder / "keys.msgpack")
    ours, copied = Pen(first, device), Pen(first, device)
    server.ingest.take(ours.frame(ours.attendance(2)))
    server.ingest.take(copied.frame(copied.attendance(2)))
    server.rotate()
    for each in (KIOSK, AWAKE):
        server.hear(each, said_by_the_other(2))
    assert server.prune() == []
    ring = KeyRing(server.folder / "keys.msgpack")
    found = rotation.prune(server.engine, ring, DISTRICT, 9)
    assert (found.deleted, found.quarantined) == ([], {1: 1})
    given_up = rotation.prune(server.engine, ring, DISTRICT, 9, despite_quarantine=True)
    assert (given_up.deleted, given_up.quarantined) == ([1], {})


def test_retired_kiosk_holds_no_key(server: Server) -> None:
    server.rotate()
    server.hear(AWAKE, said_by_the_other(2))
    assert server.prune() == []
    rotation.retire(server.engine, DISTRICT, KIOSK, None, 5)
    assert server.prune() == [1]


def test_kiosk_that_adopted_a_key_but_keeps_older_frames_still_needs_the_old_one(
    server: Server, kiosk: Kiosk
) -> None:
    kiosk.record(1)
    server.rotate()
    server.hear(AWAKE, said_by_the_other(2))
    announced = server.hear(KIOSK, kiosk.says())
    assert announced is not None
    kiosk.recorder.adopt(announced)
    said = kiosk.says()
    assert (said.sealing_key, said.oldest_key) == (2, 1)
    server.hear(KIOSK, said)
    assert server.prune() == []
    assert server.waits_for() == [KIOSK]


def _state_and_generation(server: Server):
    with server.engine.connect() as connection:
        state = origins.find(connection, DISTRICT, KIOSK, 1)
        assert state is not None
        return state, origins.generation(connection, DISTRICT)
