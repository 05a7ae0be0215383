"""The centre's time: never before what is known to have been, and the worker is told when the clock is wrong."""

from datetime import UTC, datetime

import pytest

from anganwadi.wire import frame
from anganwadi.wire.login import Notice
from edge.store.clock import CentreClock
from edge.store.health import Health
from tests.unit.edge.store.small_kiosk import SmallKiosk

NOON = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
MINUTE = 60_000


class Machine:
    """The clocks of a machine, to be set by hand."""

    def __init__(self) -> None:
        self.wall = NOON
        self.monotonic = 1_000
        self.quality = "rtc"
        self.health = Health()

    def clock(self) -> CentreClock:
        return CentreClock(
            self.health,
            wall=lambda: self.wall,
            monotonic=lambda: self.monotonic,
            quality=lambda: self.quality,
        )

    def run(self, passed: int) -> None:
        self.wall += passed
        self.monotonic += passed


@pytest.fixture
def machine():
    return Machine()


def test_right_clock_is_used_as_it_is(machine):
    clock = machine.clock()
    clock.recall(NOON - HOUR, NOON - MINUTE)
    assert (clock.read().wall_ms, clock.read().quality) == (NOON, "rtc")
    assert clock.now() == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert machine.health.notices() == ()


@pytest.mark.parametrize("known", [(NOON, 0), (0, NOON)], ids=["a receipt's time", "the newest event's time"])
def test_clock_that_woke_in_the_past_is_not_believed(machine, known):
    machine.wall = 0
    clock = machine.clock()
    clock.recall(*known)
    machine.run(5_000)
    assert (clock.read().wall_ms, clock.read().quality) == (NOON + 5_000, "floor")
    assert machine.health.notices() == (Notice.CLOCK_WRONG,)


def test_clock_set_back_while_running_does_not_set_time_back(machine):
    clock = machine.clock()
    clock.recorded(clock.read().wall_ms)
    machine.wall -= HOUR
    machine.run(MINUTE)
    assert (clock.read().wall_ms, clock.read().quality) == (NOON + MINUTE, "floor")
    machine.run(MINUTE)
    assert clock.read().wall_ms == NOON + 2 * MINUTE


def test_clock_that_is_right_again_clears_the_notice(machine):
    clock = machine.clock()
    clock.recall(NOON, 0)
    machine.wall -= HOUR
    clock.read()
    assert machine.health.notices() == (Notice.CLOCK_WRONG,)
    machine.wall += HOUR
    machine.run(MINUTE)
    assert clock.read().quality == "rtc"
    assert machine.health.notices() == ()


def test_small_step_back_is_nothing(machine):
    clock = machine.clock()
    clock.recorded(NOON)
    machine.wall -= 1_500
    assert clock.read().wall_ms == NOON - 1_500
    assert machine.health.notices() == ()


def test_clock_far_ahead_of_the_server_is_noticed(machine):
    clock = machine.clock()
    clock.heard(NOON - 9 * MINUTE)
    assert machine.health.notices() == ()
    clock.heard(NOON - 8 * MINUTE)
    machine.wall += 4 * MINUTE
    assert clock.read().wall_ms == NOON + 4 * MINUTE
    assert machine.health.notices() == (Notice.CLOCK_WRONG,)
    machine.wall -= 4 * MINUTE
    clock.read()
    assert machine.health.notices() == ()


def test_events_recorded_in_the_future_do_not_hold_the_kiosk_there(machine):
    clock = machine.clock()
    clock.recall(0, NOON + 400 * HOUR)
    assert clock.read().quality == "floor"
    clock.heard(NOON)
    assert (clock.read().wall_ms, clock.read().quality) == (NOON, "rtc")
    assert machine.health.notices() == ()


def test_what_is_recorded_while_the_clock_is_known_to_be_ahead_is_no_floor(machine):
    clock = machine.clock()
    clock.heard(NOON)
    machine.wall += 400 * HOUR
    clock.recorded(clock.read().wall_ms)
    machine.wall -= 400 * HOUR
    assert (clock.read().wall_ms, clock.read().quality) == (NOON, "rtc")


def test_clock_set_by_the_network_is_believed_over_what_was_recorded_but_not_over_the_server(machine):
    machine.quality = "ntp"
    clock = machine.clock()
    clock.recall(NOON - HOUR, NOON + HOUR)
    assert (clock.read().wall_ms, clock.read().quality) == (NOON, "ntp")
    machine.wall -= 2 * HOUR
    assert clock.read().quality == "floor"


def test_events_are_stamped_with_the_floor_after_a_start_in_the_past(tmp_path, machine):
    kiosk = SmallKiosk(tmp_path, batch_events=1, clock=machine.clock())
    kiosk.record()
    kiosk.outbox.apply(kiosk.receipt(0, server_ms=NOON + HOUR))
    kiosk.close()

    machine.wall = 0
    again = SmallKiosk(tmp_path, batch_events=1, clock=machine.clock())
    again.record()
    stamps = [frame.parse(each.frame).header.clock for each in again.outbox.pending(9)]
    assert [(stamp.wall_ms, stamp.quality) for stamp in stamps] == [(NOON, "rtc"), (NOON + HOUR, "floor")]
    assert [each.recorded_ms for each in again.outbox.pending(9)] == [NOON, NOON + HOUR]
    again.close()
