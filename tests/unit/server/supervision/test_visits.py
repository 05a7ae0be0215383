"""A visit over HTTP: who may begin it, what may be sent, and how often."""

from collections.abc import Callable

import msgspec
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from server.storage import tables
from server.supervision.form import Form, FormLibrary
from server.supervision.submission import MAX_BYTES
from tests.unit.server.web_district import CDPO, CENTRE, DPO, OTHER_SECTOR_CENTRE, WebDistrict

Fill = Callable[..., bytes]
ANOTHER = "uuid:99999999-1111-4222-8333-444444444444"


class Phone:
    """A logged-in officer's browser, with the token of her session."""

    def __init__(self, web: WebDistrict, *officer: str) -> None:
        self.browser: TestClient = web.logged_in(*officer)
        self._token = {"X-CSRF-Token": web.csrf()}

    def start(self, centre: str = CENTRE) -> Response:
        return self.browser.post(f"/centres/{centre}/visits", headers=self._token)

    def begin(self, centre: str = CENTRE) -> str:
        """The visit's page."""
        return self.start(centre).headers["location"].removesuffix("/form")

    def send(self, visit: str, raw: bytes, field: str = "xml_submission_file") -> Response:
        file = {field: ("visit.xml", raw, "text/xml")}
        return self.browser.post(f"{visit}/submission", files=file, headers=self._token)


@pytest.fixture
def phone(web: WebDistrict) -> Phone:
    return Phone(web)


def test_visit_keeps_the_form_of_the_moment_it_began(web: WebDistrict, phone: Phone, form: Form) -> None:
    answer = phone.start()
    (visit,) = web.rows(tables.visits)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/visits/{visit['visit_id']}/form"
    assert (visit["form_id"], visit["form_version"]) == (form.form_id, form.version)
    assert (visit["day"], visit["started_ms"], visit["submitted_ms"]) == ("2026-11-21", web.now_ms, None)


def test_second_start_on_the_same_day_takes_up_the_unsent_visit(web: WebDistrict, phone: Phone) -> None:
    assert phone.begin() == phone.begin()
    assert phone.begin("09123456702") != phone.begin()
    assert len(web.rows(tables.visits)) == 2


def test_new_day_or_a_sent_form_begins_a_new_visit(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    first = phone.begin()
    phone.send(first, fill(good_answers))
    second = phone.begin()
    web.pass_time(hours=14)
    phone = Phone(web)
    assert len({first, second, phone.begin()}) == 3


def test_officers_above_may_visit_the_centres_of_their_area(web: WebDistrict) -> None:
    assert Phone(web, CDPO).start().status_code == 303
    assert Phone(web, DPO).start(OTHER_SECTOR_CENTRE).status_code == 303


def test_nobody_begins_or_reads_a_visit_outside_her_area(web: WebDistrict, phone: Phone) -> None:
    foreign = Phone(web, DPO).begin(OTHER_SECTOR_CENTRE)
    phone = Phone(web)
    assert phone.start(OTHER_SECTOR_CENTRE).status_code == 404
    for page in (foreign, f"{foreign}/form", f"{foreign}/form.xml"):
        assert phone.browser.get(page).status_code == 404
    assert phone.send(foreign, b"<data/>").status_code == 404


def test_without_a_session_there_is_only_the_log_in_page(web: WebDistrict, phone: Phone) -> None:
    visit = phone.begin()
    stranger = web.browser()
    for page in (visit, f"{visit}/form", f"{visit}/form.xml"):
        assert stranger.get(page).headers["location"].startswith("/log-in")
    sent = stranger.post(f"{visit}/submission", files={"xml_submission_file": b"<data/>"})
    assert sent.headers["location"] == "/log-in"


def test_submission_without_the_sessions_token_is_refused(web: WebDistrict, phone: Phone) -> None:
    visit = phone.begin()
    sent = phone.browser.post(f"{visit}/submission", files={"xml_submission_file": b"<data/>"})
    assert sent.status_code == 403


def test_centre_page_offers_to_continue_the_officers_own_open_visit_of_today(
    web: WebDistrict, phone: Phone
) -> None:
    def offer(browser: TestClient) -> bool:
        page = browser.get(f"/centres/{CENTRE}").text
        assert ("Start supervision visit" in page) is not ("Continue the visit" in page)
        return "Continue the visit" in page

    assert not offer(phone.browser)
    phone.begin()
    assert offer(phone.browser)
    assert not offer(web.logged_in(CDPO))
    web.change(tables.visits, day="2026-11-20")
    assert not offer(phone.browser)


def test_form_page_names_the_centre_in_every_language(phone: Phone) -> None:
    page = phone.browser.get(f"{phone.begin()}/form").text
    for language, name in (("en", "Rampur 1"), ("hi", "Rampur 1 हि"), ("ur", "Rampur 1 ار")):
        assert f'<b lang="{language}">{name}</b>' in page


def test_form_page_tells_the_phone_its_addresses_and_nothing_the_kiosk_reported(
    web: WebDistrict, phone: Phone
) -> None:
    for n in range(17):
        web.mark(f"p-{n}")
    web.open()
    visit = phone.begin()
    page = phone.browser.get(f"{visit}/form").text
    assert f'data-form-url="{visit}/form.xml"' in page
    assert f'data-submit-url="{visit}/submission"' in page
    assert f'data-csrf="{web.csrf()}"' in page
    assert "17" not in page.replace(visit, "").replace(web.csrf(), "")


def test_form_is_that_of_the_version_the_visit_began_with(
    web: WebDistrict, phone: Phone, form: Form, fill: Fill, good_answers: dict[str, str]
) -> None:
    visit = phone.begin()
    newer = msgspec.structs.replace(form, version="2027010101", xform="<newer/>")
    web.app.state.forms = FormLibrary([form, newer])
    assert phone.browser.get(f"{visit}/form.xml").text == form.xform
    assert phone.send(visit, fill(good_answers, version=newer.version)).status_code == 409
    assert phone.send(visit, fill(good_answers)).status_code == 201
    (kept,) = web.rows(tables.visits)
    assert kept["form_version"] == form.version


def test_form_no_longer_kept_is_said_to_be_gone(
    web: WebDistrict, phone: Phone, form: Form, fill: Fill, good_answers: dict[str, str]
) -> None:
    visit = phone.begin()
    web.app.state.forms = FormLibrary([msgspec.structs.replace(form, version="2027010101")])
    assert phone.browser.get(f"{visit}/form.xml").status_code == 410
    refused = phone.send(visit, fill(good_answers))
    assert refused.status_code == 410
    assert "IT officer" in refused.json()["detail"]


def test_submission_is_stored_as_it_came_with_answers_and_score(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    raw = fill(good_answers)
    visit = phone.begin()
    web.pass_time(hours=3)
    assert phone.send(visit, raw).status_code == 201
    (kept,) = web.rows(tables.visits)
    assert kept["submission"] == raw
    assert msgspec.json.decode(kept["answers"]) == good_answers
    assert (kept["score"], kept["grade"], kept["submitted_ms"]) == (100.0, "A", web.now_ms)


def test_upload_days_later_still_belongs_to_the_day_of_the_visit(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    visit = phone.begin()
    web.pass_time(days=3)
    assert Phone(web).send(visit, fill(good_answers)).status_code == 201
    assert web.rows(tables.visits)[0]["day"] == "2026-11-21"


def test_resend_is_received_again_and_changes_nothing(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    visit = phone.begin()
    assert phone.send(visit, fill(good_answers)).status_code == 201
    before = web.rows(tables.visits)
    web.pass_time(minutes=5)
    assert phone.send(visit, fill(good_answers)).status_code == 202
    assert web.rows(tables.visits) == before


@pytest.mark.parametrize("instance", [{"instance_id": ANOTHER}, {}], ids=["another form", "edited since"])
def test_sent_visit_takes_no_other_answers(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str], instance: dict[str, str]
) -> None:
    visit = phone.begin()
    phone.send(visit, fill(good_answers))
    before = web.rows(tables.visits)
    refused = phone.send(visit, fill(good_answers | {"PSE01": "99"}, **instance))
    assert refused.status_code == 409
    assert "sent before" in refused.json()["detail"]
    assert web.rows(tables.visits) == before


def test_only_the_officer_who_began_a_visit_sends_it(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    visit = phone.begin()
    above = Phone(web, CDPO)
    assert above.browser.get(f"{visit}/form").status_code == 403
    assert above.send(visit, fill(good_answers)).status_code == 403
    assert "has not sent its form" in above.browser.get(visit).text


def test_wrong_answer_is_named_by_its_question_in_the_officers_language(
    web: WebDistrict, phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    visit = phone.begin()
    web.change(tables.officers, language="ur")
    refused = phone.send(visit, fill(good_answers | {"VIS06": "half past nine"}))
    assert refused.status_code == 422
    assert "آج مرکز کھلنے کا وقت" in refused.json()["detail"]
    assert "half past nine" not in refused.text
    assert web.rows(tables.visits)[0]["submitted_ms"] is None


@pytest.mark.parametrize("raw", [b"", b"not XML", b"<data"])
def test_what_is_no_form_is_refused_with_a_remedy(phone: Phone, raw: bytes) -> None:
    refused = phone.send(phone.begin(), raw)
    assert refused.status_code in {400, 409}
    assert "again" in refused.json()["detail"]


def test_submission_under_another_field_is_no_form(
    phone: Phone, fill: Fill, good_answers: dict[str, str]
) -> None:
    assert phone.send(phone.begin(), fill(good_answers), field="file").status_code == 400


def test_request_longer_than_a_form_can_be_is_not_read(phone: Phone) -> None:
    refused = phone.send(phone.begin(), b"x" * (MAX_BYTES + 20_000))
    assert refused.status_code == 413
    assert "Shorten" in refused.json()["detail"]
