"""What the link says of the outbox, without a broker."""

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.store.clock import CentreClock
from edge.store.health import Health
from edge.sync import uplink
from edge.sync.uplink import Uplink
from tests.unit.edge.store.small_kiosk import IDENTITY, SmallKiosk

MINUTE_MS = 60_000


class Machine:
    """A machine's clocks, which the test sets."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000_000
        self.monotonic = 5_000


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def kiosk(tmp_path, machine):
    clock = CentreClock(
        Health(), wall=lambda: machine.wall, monotonic=lambda: machine.monotonic, quality=lambda: "unset"
    )
    opened = SmallKiosk(tmp_path, clock=clock)
    yield opened
    opened.close()


def test_how_long_events_wait_is_told_by_the_centres_clock_not_by_one_that_was_set_back(
    kiosk, machine, monkeypatch
):
    monkeypatch.setattr(uplink, "make_client", lambda *_: mqtt.Client(CallbackAPIVersion.VERSION2))
    link = Uplink(IDENTITY, None, kiosk.outbox, kiosk.recorder, lambda: None)  # type: ignore[arg-type]
    kiosk.record()
    machine.monotonic += 10 * MINUTE_MS
    machine.wall -= 365 * 24 * 60 * MINUTE_MS
    status = link.status()
    assert (status.waiting_s, status.unsafe_s) == (600.0, 600.0)
