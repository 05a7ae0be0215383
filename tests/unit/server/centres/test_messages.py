"""Messages of an officer to a centre."""

import pytest

from server.centres.messages import LONGEST
from server.storage import tables
from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CENTRE, OTHER_SECTOR_CENTRE, WebDistrict


def write(web: WebDistrict, text: str, centre: str = CENTRE) -> int:
    browser = web.logged_in()
    return browser.post(f"/centres/{centre}/messages", data={"text": text, "csrf": web.csrf()}).status_code


def shown(web: WebDistrict) -> str:
    return text_of(web.logged_in().get(f"/centres/{CENTRE}").text)


def test_message_written_is_shown_as_not_read_until_the_kiosk_says_so(web: WebDistrict) -> None:
    assert write(web, "  Vaccination on Tuesday  ") == 303
    assert "Vaccination on Tuesday supervisor s-1 · just now Not read yet" in shown(web)
    message = web.rows(tables.messages)[0]["message_id"]
    web.add(tables.messages_seen, centre_id=CENTRE, message_id=message, seen_ms=web.now_ms)
    assert "Read just now" in shown(web)


def test_message_taken_back_says_so(web: WebDistrict) -> None:
    write(web, "Wrong day")
    web.change(tables.messages, withdrawn_ms=web.now_ms)
    assert "Wrong day supervisor s-1 · just now Taken back" in shown(web)


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST + 1)])
def test_message_empty_or_too_long_is_refused(web: WebDistrict, text: str) -> None:
    assert write(web, text) == 422
    assert web.rows(tables.messages) == []


def test_nobody_writes_to_a_centre_outside_her_area(web: WebDistrict) -> None:
    assert write(web, "Hello", OTHER_SECTOR_CENTRE) == 404
    assert web.rows(tables.messages) == []


def test_message_is_shown_as_text_never_as_markup(web: WebDistrict) -> None:
    write(web, "<script>alert(1)</script>")
    assert "<script>alert" not in web.logged_in().get(f"/centres/{CENTRE}").text
