"""What the desk answers to a kiosk's letters, without a broker."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin
from anganwadi.wire import letters, topics
from anganwadi.wire.downlink import PART, Kind, Part
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import (
    LEASE,
    LOGIN,
    STATUS,
    KioskStatus,
    LeaseAnswer,
    LeaseGranted,
    LoginRequest,
    Notice,
)
from server.downlink import messages
from server.ingest.inbound import Inbound
from server.leases import pins
from server.leases.desk import LogInDesk
from server.settings import Database
from server.storage import engine as databases
from server.storage import origins, tables

DISTRICT, CENTRE, KIOSK = DistrictId("namuna"), CentreId("09123456701"), Origin("kiosk-a")
OTHER = CentreId("09123456702")
SERVER, DEVICE = PrivateKeys.generate(), PrivateKeys.generate()


class Ring:
    """A key ring whose newest key is number 3."""

    newest_number = 3

    def announcement(self) -> bytes:
        return b"key 3, by the root"


class Counter:
    """The desk with somebody before it."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.published: list[tuple[str, bytes]] = []
        self.receipts: list[tuple[str, int]] = []
        self.desk = LogInDesk(
            engine,
            DISTRICT,
            SERVER,
            lambda topic, payload: self.published.append((topic.rpartition("/")[2], payload)),
            lambda origin, generation: self.receipts.append((origin.origin, generation)),
            timedelta(hours=12),
            grace_for=timedelta(hours=72),
            announcing=Ring(),
        )
        self.desk.start()

    def hand_in(self, kind: str, content, keys: PrivateKeys = DEVICE) -> None:
        """Send a letter and wait until the desk is done with it."""
        done = threading.Event()
        letter = letters.write(kind, content, KIOSK, keys, SERVER.public.seal)
        self.desk.submit(Inbound(topics.up(DISTRICT, KIOSK, kind), letter, done.set))
        assert done.wait(10)

    def channels(self) -> list[str]:
        """The channels something was published on since this was last asked."""
        channels = [channel for channel, _ in self.published]
        self.published.clear()
        return channels

    def row(self) -> sa.Row:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(tables.origins).where(tables.origins.c.origin == KIOSK)).one()


@pytest.fixture
def counter(tmp_path):
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    tables.metadata.create_all(engine)
    with databases.writing(engine) as connection:
        connection.execute(
            sa.insert(tables.centres).values(
                district_id=DISTRICT, centre_id=CENTRE, sector_id="s", name_en="R", name_hi="र", name_ur="ر"
            )
        )
        connection.execute(
            sa.insert(tables.centre_workers).values(
                district_id=DISTRICT, worker_id="w-1", centre_id=CENTRE, post="AWW", name="सावित्री",
                language="hi", pin_hash=pins.hash_pin("2580"), wrong_pins=0,
            )
        )  # fmt: skip
        origins.register(connection, DISTRICT, KIOSK, 1, CENTRE, DEVICE.public)
    made = Counter(engine)
    yield made
    made.desk.stop()
    engine.dispose()


def status(**changes: Any) -> KioskStatus:
    fields: dict[str, Any] = {"epoch": 1, "recorded": 7, "sealing_key": 3, "oldest_key": 2} | changes
    return KioskStatus(**fields)


def request(keys: PrivateKeys, pin: str = "2580", have: int = 0) -> LoginRequest:
    nonce = bytes(PrivateKeys.generate().sign[:16])
    return LoginRequest("AWW", pin, keys.public.seal, nonce, datetime.now(UTC), have)


def test_status_is_kept_and_answered_with_the_receipt(counter):
    counter.hand_in(STATUS, status(unreceipted_since_ms=5, unsafe_since_ms=4, notices=(Notice.DISK_FULL,)))
    row = counter.row()
    assert (row.recorded, row.unreceipted_since_ms, row.unsafe_since_ms) == (7, 5, 4)
    assert (row.sealing_key, row.oldest_key, row.notices) == (3, 2, '["disk_full"]')
    assert row.last_heard_ms > 0
    assert row.stored_through == 0
    assert counter.receipts == [(KIOSK, 1)]


def test_kiosk_that_does_not_know_the_newest_sealing_key_is_told_it(counter):
    counter.hand_in(STATUS, status(sealing_key=2))
    assert ("key", b"key 3, by the root") in counter.published
    counter.channels()
    counter.hand_in(STATUS, status(sealing_key=3))
    assert "key" not in counter.channels()


def test_log_in_with_the_right_pin_brings_a_lease_and_the_roster_after_it(counter):
    keys = PrivateKeys.generate()
    counter.hand_in(LOGIN, request(keys))
    (lease_channel, lease), *others = counter.published
    assert lease_channel == LEASE
    answer = letters.read(lease, LEASE, LeaseAnswer, SERVER_ORIGIN, SERVER.public, keys).answer
    assert isinstance(answer, LeaseGranted)
    assert answer.grace_hours == 72
    assert [channel for channel, _ in others] == [PART]
    part = letters.read(others[0][1], PART, Part, SERVER_ORIGIN, SERVER.public, DEVICE)
    assert (part.kind, part.version) == (Kind.ROSTER, answer.roster_version)
    counter.channels()
    counter.hand_in(LOGIN, request(keys, have=answer.roster_version))
    assert counter.channels() == [LEASE]


def test_wrong_pin_brings_no_roster(counter):
    counter.hand_in(LOGIN, request(PrivateKeys.generate(), pin="0000"))
    assert counter.channels() == [LEASE]


@pytest.mark.parametrize("why", ["forged", "another epoch", "retired"])
def test_letter_of_who_is_not_this_kiosk_is_not_answered(counter, why):
    if why == "retired":
        with databases.writing(counter.engine) as connection:
            connection.execute(sa.update(tables.origins).values(retired_ms=1))
    said = status(epoch=2) if why == "another epoch" else status()
    counter.hand_in(STATUS, said, PrivateKeys.generate() if why == "forged" else DEVICE)
    assert counter.receipts == []
    assert counter.published == []
    assert counter.row().last_heard_ms is None


def test_centre_whose_kiosks_cannot_be_told_keeps_no_other_from_its_news(counter, monkeypatch):
    told = []
    asked = threading.Event()

    def tell(centre):
        told.append(centre)
        if len(told) == 2:
            asked.set()
        raise OSError("no route")

    monkeypatch.setattr(counter.desk._sender, "changed", tell)
    monkeypatch.setattr(counter.desk._news, "since_last", lambda _: [] if told else [CENTRE, OTHER])
    assert asked.wait(5)
    assert told == [CENTRE, OTHER]


def test_message_written_by_another_program_goes_down_within_seconds(counter):
    counter.hand_in(STATUS, status())
    counter.channels()
    with databases.writing(counter.engine) as connection:
        messages.post(connection, DISTRICT, CENTRE, "o-1", "कल बैठक है", datetime.now(UTC))
    until = time.monotonic() + 5
    while not counter.published and time.monotonic() < until:
        time.sleep(0.02)
    assert counter.channels() == [PART]
