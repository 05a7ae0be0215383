"""Who sits at the desk: never nobody while a session lives, and the kiosk is let go of whatever fails."""

import threading

import pytest
import structlog

from edge.kiosk import app

WAIT = 10.0


@pytest.fixture
def desk(stage):
    return stage.app.state.desk


def test_of_two_log_ins_at_once_the_living_session_has_the_seat(stage, desk):
    earlier, later = stage.kiosk.log_in("AWW", "2580"), stage.kiosk.log_in("AWH", "2580")
    seats = {post: desk.sit(session) for post, session in (("AWH", later), ("AWW", earlier))}
    assert desk.seat(seats["AWW"].token) is None
    assert desk.seat(seats["AWH"].token) is seats["AWH"]
    assert stage.kiosk.session is later


def test_an_idle_kiosk_logs_out_though_nothing_asks_for_a_page(stage, desk):
    desk.sit(stage.kiosk.log_in("AWW", "2580"))
    stage.kiosk.leave_alone(minutes=16)
    desk.tidy()
    assert stage.kiosk._session is None


def test_an_idle_session_without_a_seat_is_logged_out(stage, desk):
    stage.kiosk.log_in("AWW", "2580")
    stage.kiosk.leave_alone(minutes=16)
    desk.tidy()
    assert stage.kiosk._session is None


def test_a_session_that_stays_without_a_seat_is_logged_out(stage, desk):
    stage.kiosk.log_in("AWW", "2580")
    desk.tidy()
    desk.tidy()
    assert stage.kiosk._session is None


def test_a_session_that_gets_its_seat_a_moment_after_a_look_is_kept(stage, desk):
    session = stage.kiosk.log_in("AWW", "2580")
    desk.tidy()
    seat = desk.sit(session)
    desk.tidy()
    desk.tidy()
    assert desk.seat(seat.token) is seat


def test_idle_log_ins_go_on_being_ended_after_a_failure(stage, desk, monkeypatch):
    tidied, again = desk.tidy, threading.Event()
    calls = iter([OSError("the card is full")])

    def tidy():
        if error := next(calls, None):
            raise error
        tidied()
        again.set()

    monkeypatch.setattr(app, "TIDY_S", 0.01)
    monkeypatch.setattr(desk, "tidy", tidy)
    with structlog.testing.capture_logs() as logs, stage.client():
        desk.sit(stage.kiosk.log_in("AWW", "2580"))
        stage.kiosk.leave_alone(minutes=16)
        assert again.wait(WAIT)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["tidy_failed"]
    assert stage.kiosk._session is None


@pytest.mark.parametrize("fails", ["leave", "scale"])
def test_the_kiosk_is_closed_at_the_end_whatever_else_fails(stage, desk, monkeypatch, fails):
    closed = threading.Event()

    def fail():
        raise OSError("the card is full")

    close = stage.kiosk.close
    monkeypatch.setattr(stage.kiosk, "close", lambda: (close(), closed.set()))
    monkeypatch.setattr(*((desk, "leave") if fails == "leave" else (stage.scale, "close")), fail)
    with pytest.raises(OSError, match="the card is full"), stage.client():
        stage.kiosk.log_in("AWW", "2580")
    assert closed.is_set()
    assert stage.kiosk._session is None
