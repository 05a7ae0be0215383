"""The demo's outbox, and a district without a way to send codes."""

from pathlib import Path

from tests.unit.server.web_district import SUPERVISOR, WebDistrict


def test_demo_outbox_shows_the_code_and_says_what_it_is(web: WebDistrict) -> None:
    code = web.ask_for_code(web.browser(), SUPERVISOR)
    page = web.browser().get("/outbox").text
    assert f'data-code="{code}"' in page
    assert f'data-mobile="{SUPERVISOR}"' in page
    assert "No SMS is sent in the demo" in page


def test_real_district_has_no_outbox_page(tmp_path: Path) -> None:
    assert WebDistrict(tmp_path, demo=False).browser().get("/outbox").status_code == 404


def test_district_without_sms_gateway_says_so_for_every_number(tmp_path: Path) -> None:
    browser = WebDistrict(tmp_path, demo=False).browser()
    for answer in (browser.get("/log-in"), browser.post("/log-in", data={"mobile": SUPERVISOR})):
        assert answer.status_code == 503
        assert "no SMS gateway" in answer.text
