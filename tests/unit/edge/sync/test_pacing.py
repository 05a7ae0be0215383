"""What may be under way on a line, when the line is dead, and when a thing is sent again."""

import pytest

from edge.sync.pacing import (
    LONGEST_RESEND_S,
    PATIENCE_S,
    RESEND_S,
    SLOWEST,
    Flight,
    Resends,
)


class Now:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


class Message:
    def __init__(self) -> None:
        self.acknowledged = False

    def is_published(self) -> bool:
        return self.acknowledged


@pytest.fixture
def now() -> Now:
    return Now()


def carry(flight: Flight, now: Now, size: int, seconds: float) -> None:
    """Send a message and let the broker acknowledge it so much later."""
    message = Message()
    flight.add(message, size)
    now.s += seconds
    message.acknowledged = True
    flight.settle()


def test_one_frame_may_always_go_however_slow_the_line(now: Now):
    flight = Flight(now)
    assert flight.has_room(1 << 20)
    flight.add(Message(), 1 << 20)
    assert not flight.has_room(1)


def test_under_way_is_what_the_line_carries_in_a_second_and_a_half(now: Now):
    flight = Flight(now)
    for _ in range(30):
        carry(flight, now, 8000, 1.0)
    assert flight.rate == pytest.approx(8000, rel=0.01)
    flight.add(Message(), 6000)
    assert flight.has_room(5900)
    assert not flight.has_room(6100)


def test_messages_acknowledged_one_after_the_other_measure_the_line_not_its_delay(now: Now):
    flight = Flight(now)
    waiting = [Message() for _ in range(40)]
    for message in waiting:
        flight.add(message, 4000)
    now.s += 2.0  # the delay
    for message in waiting:
        now.s += 0.1
        message.acknowledged = True
        flight.settle()
    assert flight.rate == pytest.approx(40_000, rel=0.1)


def test_short_messages_do_not_make_a_fast_line_look_slow(now: Now):
    flight = Flight(now)
    for _ in range(30):
        carry(flight, now, 8000, 0.5)
    carry(flight, now, 300, 0.5)
    assert flight.rate == pytest.approx(16_000, rel=0.01)


def test_line_is_dead_when_nothing_comes_back(now: Now):
    flight = Flight(now)
    flight.add(Message(), 400)
    silent_from = now.s
    now.s += PATIENCE_S
    assert not flight.is_dead(now.s - silent_from)
    now.s += 400 / SLOWEST + 0.1
    assert flight.is_dead(now.s - silent_from)


def test_line_on_which_something_comes_down_is_not_dead(now: Now):
    flight = Flight(now)
    flight.add(Message(), 400)
    now.s += 10 * PATIENCE_S
    assert not flight.is_dead(1.0)


def test_idle_line_is_not_dead_however_long_it_is_silent(now: Now):
    flight = Flight(now)
    carry(flight, now, 400, 0.5)
    now.s += 10_000
    assert not flight.is_dead(10_000)


def test_next_connection_starts_with_nothing_under_way(now: Now):
    flight = Flight(now)
    flight.add(Message(), 400)
    now.s += 10_000
    flight.begin()
    assert not flight.is_dead(10_000)
    assert flight.has_room(1 << 20)


def test_what_is_still_under_way_is_not_sent_again(now: Now):
    resends, message = Resends(now), Message()
    assert resends.is_due(1)
    resends.note(1, message)
    now.s += 10_000
    assert not resends.is_due(1)


def test_what_is_acknowledged_and_not_receipted_is_sent_again_ever_more_seldom(now: Now):
    resends, message = Resends(now), Message()
    message.acknowledged = True
    rests = []
    for _ in range(9):
        resends.note(1, message)
        resends.is_due(1)  # sees the acknowledgement
        began = now.s
        while not resends.is_due(1):
            now.s += 1
        rests.append(now.s - began)
    assert rests == [RESEND_S, 30, 60, 120, 240, 480, LONGEST_RESEND_S, LONGEST_RESEND_S, LONGEST_RESEND_S]


def test_a_sign_of_the_server_shortens_the_rests_and_forgets_what_is_stored(now: Now):
    resends, message = Resends(now), Message()
    message.acknowledged = True
    for _ in range(8):
        for key in (1, 2, "gap"):
            resends.note(key, message)
    for key in (1, 2, "gap"):
        resends.is_due(key)
    now.s += RESEND_S
    assert not any(resends.is_due(key) for key in (1, 2, "gap"))
    resends.heard(stored_through=1)
    assert all(resends.is_due(key) for key in (2, "gap"))
    resends.note(1, Message())
    assert not resends.is_due(1)


def test_new_connection_makes_everything_due(now: Now):
    resends = Resends(now)
    resends.note(1, Message())
    resends.forget()
    assert resends.is_due(1)
