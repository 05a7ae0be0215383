"""Two ingest workers, as processes of their own, share what the kiosks send; one is killed, and nothing is missing."""

import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from anganwadi import events
from anganwadi.ids import NOBODY, CentreId, Origin
from anganwadi.wire import chain, frame, receipt, topics
from anganwadi.wire.keys import PrivateKeys
from provisioning.configuration import to_toml
from provisioning.files import write_private
from server.settings import Database
from server.storage import engine as databases
from server.storage import log, migrations, origins, own_origin, tables
from tests.e2e.conftest import WORKERS, RunningBroker

HOUSE = Path(__file__).resolve().parents[2]
CENTRES = {Origin("kiosk-a"): CentreId("09123456701"), Origin("kiosk-b"): CentreId("09123456702")}
FRAMES, EVENTS, AT_FIRST = 200, 5, 120
"""Frames a kiosk sends, events a frame, frames it sends before one of the workers is killed."""


def wait_for(condition, limit_s: float = 40.0) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.05)


class Sender:
    """A kiosk that has recorded `FRAMES` frames: sends what is neither stored nor held, again and again."""

    def __init__(self, broker: RunningBroker, name: Origin, server: PrivateKeys) -> None:
        self.name, self._broker, self._server = name, broker, server
        self.keys = PrivateKeys.generate()
        self.stored, self._held = 0, ()
        self.recorded = AT_FIRST
        self.head = chain.genesis(broker.district, name, 1)
        self._frames = [self._frame(n) for n in range(FRAMES)]
        self._stopping = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, name, protocol=mqtt.MQTTv5)
        context = ssl.create_default_context(cafile=broker.ca)
        owned = broker.credentials(name)
        context.load_cert_chain(owned.certificate, owned.key)
        self._client.tls_set_context(context)
        self._client.on_message = self._take_receipt
        self._client.on_connect = self._subscribe
        self._thread = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        self._client.connect(self._broker.host, self._broker.port)
        self._client.loop_start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)
        self._client.disconnect()
        self._client.loop_stop()

    def _send(self) -> None:
        while not self._stopping.is_set():
            for n, payload in enumerate(self._frames[: self.recorded]):
                first = n * EVENTS + 1
                if first > self.stored and not any(start <= first <= end for start, end in self._held):
                    self._client.publish(topics.up(self._broker.district, self.name, "frame"), payload, qos=1)
            self._stopping.wait(1.0)

    def _subscribe(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe(topics.down(self._broker.district, self.name, "receipt"), qos=1)

    def _take_receipt(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        del client, userdata
        said = receipt.verify(
            bytes(message.payload), self._server.public, self._broker.district, self.name, 1
        )
        if said.stored_through >= self.stored:
            self.stored, self._held = said.stored_through, said.held

    def _frame(self, n: int) -> bytes:
        raws = [self._event() for _ in range(EVENTS)]
        header = frame.Header(
            key_id=self._server.public.seal_id,
            district=self._broker.district,
            origin=self.name,
            epoch=1,
            first_sequence=n * EVENTS + 1,
            count=EVENTS,
            chain_before=self.head,
            clock=frame.Clock(0, 0, bytes(16), "rtc"),
        )
        self.head = chain.extend(self.head, [chain.event_hash(raw) for raw in raws])
        return frame.make(header, raws, self._server.public, self.keys)

    def _event(self) -> bytes:
        return events.encode(
            events.new_event(
                events.MealServed(date(2026, 11, 21), events.Meal.HOT_COOKED_MEAL, 20),
                centre_id=CENTRES[self.name],
                worker_id=NOBODY,
                at=datetime.now(UTC),
                simulated=False,
                proof=events.Proof.NONE,
            )
        )


class WorkerProcess:
    """`python -m server ingest`, and what its /metrics say."""

    def __init__(self, folder: Path, broker: RunningBroker, name: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        owned = broker.credentials(name)
        command = [
            sys.executable, "-m", "server", "ingest", "--config", str(folder / "server.toml"),
            "--certificate", str(owned.certificate), "--key", str(owned.key), "--metrics-port", str(self._port),
        ]  # fmt: skip
        self._log = folder / f"{name}.log"
        self.process = subprocess.Popen(command, cwd=HOUSE, stderr=self._log.open("wb"))

    def is_up(self) -> bool:
        """Whether it has subscribed."""
        return b"link_up" in self._log.read_bytes()

    def stored_frames(self) -> float:
        """Frames this worker put in their places, or to wait."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/", timeout=2) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return 0
        taken = ('aangan_frames_total{outcome="stored"}', 'aangan_frames_total{outcome="waiting"}')
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(taken))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


@pytest.fixture
def server() -> PrivateKeys:
    return PrivateKeys.generate()


@pytest.fixture
def senders(broker: RunningBroker, server: PrivateKeys) -> Iterator[list[Sender]]:
    made = [Sender(broker, name, server) for name in CENTRES]
    yield made
    for sender in made:
        sender.stop()


@pytest.fixture
def database(tmp_path: Path, broker: RunningBroker, server: PrivateKeys, senders: list[Sender]) -> sa.Engine:
    """The district's database with both kiosks, and the settings that the workers read."""
    write_private(tmp_path / "keys.msgpack", msgspec.msgpack.encode(server))
    (tmp_path / "db.key").write_text("cd" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine)
    with databases.writing(engine) as connection:
        own_origin.enrol_self(connection, broker.district, server.public)
        for sender in senders:
            origins.register(
                connection, broker.district, sender.name, 1, CENTRES[sender.name], sender.keys.public
            )
    owned = broker.credentials("server")
    settings = {
        "district": broker.district,
        "district_name": "T",
        "ingest": "workers",
        "keys": tmp_path / "keys.msgpack",
        "database": {"path": tmp_path / "server.db", "key_file": tmp_path / "db.key"},
        "broker": {
            "host": broker.host,
            "port": broker.port,
            "ca": broker.ca,
            "certificate": owned.certificate,
            "key": owned.key,
        },
    }
    (tmp_path / "server.toml").write_text(to_toml(settings))
    return engine


@pytest.fixture
def workers(tmp_path: Path, broker: RunningBroker, database: sa.Engine) -> Iterator[list[WorkerProcess]]:
    made = [WorkerProcess(tmp_path, broker, name) for name in WORKERS]
    yield made
    for worker in made:
        worker.kill()


def test_workers_share_the_load_and_the_death_of_one_costs_nothing(
    workers: list[WorkerProcess],
    senders: list[Sender],
    database: sa.Engine,
    broker: RunningBroker,
    tmp_path: Path,
) -> None:
    wait_for(lambda: all(worker.is_up() for worker in workers))
    for sender in senders:
        sender.start()
    wait_for(lambda: all(worker.stored_frames() > 0 for worker in workers))
    workers[0].kill()
    for sender in senders:
        sender.recorded = FRAMES
    total = FRAMES * EVENTS
    wait_for(lambda: all(sender.stored == total for sender in senders))
    with database.connect() as connection:
        stored = log.sequences(connection, broker.district)
        left = connection.execute(sa.select(sa.func.count()).select_from(tables.quarantine)).scalar_one()
    for sender in senders:
        assert stored[sender.name] == [(n, "meal_served") for n in range(1, total + 1)]
    assert left == 0
    assert workers[1].end() == 0
