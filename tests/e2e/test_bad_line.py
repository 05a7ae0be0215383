"""Lines that break, swallow and deliver twice, over a real broker with TLS: the link comes back, events come once."""

import time
from collections.abc import Iterator
from datetime import date

import pytest

from anganwadi import events
from anganwadi.wire import chain, letters
from anganwadi.wire.gap import GAP, GapReason, GapRecord
from anganwadi.wire.login import STATUS, KioskStatus
from edge.settings import LinkSettings
from edge.sync import pacing
from server.ingest.worker import Inbound
from tests.chaos.proxy import FaultProxy
from tests.e2e.lone_link import (
    KIOSK,
    LoneKiosk,
    LoneServer,
    prepared,
    settings_for,
    wait_for,
)

QUICK = LinkSettings(first_rest_s=0.2, longest_rest_s=1.0)

RECEIPT_LOST_S = 3 * pacing.RESEND_S
"""A cut that takes the receipt with it costs one rest before the frame is sent again, or two."""


@pytest.fixture
def line(broker) -> Iterator[FaultProxy]:
    with FaultProxy(broker.host, broker.port) as proxy:
        yield proxy


@pytest.fixture
def server(tmp_path, broker) -> Iterator[LoneServer]:
    """Not started yet."""
    made = LoneServer(tmp_path / "server", broker)
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path, broker, line) -> Iterator[LoneKiosk]:
    """Its link is up, through the proxy."""
    made = LoneKiosk(
        tmp_path / "kiosk",
        settings_for(broker, "kiosk-a", line.port),
        broker.district,
        batch_seconds=0.05,
        settings=QUICK,
    )
    made.uplink.start()
    wait_for(lambda: made.uplink.status().connected)
    yield made
    made.close()


@pytest.fixture
def running(server) -> LoneServer:
    server.start()
    wait_for(server.link.is_up)
    return server


def serve(kiosk: LoneKiosk, count: int) -> None:
    kiosk.record([events.MealServed(date.today(), events.Meal.HOT_COOKED_MEAL, count)])
    kiosk.recorder.flush()
    kiosk.uplink.wake()


def all_receipted(kiosk: LoneKiosk) -> bool:
    status = kiosk.uplink.status()
    return status.receipted == status.recorded


def connections(line: FaultProxy) -> int:
    return line.counted().connections


@pytest.mark.parametrize("reset", [False, True])
def test_line_that_is_cut_comes_back_and_what_was_recorded_meanwhile_arrives(kiosk, running, line, reset):
    serve(kiosk, 1)
    wait_for(lambda: all_receipted(kiosk))
    line.close() if reset else line.cut()
    serve(kiosk, 2)
    line.open()
    wait_for(lambda: all_receipted(kiosk))
    assert running.stored() == [1, 2]


def test_line_that_swallows_everything_is_dropped_once_something_was_to_be_said(
    kiosk, running, line, monkeypatch
):
    serve(kiosk, 1)
    wait_for(lambda: all_receipted(kiosk))
    monkeypatch.setattr(pacing, "PATIENCE_S", 1.0)
    before = connections(line)
    line.half_open()
    serve(kiosk, 2)
    wait_for(lambda: all_receipted(kiosk), 20)
    assert connections(line) == before + 1
    assert running.stored() == [1, 2]


def test_frame_delivered_twice_is_stored_once(kiosk, running, line):
    wait_for(lambda: all_receipted(kiosk))
    for number in range(5):
        line.duplicate()
        serve(kiosk, number)
        wait_for(lambda: all_receipted(kiosk), RECEIPT_LOST_S)
        wait_for(lambda: kiosk.uplink.status().connected)
    assert running.stored() == [1, 2, 3, 4, 5]


def test_server_that_comes_up_after_its_kiosks_hears_of_them_at_once_and_gets_what_waits(kiosk, server):
    serve(kiosk, 1)
    wait_for(lambda: not kiosk.uplink._resends.is_due(1))  # sent, to nobody
    server.start()
    wait_for(lambda: all_receipted(kiosk), 10)
    assert server.stored() == [1]


def test_kiosk_says_how_it_is_when_asked_to_and_not_again_by_itself(kiosk, running):
    heard: list[KioskStatus] = []
    made = prepared(running.district)

    def hear(message: Inbound) -> None:
        heard.append(letters.read(message.payload, STATUS, KioskStatus, KIOSK, made.device.public, made.keys))
        running._answer(message)

    wait_for(lambda: not kiosk.uplink._unanswered)
    running.link.route(STATUS, hear)
    serve(kiosk, 1)
    wait_for(lambda: all_receipted(kiosk))
    kiosk.uplink.say_status()
    wait_for(lambda: heard)
    time.sleep(1.0)  # long enough for a second one to show
    assert [status.recorded for status in heard] == [1]


def test_gap_is_told_until_the_server_knows(kiosk, running, monkeypatch):
    lost = GapRecord(1, 1, 3, chain.genesis(running.district, KIOSK, 1), GapReason.DAMAGED, 1)
    told: list[GapRecord] = []
    made = prepared(running.district)

    def hear(message: Inbound) -> None:
        told.append(letters.read(message.payload, GAP, GapRecord, KIOSK, made.device.public, made.keys))
        message.acknowledge()

    running.link.route(GAP, hear)
    running.link._on_up(True)  # subscribes to what is routed now
    monkeypatch.setattr(pacing, "RESEND_S", 0.2)
    monkeypatch.setattr(kiosk.outbox, "gap", lambda: lost if len(told) < 3 else None)
    wait_for(lambda: len(told) == 3)
    assert set(told) == {lost}


def test_letter_that_cannot_be_dealt_with_does_not_end_the_link(kiosk, running, line):
    def fail(_: bytes) -> None:
        raise RuntimeError("this one is beyond us")

    wait_for(lambda: all_receipted(kiosk))
    before = connections(line)
    kiosk.uplink.listen("key", fail)
    running.link.publish(f"aangan/1/{running.district}/{KIOSK}/down/key", b"x")
    running.link.publish(f"aangan/1/{running.district}/{KIOSK}/down/unheard-of", b"x")
    serve(kiosk, 1)
    wait_for(lambda: all_receipted(kiosk))
    assert connections(line) == before


def test_one_who_waits_for_the_server_ends_the_rest_between_two_tries(tmp_path, broker, line, running):
    slow = LinkSettings(first_rest_s=600, longest_rest_s=600)
    line.close()
    kiosk = LoneKiosk(
        tmp_path / "waiting", settings_for(broker, "kiosk-a", line.port), broker.district,
        batch_seconds=60, settings=slow,
    )  # fmt: skip
    try:
        kiosk.uplink.start()
        assert not kiosk.uplink.reach(0.5)
        line.open()
        assert kiosk.uplink.reach(10)
    finally:
        kiosk.close()
