"""Log-in by mobile number and one-time password."""

import hashlib
import html
import re

import pytest

from server.accounts import sessions
from server.storage import tables
from tests.unit.server.web_district import SUPERVISOR, WebDistrict

UNKNOWN = "9111111111"


def redeem(web: WebDistrict, code: str, mobile: str = SUPERVISOR) -> int:
    return web.browser().post("/log-in/code", data={"mobile": mobile, "code": code}).status_code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_code_from_the_phone_logs_in(web: WebDistrict) -> None:
    browser = web.browser()
    code = web.ask_for_code(browser, SUPERVISOR)
    answer = browser.post("/log-in/code", data={"mobile": SUPERVISOR, "code": code})
    assert answer.status_code == 303
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("typed", ["+91 90000 00001", "09000000001", "919000000001", "९००००००००१"])
def test_number_may_be_typed_in_any_usual_way(web: WebDistrict, typed: str) -> None:
    code = web.ask_for_code(web.browser(), typed)
    assert redeem(web, code, typed) == 303


def test_code_may_be_typed_in_devanagari_digits(web: WebDistrict) -> None:
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    assert redeem(web, code.translate(str.maketrans("0123456789", "०१२३४५६७८९"))) == 303


def test_code_works_once(web: WebDistrict) -> None:
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    assert redeem(web, code) == 303
    assert redeem(web, code) == 403


def test_code_is_good_for_five_minutes(web: WebDistrict) -> None:
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    web.pass_time(minutes=5)
    assert redeem(web, code) == 403


def test_new_code_ends_the_one_before(web: WebDistrict) -> None:
    first = web.ask_for_code(web.browser(), SUPERVISOR)
    web.pass_time(seconds=31)
    second = web.ask_for_code(web.browser(), SUPERVISOR)
    assert redeem(web, first) == 403
    assert redeem(web, second) == 303


def test_no_second_code_is_sent_within_half_a_minute(web: WebDistrict) -> None:
    web.ask_for_code(web.browser(), SUPERVISOR)
    web.ask_for_code(web.browser(), SUPERVISOR)
    assert len(web.outbox.messages()) == 1


def test_five_wrong_codes_lock_for_fifteen_minutes(web: WebDistrict) -> None:
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    for _ in range(5):
        assert redeem(web, wrong(code)) == 403
    assert redeem(web, code) == 403
    web.pass_time(minutes=14)
    web.browser().post("/log-in", data={"mobile": SUPERVISOR})
    assert len(web.outbox.messages()) == 1
    web.pass_time(minutes=1)
    assert redeem(web, web.ask_for_code(web.browser(), SUPERVISOR)) == 303


def test_new_code_gives_no_new_tries(web: WebDistrict) -> None:
    for _ in range(4):
        redeem(web, wrong(web.ask_for_code(web.browser(), SUPERVISOR)))
        web.pass_time(seconds=31)
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    redeem(web, wrong(code))
    assert redeem(web, code) == 403


def test_unknown_number_is_answered_like_a_known_one(web: WebDistrict) -> None:
    known = web.browser().post("/log-in", data={"mobile": SUPERVISOR})
    unknown = web.browser().post("/log-in", data={"mobile": UNKNOWN})
    assert unknown.status_code == known.status_code
    assert unknown.text.replace(UNKNOWN, SUPERVISOR) == known.text
    assert len(web.outbox.messages()) == 1
    assert redeem(web, "000000", UNKNOWN) == 403


def test_number_that_is_none_is_asked_again(web: WebDistrict) -> None:
    answer = web.browser().post("/log-in", data={"mobile": "12345"})
    assert answer.status_code == 400
    assert "ten digits" in answer.text


def test_message_is_in_the_officers_language(web: WebDistrict) -> None:
    web.change(tables.officers, language="hi")
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    message = web.outbox.messages()[0]
    assert code in message.text
    assert "मान्य" in message.text
    assert code not in repr(message)


def test_only_the_hash_of_a_session_token_is_stored(web: WebDistrict) -> None:
    token = web.logged_in().cookies[sessions.COOKIE]
    stored = web.rows(tables.sessions)[0]["token_hash"]
    assert stored == hashlib.sha256(token.encode()).digest()


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(web: WebDistrict) -> None:
    browser = web.browser()
    code = web.ask_for_code(browser, SUPERVISOR)
    cookie = browser.post("/log-in/code", data={"mobile": SUPERVISOR, "code": code}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_session_cookie_is_secure_beyond_loopback(web: WebDistrict) -> None:
    browser = web.browser()
    browser.base_url = "https://rampur.example"
    code = web.ask_for_code(browser, SUPERVISOR)
    cookie = browser.post("/log-in/code", data={"mobile": SUPERVISOR, "code": code}).headers["set-cookie"]
    assert "Secure" in cookie


def test_session_ends_after_its_hours(web: WebDistrict) -> None:
    browser = web.logged_in()
    web.pass_time(hours=web.settings.session_hours)
    assert browser.get("/").headers["location"] == "/log-in?next=%2F"


def test_log_out_ends_the_session_for_good(web: WebDistrict) -> None:
    browser = web.logged_in()
    token = browser.cookies[sessions.COOKIE]
    assert browser.post("/log-out", data={"csrf": web.csrf()}).status_code == 303
    assert web.rows(tables.sessions) == []
    browser.cookies.set(sessions.COOKIE, token)
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil"])
def test_log_in_leads_to_no_other_site(web: WebDistrict, target: str) -> None:
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    answer = web.browser().post("/log-in/code", data={"mobile": SUPERVISOR, "code": code, "next": target})
    assert answer.headers["location"] == "/"


def test_log_in_leads_back_to_the_page_asked_for(web: WebDistrict) -> None:
    asked = web.browser().get("/centres/09123456701").headers["location"]
    assert asked == "/log-in?next=%2Fcentres%2F09123456701"
    assert 'value="/centres/09123456701"' in web.browser().get(asked).text


def test_switching_the_language_stays_on_the_code_page_with_its_number_and_target(web: WebDistrict) -> None:
    browser = web.browser()
    shown = browser.post("/log-in", data={"mobile": SUPERVISOR, "next": "/centres/1?day=2&x=3"}).text
    back = html.unescape(re.findall(r'name="next" value="([^"]*)"', shown)[0])
    answer = browser.post("/language", data={"language": "hi", "next": back})
    page = browser.get(answer.headers["location"]).text
    assert '<html lang="hi"' in page
    assert f'name="mobile" value="{SUPERVISOR}"' in page
    assert 'name="next" value="/centres/1?day=2&amp;x=3"' in page
    assert len(web.outbox.messages()) == 1


def test_log_out_clears_what_the_browser_kept_for_the_site(web: WebDistrict) -> None:
    browser = web.logged_in()
    assert browser.post("/log-out", data={"csrf": web.csrf()}).headers["clear-site-data"] == '"storage"'
