import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import frame, receipt, topics
from server.ingest import settling
from server.ingest.placing import place
from server.ingest.reasons import Reason
from server.ingest.worker import Inbound, IngestWorker
from server.storage import log, tables
from server.storage.engine import writing
from server.storage.log import QUARANTINED

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


def failing(monkeypatch, times: int):
    """Let the database fail so many times, as a full disk does, then work again."""
    left = iter(range(times))

    def fail_first(*given, **more):
        if next(left, None) is not None:
            raise OperationalError("insert", {}, Exception("database or disk is full"))
        return place(*given, **more)

    monkeypatch.setattr("server.ingest.worker.place", fail_first)
    monkeypatch.setattr("server.ingest.patience.FIRST_REST_S", 0.01)


def test_passing_failure_of_the_database_costs_no_frame_and_nothing_is_acknowledged_before(
    worker, wire, pen, database, monkeypatch
):
    failing(monkeypatch, times=3)
    worker.submit(inbound(wire, pen.frame(pen.attendance(2))))
    wire.wait(2)
    assert next(what for what, _ in wire.said) == "ack"
    with database.connect() as connection:
        assert log.counts(connection, DISTRICT) == {"attendance": 2}


def test_nothing_is_acknowledged_that_could_not_be_stored(worker, wire, pen, monkeypatch):
    failing(monkeypatch, times=1000)
    worker.submit(inbound(wire, pen.frame(pen.attendance(1))))
    worker.stop()
    assert wire.said == []


def test_message_that_cannot_even_be_looked_at_is_set_aside_and_the_next_one_stored(
    worker, wire, pen, database, monkeypatch
):
    opened = worker._opener.open

    def break_on_garbage(topic, payload):
        if payload == b"breaks":
            raise OverflowError("too large")
        return opened(topic, payload)

    monkeypatch.setattr(worker._opener, "open", break_on_garbage)
    worker.submit(inbound(wire, b"breaks"))
    worker.submit(inbound(wire, pen.frame(pen.attendance(1))))
    worker.stop()
    assert worker.is_alive() is False
    with database.connect() as connection:
        assert log.counts(connection, DISTRICT) == {"attendance": 1}
        assert list(connection.execute(sa.select(tables.quarantine.c.reason)).scalars()) == [
            "cannot be taken: OverflowError"
        ]


def broken_by(monkeypatch, *payloads: bytes) -> None:
    """Let every transaction fail that one of these takes part in, to be stored or out of the waiting table."""
    keep = settling.Settler.settle
    marks = [frame.parse(payload).header.chain_before for payload in payloads]

    def fail(settler, state, *given):
        if state.chain_head in marks:
            raise IntegrityError("insert", {}, Exception("a value the database does not take"))
        return keep(settler, state, *given)

    monkeypatch.setattr(settling.Settler, "settle", fail)


def test_frame_that_breaks_its_transaction_is_set_aside_and_stops_no_other(ingest, pen, monkeypatch):
    frames = pen.frames(1, 1, 1, 1)
    broken_by(monkeypatch, frames[1])
    assert ingest.through(*frames) == 4
    assert ingest.sequences() == [(1, "attendance"), (2, QUARANTINED), (3, "attendance"), (4, "attendance")]
    (kept,) = ingest.rows(tables.quarantine)
    assert (kept.frame, kept.reason) == (frames[1], "cannot be taken: IntegrityError")
    assert ingest.acknowledged == 4


def test_waiting_frame_that_breaks_its_transaction_is_set_aside_and_stops_no_other(ingest, pen, monkeypatch):
    frames = pen.frames(1, 1, 1, 1)
    ingest.take(*frames[1:])
    broken_by(monkeypatch, frames[2])
    ingest.take(frames[0])
    assert ingest.sequences() == [(1, "attendance"), (2, "attendance"), (3, QUARANTINED), (4, "attendance")]
    assert [row.frame for row in ingest.rows(tables.quarantine)] == [frames[2]]
    assert ingest.rows(tables.waiting) == []


def test_gap_letter_that_breaks_its_transaction_is_set_aside_and_its_device_goes_on(ingest, pen, monkeypatch):
    first, _, third = pen.frames(1, 1, 1)

    def fail(*_):
        raise IntegrityError("insert", {}, Exception("a value the database does not take"))

    with monkeypatch.context() as broken:
        broken.setattr("server.storage.gaps.keep", fail)
        ingest.take(first, third)
        ingest.take_gap(letter := pen.gap(2, 2, frame.parse(third).header.chain_before))
    assert ingest.reasons() == [Reason.NOT_STORED]
    (ahead,) = pen.frames(1)
    assert ingest.take(ahead).held == ((3, 4),)  # what lies there is no frame and has no place in the chain
    assert ingest.take_gap(letter).stored_through == 4


def test_no_message_is_set_aside_because_all_connections_to_the_database_are_taken(ingest, pen, monkeypatch):
    (payload,) = pen.frames(1)
    busy = iter(range(2))

    def connect_late(engine):
        if next(busy, None) is not None:
            raise TimeoutError("connection pool limit reached")
        return writing(engine)

    monkeypatch.setattr("server.ingest.worker.writing", connect_late)
    with pytest.raises(TimeoutError):
        ingest.take(payload)
    assert (ingest.acknowledged, ingest.reasons()) == (0, [])


def test_junk_that_no_device_signed_cannot_fill_the_disk(worker, wire, database, monkeypatch):
    monkeypatch.setattr("server.storage.quarantine.STRANGERS", 3)
    for n in range(10):
        worker.submit(inbound(wire, b"junk %d" % n))
    worker.stop()
    with database.connect() as connection:
        assert list(connection.execute(sa.select(tables.quarantine.c.frame)).scalars()) == [None] * 3


def test_frame_ahead_of_a_gap_is_answered_with_how_far_the_origin_is_stored(worker, wire, pen, server_keys):
    pen.frame(pen.attendance(2))
    worker.submit(inbound(wire, pen.frame(pen.attendance(1))))
    wire.wait(2)
    verified = receipt.verify(wire.said[1][1], server_keys.public, DISTRICT, KIOSK, 1)
    assert (verified.stored_through, verified.held) == (0, ((3, 3),))
