import threading

import pytest
import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt, topics
from server.ingest.worker import Inbound, IngestWorker
from server.storage import engine as databases
from server.storage import log, tables

DISTRICT, KIOSK = DistrictId("namuna"), Origin("kiosk-a")


class Wire:
    """Keeps what the worker said, in order: acknowledgements and published receipts."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes]] = []
        self.changed = threading.Condition()

    def say(self, what: str, payload: bytes = b"") -> None:
        with self.changed:
            self.said.append((what, payload))
            self.changed.notify_all()

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.said) >= count, timeout=10)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def worker(database, enrolled, server_keys, wire):
    made = IngestWorker(database, DISTRICT, server_keys, wire.say, lambda: None, demo=False)
    made.start()
    yield made
    made.stop()


def inbound(wire: Wire, payload: bytes, topic: str | None = None) -> Inbound:
    return Inbound(topic or topics.up(DISTRICT, KIOSK, "frame"), payload, lambda: wire.say("ack"))


def test_acknowledged_only_after_the_commit_and_receipted_with_what_is_stored(
    worker, wire, pen, database, server_keys
):
    seen_at_ack = []

    def acknowledge():
        with database.connect() as connection:
            seen_at_ack.append(log.counts(connection, DISTRICT))
        wire.say("ack")

    worker.submit(Inbound(pen.topic, pen.frame(pen.attendance(4)), acknowledge))
    wire.wait(2)
    assert seen_at_ack == [{"attendance": 4}]
    topic, signed = wire.said[1]
    assert topic == topics.down(DISTRICT, KIOSK, "receipt")
    verified = receipt.verify(signed, server_keys.public, DISTRICT, KIOSK, 1)
    assert (verified.stored_through, verified.safe_through, verified.generation) == (4, 0, 1)


def test_garbage_is_quarantined_once_and_spoils_nothing_beside_it(worker, wire, pen, database):
    for payload in (b"garbage", pen.frame(pen.attendance(1)), b"garbage"):
        worker.submit(inbound(wire, payload))
    worker.stop()
    with database.connect() as connection:
        assert log.counts(connection, DISTRICT) == {"attendance": 1}
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.quarantine)).scalar_one() == 1
    assert [what for what, _ in wire.said].count("ack") == 3


def test_nothing_is_acknowledged_that_could_not_be_stored(worker, wire, pen, database):
    with databases.writing(database) as connection:
        connection.exec_driver_sql(
            "create trigger full before insert on events begin select raise(abort, 'disk full'); end"
        )
    worker.submit(inbound(wire, pen.frame(pen.attendance(1))))
    worker.stop()
    assert wire.said == []
