"""What a centre's day costs its data plan: 200 events, eight hours, one connection, counted at the socket.

Counted is the payload of TCP, both ways, as a proxy before the broker sees it: TLS handshake, MQTT, frames, receipts,
letters. The day is played without its pauses; what the pauses cost is measured once (a ping, a heartbeat) and added as
often as the schedule has room for it. Documents that come down (roster, forms) are not of the day: they come when they
changed.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from anganwadi import events
from anganwadi.anthropometry import ScaleReading
from anganwadi.ids import SERVER_ORIGIN, Grams
from anganwadi.verification import Rung
from anganwadi.wire import letters, topics
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import (
    LEASE,
    LOGIN,
    LeaseAnswer,
    LeaseGranted,
    LoginRequest,
    Worker,
)
from edge.kiosk.visit import KEPT_SAMPLES
from edge.settings import KioskSettings, LinkSettings
from provisioning.demo_facts import CENTRE_ID
from server.ingest.worker import Inbound
from tests.chaos.proxy import Counted, FaultProxy
from tests.e2e.lone_link import (
    KIOSK,
    WORKER,
    LoneKiosk,
    LoneServer,
    prepared,
    settings_for,
    wait_for,
)

BUDGET = 60_000
EVENTS = 200
HOUR = 3600.0
ON_AT, OFF_AT = 9 * HOUR, 17 * HOUR
GATHERED_S: float = KioskSettings.model_fields["batch_seconds"].default
GATHERED_EVENTS: int = KioskSettings.model_fields["batch_events"].default
LINK = LinkSettings()


class Planned(msgspec.Struct, order=True):
    """An event of the day, at so many seconds after midnight."""

    at: float
    body: events.Body = msgspec.field()


def day_of(people: list, day: date) -> list[Planned]:
    """A full day: attendance in one go, a weighing every minute and a half, then rations every 70 seconds."""
    chance = random.Random(7)
    plan = [Planned(9.05 * HOUR, events.CentreOpened(day)), Planned(16.75 * HOUR, events.CentreClosed(day))]
    plan += [Planned(9.3 * HOUR, events.AttendanceMarked(day, who, True)) for who in people[:40]]
    plan += [Planned((9.4 + n / 10) * HOUR, events.AttendanceMarked(day, people[n], False)) for n in range(3)]
    plan += [
        Planned(at * HOUR, events.MealServed(day, meal, 38))
        for at, meal in zip((10.1, 12.6, 15.5), (*events.Meal, *events.Meal), strict=False)
    ]
    at = 10.3 * HOUR
    for number in range(50):
        at += chance.uniform(60, 120)
        plan.append(Planned(at, weighed(people[number], day, 6000 + chance.randrange(12_000))))
    at = 13 * HOUR
    while len(plan) < EVENTS:
        at += chance.uniform(40, 100)
        plan.append(Planned(at, collected(people[len(plan) % len(people)], day, chance.uniform(0.6, 0.9))))
    return sorted(plan, key=lambda planned: planned.at)


def weighed(who, day: date, grams: int) -> events.Weighed:
    """A weight as the kiosk records it: two readings, each with two seconds of raw counts."""
    return events.Weighed(
        day=day,
        person_id=who,
        grams=Grams(grams),
        source=events.WeightSource.SCALE,
        readings=(Grams(grams), Grams(grams + 10)),
        taken=tuple(raw_reading(grams + more, 20 * grams + more) for more in (0, 10)),
        device="E66138528350B22F",
        firmware="1.0.0",
        calibrated=day - timedelta(days=40),
        waz=-1.53,
        weight_class="normal",
        temperature_c=29,
        warm=True,
    )


def raw_reading(grams: int, seed: int) -> ScaleReading:
    """Counts of a load cell at 10,486 counts a kilogram, with the noise of an HX711 at 10 samples a second."""
    noise = random.Random(seed)
    counts = [84_217 + round(grams * 10.486 + noise.gauss(0, 21)) for _ in range(KEPT_SAMPLES)]
    return ScaleReading(grams=Grams(grams), zero=84_217, steps=ScaleReading.steps_of(counts))


def collected(who, day: date, score: float) -> events.RationCollected:
    return events.RationCollected(
        day=day,
        person_id=who,
        collected_by=who,
        rung=Rung.FACE,
        services=("thr",),
        days_covered=25,
        cycle=f"{day:%Y-%m}",
        score=score,
        threshold=0.55,
    )


def batches(plan: list[Planned]) -> list[tuple[float, list[events.Body]]]:
    """The plan as the recorder gathers it: full, or so many seconds after its first event."""
    gathered: list[tuple[float, list[events.Body]]] = []
    opened = float("-inf")
    for planned in plan:
        if planned.at - opened >= GATHERED_S or len(gathered[-1][1]) == GATHERED_EVENTS:
            opened = planned.at
            gathered.append((opened + GATHERED_S, []))
        gathered[-1][1].append(planned.body)
    return gathered


@pytest.fixture
def server(tmp_path, broker) -> Iterator[LoneServer]:
    made = LoneServer(tmp_path / "server", broker)
    made.link.route(LOGIN, lambda message: let_in(made, message))
    made.start()
    wait_for(made.link.is_up)
    yield made
    made.stop()


@pytest.fixture
def line(broker) -> Iterator[FaultProxy]:
    with FaultProxy(broker.host, broker.port) as proxy:
        yield proxy


def let_in(server: LoneServer, message: Inbound) -> None:
    """A lease as a district grants it."""
    made = prepared(server.district)
    asked = letters.read(message.payload, LOGIN, LoginRequest, KIOSK, made.device.public, made.keys)
    now = datetime.now(UTC)
    lease = LeaseGranted(
        nonce=asked.nonce,
        data_key=bytes(32),
        worker=Worker(WORKER, "सावित्री देवी", "AWW", "hi"),
        centre_id=CENTRE_ID,
        centre_names={"en": "Rampur 1", "hi": "रामपुर 1", "ur": "رام پور 1"},
        expires=now + timedelta(hours=10),
        server_time=now,
        grace_hours=72,
        roster_version=12,
    )
    letter = letters.write(LEASE, LeaseAnswer(lease), SERVER_ORIGIN, made.keys, asked.log_in_key)
    server.link.publish(topics.down(server.district, KIOSK, LEASE), letter)
    message.acknowledge()


class Meter:
    """A kiosk on a metered line."""

    def __init__(self, line: FaultProxy, kiosk: LoneKiosk) -> None:
        self._line, self.kiosk = line, kiosk
        self._answers = 0
        kiosk.uplink.listen(LEASE, self._note)

    def connect(self) -> None:
        self.kiosk.uplink.start()
        wait_for(lambda: self.kiosk.uplink.status().connected)

    def log_in(self) -> None:
        who, key = self.kiosk.identity, PrivateKeys.generate().public.seal
        request = LoginRequest("AWW", "2580", key, bytes(range(16)), datetime.now(UTC), 12)
        letter = letters.write(LOGIN, request, who.origin, who.device, who.server.seal)
        before = self._answers
        assert self.kiosk.uplink.send(LOGIN, letter)
        wait_for(lambda: self._answers > before)

    def play(self, bodies: list[events.Body]) -> None:
        self.kiosk.record(bodies)
        self.kiosk.recorder.flush()
        self.kiosk.uplink.wake()
        wait_for(lambda: self.kiosk.outbox.state().stored_through == self.kiosk.outbox.state().recorded)

    def settled(self) -> Counted:
        """What the line carried, once nothing moves on it any more."""
        counted, still_since = self._line.counted(), time.monotonic()
        while time.monotonic() - still_since < 0.4:
            now = self._line.counted()
            if now != counted:
                counted, still_since = now, time.monotonic()
            time.sleep(0.02)
        return counted

    def _note(self, _: bytes) -> None:
        self._answers += 1


@pytest.fixture
def meter(tmp_path, broker, server, line) -> Iterator[Meter]:
    made = LoneKiosk(
        tmp_path / "kiosk",
        settings_for(broker, "kiosk-a", line.port),
        broker.district,
        batch_seconds=GATHERED_S,
    )
    yield Meter(line, made)
    made.close()


def heartbeat(meter: Meter) -> int:
    before = meter.settled()
    meter.kiosk.uplink.say_status()
    wait_for(lambda: meter.settled() != before)
    return meter.settled().since(before).both


def ping(tmp_path, broker, line: FaultProxy) -> int:
    """Bytes of a ping and its answer, from an idle link with the shortest keep-alive."""
    short = LinkSettings(keepalive_s=5)
    kiosk = LoneKiosk(
        tmp_path / "idle", settings_for(broker, "kiosk-a", line.port), broker.district,
        batch_seconds=60, settings=short,
    )  # fmt: skip
    meter = Meter(line, kiosk)
    try:
        meter.connect()
        before = meter.settled()
        wait_for(lambda: line.counted() != before, 15)
        return meter.settled().since(before).both
    finally:
        kiosk.close()


def test_day_of_two_hundred_events_stays_under_sixty_kilobytes(tmp_path, broker, server, line, meter):
    one_ping = ping(tmp_path, broker, line)
    began = meter.settled()
    meter.connect()
    meter.log_in()
    connected = meter.settled().since(began)
    plan = batches(day_of(server.people(), date.today()))
    for _, bodies in plan:
        meter.play(bodies)
    played = meter.settled().since(began)
    assert played.connections == 1
    assert server.stored() == list(range(1, EVENTS + 1))

    spoken = [ON_AT, *(at for at, _ in plan), OFF_AT]
    pauses = [after - before for before, after in pairwise(spoken)]
    pings = sum(int(pause // LINK.keepalive_s) for pause in pauses)
    heartbeats = sum(int(pause // LINK.heartbeat_s) for pause in pauses)
    idle = pings * one_ping + heartbeats * (one_heartbeat := heartbeat(meter))
    figures = {
        "connection_and_log_in": connected.both, "batches": len(plan), "played": played.both,
        "a_ping": one_ping, "pings": pings, "a_heartbeat": one_heartbeat, "heartbeats": heartbeats,
        "day": played.both + idle,
    }  # fmt: skip
    assert 0 < one_ping < 100
    assert 0 < one_heartbeat < 1000
    assert played.both + idle < BUDGET, figures


def test_second_connection_of_a_kiosk_costs_less_than_the_first(meter, line):
    meter.connect()
    first = meter.settled()
    line.cut()
    wait_for(lambda: not meter.kiosk.uplink.status().connected)
    assert meter.kiosk.uplink.reach(10)
    again = meter.settled().since(first)
    assert again.connections == 1
    assert again.both < 0.6 * first.both
