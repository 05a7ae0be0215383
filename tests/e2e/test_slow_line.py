"""A line as a village has it: 64 kbit/s, 150 ms each way. A week's backlog drains, and nobody waits for it.

The clock of a fresh event starts when its frame is ready to go up; how long events are gathered before that is the
setting `batch_seconds`.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from anganwadi import events
from anganwadi.ids import Grams
from edge.settings import LinkSettings
from tests.chaos.proxy import FaultProxy
from tests.e2e.lone_link import LoneKiosk, LoneServer, settings_for, wait_for

BACKLOG, BATCH = 1400, 50
FRESH_EVERY_S = 1.0
FRESH_WITHIN_S = 5.0

QUICK = LinkSettings(first_rest_s=0.2, longest_rest_s=1.0)
"""Rests between tries as short as a test wants them."""


@pytest.fixture
def line(broker) -> Iterator[FaultProxy]:
    with FaultProxy(broker.host, broker.port) as proxy:
        yield proxy


@pytest.fixture
def server(tmp_path, broker) -> Iterator[LoneServer]:
    made = LoneServer(tmp_path / "server", broker)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path, broker, line, server) -> Iterator[LoneKiosk]:
    """Its link is not up yet."""
    made = LoneKiosk(
        tmp_path / "kiosk",
        settings_for(broker, "kiosk-a", line.port),
        broker.district,
        batch_seconds=0.05,
        settings=QUICK,
    )
    yield made
    made.close()


def weighed(who, day: date, grams: int) -> events.Weighed:
    return events.Weighed(
        day=day,
        person_id=who,
        grams=Grams(grams),
        source=events.WeightSource.SCALE,
        readings=(Grams(grams), Grams(grams + 10)),
        device="scale 4711",
        waz=-1.5,
    )


def record_a_week(kiosk: LoneKiosk, people) -> None:
    """Events of the last days, gathered into full batches while there was no line."""
    now = datetime.now(UTC)
    for number in range(0, BACKLOG, BATCH):
        at = now - timedelta(hours=1) - timedelta(minutes=5) * ((BACKLOG - number) / BATCH)
        batch = range(number, number + BATCH)
        kiosk.record([weighed(people[n % len(people)], at.date(), 8000 + n) for n in batch], at)
    kiosk.recorder.flush()


def awaited(kiosk: LoneKiosk, sequences: list[int]) -> list[int]:
    """Those neither stored nor held in waiting: in both cases an event is not to be sent again."""
    pending = kiosk.outbox.pending(1000)
    return [n for n in sequences if any(each.first_sequence <= n <= each.last_sequence for each in pending)]


def record_fresh(kiosk: LoneKiosk, who, number: int) -> int:
    """Record one event and make its frame ready to go; its sequence."""
    accepted = kiosk.record([weighed(who, datetime.now(UTC).date(), 9000 + number)])
    kiosk.recorder.flush()
    kiosk.uplink.wake()
    return accepted[0].sequence


def receipt_times(kiosk: LoneKiosk, who) -> list[float]:
    """Record an event every second until the backlog is through; how long each took to be receipted."""
    ready: dict[int, float] = {}
    took: dict[int, float] = {}
    while kiosk.outbox.state().stored_through < BACKLOG or len(took) < len(ready):
        now = time.monotonic()
        through = kiosk.outbox.state().stored_through >= BACKLOG
        if not through and (not ready or now - max(ready.values()) >= FRESH_EVERY_S):
            ready[record_fresh(kiosk, who, len(ready))] = time.monotonic()
        open_ones = [n for n in ready if n not in took]
        for sequence in set(open_ones) - set(awaited(kiosk, open_ones)):
            took[sequence] = time.monotonic() - ready[sequence]
        assert all(now - ready[n] < 60 for n in open_ones), "a fresh event is not receipted at all"
        time.sleep(0.05)
    return list(took.values())


def test_backlog_drains_while_every_fresh_event_is_receipted_within_five_seconds(kiosk, server, line):
    people = server.people()
    record_a_week(kiosk, people)
    line.shape(delay_s=0.15, bits_per_s=64_000)
    kiosk.uplink.start()
    wait_for(lambda: kiosk.uplink.status().connected)
    took = receipt_times(kiosk, people[0])
    wait_for(lambda: kiosk.uplink.status().receipted == kiosk.uplink.status().recorded)
    assert len(took) >= 5
    assert max(took) <= FRESH_WITHIN_S, took
    assert server.stored() == list(range(1, BACKLOG + len(took) + 1))
