"""Where she stands: which log-in, how far the records are, what is wrong; on every page, logged in or not."""

from datetime import timedelta

import msgspec
import pytest

from anganwadi.events import Proof
from anganwadi.wire.login import Notice
from edge.kiosk import i18n, words
from edge.kiosk.session import KeyStanding, KeyState

EVERY_PAGE = (
    "/home",
    "/attendance",
    "/meals",
    "/weigh",
    "/faces",
    "/ration",
    "/ration/mother",
    "/close",
    "/state",
)


@pytest.fixture
def grace(stage, monkeypatch):
    """Somebody can log in without the server, for the next day."""
    until = stage.kiosk._parts.clock.now() + timedelta(days=1)
    monkeypatch.setattr(stage.kiosk._parts.keys, "until", lambda post=None: until)
    return until


def test_before_the_log_in_the_state_is_sealed_only(stranger):
    answer = stranger.get("/state")
    assert (answer["state"], answer["until"], answer["offline_until"], answer["notices"]) == (
        "sealed_only", None, None, [],
    )  # fmt: skip
    assert 'data-state="sealed_only"' in stranger.page("/state")


def test_after_the_log_in_it_says_that_the_district_checked_the_pin_and_until_when(stage, visitor):
    assert visitor.get("/state")["state"] == "logged_in"
    page = visitor.page("/state")
    assert "The district has checked your PIN." in page
    assert i18n.until(stage.session.expires) in page


def test_a_log_in_that_the_kiosk_checked_itself_says_so(stage, visitor):
    stage.session.proof = Proof.TPM
    assert visitor.get("/state")["state"] == "grace"
    page = visitor.page("/state")
    assert "This kiosk has checked your PIN by itself." in page
    assert "Logged in offline" in visitor.page("/home")


def test_before_the_log_in_it_says_until_when_one_can_log_in_without_the_server(stranger, grace):
    assert stranger.get("/state")["offline_until"] is not None
    assert f"Without internet you can log in until \u2066{i18n.until(grace)}\u2069." in stranger.page(
        "/state"
    )


def test_the_pin_page_does_not_call_the_server_needed_where_the_kiosk_can_check_the_pin(
    stage, stranger, grace
):
    stage.kiosk.played_link.connected = False
    assert "Logging in needs it." not in stranger.page("/login/AWW")


def test_it_counts_what_waits_and_since_when_and_what_is_kept_once(stage, worker):
    worker.post("/attendance/all")
    stage.kiosk.played_link.receipted, stage.kiosk.played_link.safe = 20, 8
    link = worker.get("/state")["link"]
    assert (link["recorded"], link["receipted"], link["safe"]) == (26, 20, 8)
    assert (link["waiting_s"], link["unsafe_s"]) == (1300.0, 8000.0)
    page = worker.page("/state")
    assert "Waiting: 6" in page
    assert "for 21 minutes" in page
    assert "Not yet: 12" in page
    assert "for 2 hours" in page


def test_when_everything_arrived_and_is_kept_twice_nothing_waits(stage, worker):
    stage.kiosk.played_link.receipted = stage.kiosk.played_link.safe = 1
    page = worker.page("/state")
    assert page.count("All of them") == 2
    assert "Waiting:" not in page


def test_without_a_link_it_says_what_to_look_at(stage, visitor):
    stage.kiosk.played_link.connected = False
    assert "Look whether the internet box is switched on." in visitor.page("/state")


def test_the_line_is_in_the_corner_of_every_page(worker):
    for path in EVERY_PAGE:
        page = worker.page(path)
        assert 'class="standing" href="/state"' in page, path
        assert "Logged in" in page, path
        assert "Waiting: 1" in page, path


def test_the_line_keeps_itself_fresh_without_counting_as_a_touch(stage, visitor):
    stage.kiosk.leave_alone(minutes=10)
    assert "Logged in" in visitor.page("/state/line")
    stage.kiosk.leave_alone(minutes=6)
    assert "Locked" in visitor.page("/state/line")


def test_a_state_that_cannot_be_told_does_not_take_the_page_with_it(stage, visitor, monkeypatch):
    def fail():
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(stage.kiosk, "state", fail)
    assert 'href="/state"' in visitor.page("/meals" if stage.session.day().is_open else "/home")


@pytest.mark.parametrize("notice", Notice)
@pytest.mark.parametrize("path", ["/login", "/state", "/sealed"])
def test_a_notice_says_what_happened_and_what_to_do_before_the_log_in(stage, stranger, notice, path):
    stage.kiosk.health.note(notice)
    page = stranger.page(path)
    assert f'data-notice="{notice}"' in page
    for sentence in words.NOTICE[notice]:
        assert sentence in page


def test_the_start_page_shows_the_most_urgent_notice_and_the_way_to_the_others(stage, worker):
    for notice in (Notice.DISK_FULL, Notice.FORKED, Notice.EVENTS_LOST):
        stage.kiosk.health.note(notice)
    page = worker.page("/home")
    assert 'data-notice="forked"' in page
    assert page.count("data-notice") == 1
    assert worker.page("/state").count("data-notice") == 3
    assert set(worker.get("/state")["notices"]) == {"disk_full", "forked", "events_lost"}


def test_every_notice_and_every_state_has_its_words():
    assert set(words.NOTICE) == set(Notice)
    assert set(words.STATE) == set(KeyStanding)


def test_what_the_state_tells_holds_numbers_and_times_only(stage, worker):
    told = msgspec.json.decode(worker.client.get("/state", headers={"Accept": "application/json"}).content)
    assert set(told) == {"state", "until", "offline_until", "link", "notices"}
    assert all(not isinstance(value, str) for value in told["link"].values())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "1 minute"), (61, "1 minute"), (1300, "21 minutes"), (3600, "1 hour"), (90_000, "25 hours"),
     (200_000, "2 days")],
)  # fmt: skip
def test_an_age_is_told_in_the_largest_unit_that_fits(seconds, said):
    assert i18n.ago("en", seconds) == said


def test_a_moment_of_another_day_is_told_with_its_day(stage):
    now = stage.kiosk._parts.clock.now()
    assert len(i18n.until(now)) == len("18:30")
    assert len(i18n.until(now + timedelta(days=2))) == len("23-11-2026 18:30")


def test_a_state_of_nobody_is_told_where_the_log_in_has_run_out(stage, visitor):
    stage.kiosk.leave_alone(minutes=16)
    assert stage.kiosk.state() == KeyState(KeyStanding.SEALED_ONLY, None)
    assert visitor.get("/state")["until"] is None
