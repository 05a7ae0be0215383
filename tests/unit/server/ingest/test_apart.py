"""Messages opened in a process of its own: what is found, and what happens when the process does not live."""

import os
import signal
import threading
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import AttendanceMarked
from anganwadi.ids import Origin
from anganwadi.wire import chain, frame, topics
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from provisioning.files import write_private
from server.ingest import apart
from server.ingest.opening import Opener
from server.ingest.opening_program import Answer, ToldDevices, _open
from server.ingest.worker import Inbound, IngestWorker
from server.keys import KeyRing
from server.storage import log, origins, tables
from server.storage.engine import writing
from tests.unit.server.ingest_district import CENTRE, DAY, DISTRICT, KIOSK, PEOPLE, Pen

LIMIT_S = 30
KIOSK_B = Origin("kiosk-b")


class Wire:
    """Counts what was acknowledged, by payload."""

    def __init__(self) -> None:
        self.acknowledged: list[bytes] = []
        self._changed = threading.Condition()

    def inbound(self, payload: bytes, topic: str = Pen.topic) -> Inbound:
        def acknowledge() -> None:
            with self._changed:
                self.acknowledged.append(payload)
                self._changed.notify_all()

        return Inbound(topic, payload, acknowledge)

    def wait(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= count, LIMIT_S)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def keys_file(tmp_path, server_keys):
    write_private(tmp_path / "keys.msgpack", msgspec.msgpack.encode(server_keys))
    return tmp_path / "keys.msgpack"


@pytest.fixture
def make(database, enrolled, keys_file):
    """Makes a worker that opens apart, started; stopped at the end."""
    made: list[IngestWorker] = []

    def worker(**more) -> IngestWorker:
        given = {"demo": False, "apart_with": keys_file, **more}
        worker = IngestWorker(database, DISTRICT, KeyRing(keys_file), lambda *_: None, lambda: None, **given)
        made.append(worker)
        worker.start()
        return worker

    yield worker
    for each in made:
        each.stop()


def stored(database: sa.Engine) -> list[tuple[int, str]]:
    with database.connect() as connection:
        return log.sequences(connection, DISTRICT).get(KIOSK, [])


def reasons(database: sa.Engine) -> list[str]:
    with database.connect() as connection:
        return sorted(connection.execute(sa.select(tables.quarantine.c.reason)).scalars())


def of_every_kind(pen: Pen, stranger: PrivateKeys, server: PrivateKeys) -> list[bytes]:
    """Good frames, doubted events, an unknown one, one sealed to nobody, one twice, one forged, garbage."""
    good = pen.frames(3)
    nobodys = pen.frame(pen.attendance(1), to=PrivateKeys.generate())
    pen.head = os.urandom(32)  # which only the device knows
    odd = [
        pen.raw(AttendanceMarked(DAY, PEOPLE[0], True), simulated=True),
        msgspec.msgpack.encode({"schema": events.SCHEMA, "body": {"type": "not_known"}}),
        pen.raw(AttendanceMarked(DAY, PEOPLE[1], True)),
    ]
    forged = Pen(server, stranger).frame(pen.attendance(1))
    return [*good, good[0], nobodys, pen.frame(odd), forged, b"garbage"]


def test_what_is_opened_apart_is_stored_and_doubted_as_what_is_opened_here(
    make, wire, pen, server_keys, database, fresh_ingest
):
    messages = of_every_kind(pen, PrivateKeys.generate(), server_keys)
    here = fresh_ingest()
    here.take(*messages)
    expected = here.sequences(), sorted(here.reasons())
    fresh_ingest()
    worker = make()
    for payload in messages:
        worker.submit(wire.inbound(payload))
    worker.stop()
    assert (stored(database), reasons(database)) == expected
    assert sorted(wire.acknowledged) == sorted(messages)


def test_process_has_ended_when_the_worker_has(make, wire, pen):
    worker = make()
    worker.submit(wire.inbound(*pen.frames(1)))
    wire.wait(1)
    pid = worker._opening.pid
    assert psutil.pid_exists(pid)
    worker.stop()
    assert not psutil.pid_exists(pid)
    assert not worker.is_alive()


def test_process_that_is_killed_is_started_anew_and_no_frame_is_lost(make, wire, pen, database):
    worker = make()
    for n, payload in enumerate(pen.frames(*[2] * 60), 1):
        worker.submit(wire.inbound(payload))
        if n in (5, 40):
            wire.wait(1)
            os.kill(worker._opening.pid, signal.SIGKILL)
    wire.wait(60)
    assert stored(database) == [(n, "attendance") for n in range(1, 121)]
    assert worker.is_alive()


def test_process_that_hangs_while_more_is_asked_than_it_can_hold_is_replaced(
    make, wire, pen, database, monkeypatch
):
    monkeypatch.setattr(apart, "HANG_S", 1.0)
    worker = make()
    first, second = pen.frames(1, 1)
    worker.submit(wire.inbound(first))
    wire.wait(1)
    os.kill(worker._opening.pid, signal.SIGSTOP)
    for _ in range(64):  # the asker stands before a full socket, and nobody else may ask meanwhile
        worker.submit(wire.inbound(bytes(64 << 10)))
    worker.submit(wire.inbound(second))
    wire.wait(66)
    assert stored(database) == [(1, "attendance"), (2, "attendance")]


def test_device_enrolled_later_and_a_gap_are_told_by_the_database(make, wire, pen, database, server_keys):
    worker = make()
    first, _, third = pen.frames(1, 1, 1)
    worker.submit(wire.inbound(first))
    wire.wait(1)
    later = PrivateKeys.generate()
    with writing(database) as connection:
        origins.register(connection, DISTRICT, KIOSK_B, 1, CENTRE, later.public)
    other = Pen(server_keys, later)
    other.head = chain.genesis(DISTRICT, KIOSK_B, 1)
    for _ in range(2):
        payload = other.frame(other.attendance(1), origin=KIOSK_B)
        worker.submit(wire.inbound(payload, topics.up(DISTRICT, KIOSK_B, "frame")))
    worker.submit(wire.inbound(third))
    gap = pen.gap(2, 2, frame.parse(third).header.chain_before)
    worker.submit(wire.inbound(gap, Pen.gap_topic))
    wire.wait(5)
    with database.connect() as connection:
        found = log.sequences(connection, DISTRICT)
    assert found[KIOSK_B] == [(1, "attendance"), (2, "attendance")]
    assert found[KIOSK] == [(1, "attendance"), (2, "lost"), (3, "attendance")]


def test_process_opens_with_a_key_that_came_after_it_was_started(make, wire, pen, keys_file, database):
    worker = make()
    worker.submit(wire.inbound(*pen.frames(1)))
    wire.wait(1)
    ring = KeyRing(keys_file)
    number = ring.add()
    new = PublicKeys(ring.public.verify, ring.numbers[number])
    made = pen.at(2, pen.head, pen.attendance(1), to=SimpleNamespace(public=new))
    worker.submit(wire.inbound(made))
    wire.wait(2)
    assert stored(database) == [(1, "attendance"), (2, "attendance")]
    assert reasons(database) == []


def test_nothing_is_acknowledged_while_no_process_comes_up(make, wire, pen, tmp_path, monkeypatch):
    monkeypatch.setattr("server.ingest.patience.FIRST_REST_S", 0.01)
    worker = make(apart_with=tmp_path / "no.keys")
    worker.submit(wire.inbound(*pen.frames(1)))
    worker.stop()
    assert wire.acknowledged == []


class Frail:
    """Stands in for the process: opens here, and ends, or falls silent, over the payloads told."""

    deadly: tuple[bytes, ...] = ()
    silent: tuple[bytes, ...] = ()
    started = 0

    def __init__(self, brief) -> None:
        type(self).started += 1
        self._opener = Opener(devices := ToldDevices(), DISTRICT, KeyRing(Path(brief.keys)), demo=False)
        self._devices, self._asked, self.pid = devices, deque(), 0
        self._changed = threading.Condition()
        self._over = False

    def ask(self, devices, messages) -> None:
        self._devices.learn(devices)
        with self._changed:
            self._asked.append(list(messages))
            self._changed.notify_all()

    def last(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def speaks(self, within_s: float) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._asked or self._over, within_s)
            quiet = (
                any(each.payload in self.silent for each in self._asked[0]) if self._asked else not self._over
            )
            return not quiet

    def answer(self, within_s: float) -> bytes:
        if not self.speaks(within_s):
            raise EOFError
        return self.listen()

    def listen(self) -> bytes:
        if not self._asked or any(each.payload in self.deadly for each in self._asked[0]):
            raise EOFError
        found = [_open(self._opener, each.topic, each.payload) for each in self._asked.popleft()]
        return msgspec.msgpack.encode(Answer(found, {}))

    def kill(self) -> None:
        """What it was asked is asked again of the next."""

    def end(self) -> None:
        self._asked.clear()


@pytest.fixture
def frail(monkeypatch) -> type[Frail]:
    fresh = type("Frail", (Frail,), {"started": 0})
    monkeypatch.setattr(apart, "OpeningProcess", fresh)
    return fresh


def test_message_that_ends_the_process_even_alone_is_set_aside_and_the_others_are_stored(
    make, wire, pen, database, frail
):
    frail.deadly = (b"deadly",)
    worker = make()
    frames = pen.frames(1, 1, 1)
    for payload in (frames[0], b"deadly", *frames[1:]):
        worker.submit(wire.inbound(payload))
    wire.wait(4)
    assert stored(database) == [(n, "attendance") for n in (1, 2, 3)]
    assert reasons(database) == ["cannot be taken: it ended the process that opens"]
    assert frail.started <= 4


def test_process_that_never_answers_is_replaced(make, wire, pen, database, frail, monkeypatch):
    monkeypatch.setattr(apart, "HANG_S", 0.05)
    frail.silent = (b"silent",)
    worker = make()
    frames = pen.frames(1, 1)
    for payload in (b"silent", *frames):
        worker.submit(wire.inbound(payload))
    wire.wait(3)
    assert stored(database) == [(1, "attendance"), (2, "attendance")]
