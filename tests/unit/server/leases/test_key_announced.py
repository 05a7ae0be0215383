"""How a kiosk hears of a new sealing key: by the answer to its status."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from anganwadi.wire import letters, topics
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import STATUS, KioskStatus
from provisioning.identity import make_keys, read_keys
from server.ingest.inbound import Inbound
from server.keys import KeyRing
from server.leases.desk import LogInDesk
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations
from tests.unit.server.ingest_district import DISTRICT, KIOSK, fill

ANNOUNCED = b"announced by the root"
DEVICE = PrivateKeys.generate()


class Down:
    """What the desk sent down to the kiosk."""

    def __init__(self) -> None:
        self._sent: list[tuple[str, bytes]] = []
        self._more = threading.Condition()

    def publish(self, topic: str, payload: bytes) -> None:
        with self._more:
            self._sent.append((topic, payload))
            self._more.notify_all()

    def on(self, channel: str, count: int) -> list[bytes]:
        """The first `count` messages on a channel; fails if they do not come."""
        topic = topics.down(DISTRICT, KIOSK, channel)

        def found() -> list[bytes]:
            return [payload for each, payload in self._sent if each == topic]

        with self._more:
            assert self._more.wait_for(lambda: len(found()) >= count, timeout=10)
            return found()


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    make_keys(tmp_path / "keys.msgpack")
    made = KeyRing(tmp_path / "keys.msgpack")
    made.announce(made.add(), ANNOUNCED)
    return made


@pytest.fixture
def down() -> Down:
    return Down()


@pytest.fixture
def desk(tmp_path: Path, ring: KeyRing, down: Down):
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine)
    fill(engine, read_keys(tmp_path / "keys.msgpack"), DEVICE)
    made = LogInDesk(
        engine, DISTRICT, ring, down.publish, lambda *_: down.publish(topics.down(DISTRICT, KIOSK, "receipt"), b""),
        timedelta(hours=1), announcing=ring,
    )  # fmt: skip
    made.start()
    yield made
    made.stop()
    engine.dispose()


def say(desk: LogInDesk, number: int, to: bytes, by: PrivateKeys = DEVICE) -> None:
    said = KioskStatus(epoch=1, recorded=0, sealing_key=number, oldest_key=number)
    letter = letters.write(STATUS, said, KIOSK, by, to)
    desk.submit(Inbound(topics.up(DISTRICT, KIOSK, STATUS), letter, lambda: None))


def test_kiosk_that_knows_an_older_key_is_told_the_newest_and_one_that_knows_it_is_not(desk, ring, down):
    say(desk, 1, ring.numbers[1])
    assert down.on("key", 1) == [ANNOUNCED]
    say(desk, 2, ring.numbers[2])
    down.on("receipt", 2)
    assert down.on("key", 1) == [ANNOUNCED]


def test_kiosk_that_lost_the_announcement_after_its_first_key_was_deleted_is_told_all_the_same(
    desk, ring, down
):
    first = ring.numbers[1]
    ring.delete(1)
    say(desk, 1, first)
    assert down.on("key", 1) == [ANNOUNCED]


def test_stranger_is_told_nothing(desk, ring, down):
    first = ring.numbers[1]
    ring.delete(1)
    say(desk, 1, first, by=PrivateKeys.generate())
    say(desk, 2, ring.numbers[2])
    down.on("receipt", 1)
    assert down.on("key", 0) == []
