"""What the district writes to a centre: shown until somebody has read it."""

from datetime import UTC, datetime, timedelta

import pytest

from anganwadi.events import MessageSeen
from anganwadi.wire import downlink
from anganwadi.wire.downlink import Message, Messages

SENT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SHORT = Message("m-1", "Tomorrow the health worker comes at 10.", SENT)
LATER = Message("m-2", "कल बैठक है।", SENT + timedelta(hours=3))
LONG = Message("m-3", "Please tell the mothers. " * 12, SENT + timedelta(hours=4))


@pytest.fixture
def send(stage, visitor):
    """Let these messages be what has come down."""
    parts = stage.kiosk._parts
    versions = iter(range(1, 100))

    def sent(*messages: Message) -> None:
        name = downlink.Name(
            parts.identity.district, parts.identity.origin, downlink.Kind.MESSAGES, next(versions)
        )
        for part in downlink.cut(downlink.seal(Messages(messages), name, b"k" * 32), name):
            parts.documents.put(part)

    return sent


def test_without_a_message_the_start_page_shows_none(visitor):
    assert "Message from the district" not in visitor.page("/home")
    assert visitor.client.get("/messages").headers["location"] == "/home"


def test_a_short_message_stands_on_the_start_page_with_its_tap(visitor, send):
    send(SHORT)
    page = visitor.page("/home")
    assert SHORT.text in page
    assert 'action="/messages/m-1/seen"' in page


def test_reading_it_is_recorded_once_and_it_disappears(stage, visitor, send):
    send(SHORT)
    assert visitor.post("/messages/m-1/seen") == {"seen": "m-1", "unread": 0}
    assert visitor.accepted == "message_seen=1"
    assert visitor.post("/messages/m-1/seen") == {"seen": "m-1", "unread": 0}
    assert visitor.accepted == ""
    assert stage.recorded(MessageSeen) == [MessageSeen("m-1")]
    assert SHORT.text not in visitor.page("/home")


def test_a_message_that_was_read_stays_away_after_the_next_log_in(visitor, send):
    send(SHORT, LATER)
    visitor.post("/messages/m-1/seen")
    visitor.post("/logout")
    visitor.post("/login", post="AWH", pin="2580")
    page = visitor.page("/home")
    assert SHORT.text not in page
    assert LATER.text in page


def test_a_long_message_is_read_on_its_own_page_before_it_can_be_ticked_off(visitor, send):
    send(LONG)
    home = visitor.page("/home")
    assert 'href="/messages"' in home
    assert "/seen" not in home
    page = visitor.page("/messages")
    assert LONG.text.strip() in page
    assert 'action="/messages/m-3/seen"' in page


def test_the_oldest_comes_first_and_the_tap_leads_to_the_next(visitor, send):
    send(LATER, SHORT)
    assert SHORT.text in visitor.page("/messages")
    answer = visitor.client.post("/messages/m-1/seen")
    assert (answer.status_code, answer.headers["location"]) == (303, "/messages")
    assert LATER.text in visitor.page("/messages")
    assert visitor.client.post("/messages/m-2/seen").headers["location"] == "/home"


def test_a_message_that_is_not_there_is_never_recorded_as_read(stage, visitor, send):
    send(SHORT)
    assert visitor.post("/messages/m-9/seen") == {"seen": "m-9", "unread": 1}
    assert visitor.accepted == ""
    assert stage.recorded(MessageSeen) == []


def test_messages_need_a_log_in(stranger):
    assert stranger.client.get("/messages").headers["location"] == "/login"
    assert (
        stranger.client.post("/messages/m-1/seen", headers={"Accept": "application/json"}).status_code == 401
    )


def test_what_somebody_wrote_is_text_and_never_markup(visitor, send):
    send(Message("m-4", "<b>Now</b>", SENT))
    assert "<b>Now</b>" not in visitor.page("/home")
    assert "&lt;b&gt;Now" in visitor.page("/messages")
