"""The page of a sent visit: what was seen, beside what the kiosk reported, with score and critical failures."""

import re
from collections.abc import Callable

import msgspec
import pytest

from server.storage import tables
from server.supervision.form import Form, FormLibrary
from tests.unit.server.supervision.test_visits import Phone
from tests.unit.server.web_district import TODAY, WebDistrict

Fill = Callable[..., bytes]
Show = Callable[..., str]


@pytest.fixture
def show(web: WebDistrict, fill: Fill, good_answers: dict[str, str]) -> Show:
    """The page of a visit sent with these answers."""

    def sent(language: str = "en", **answers: str) -> str:
        web.change(tables.officers, language=language)
        phone = Phone(web)
        visit = phone.begin()
        assert phone.send(visit, fill(good_answers | answers)).status_code == 201
        return phone.browser.get(visit).text

    return sent


def row(page: str, code: str) -> str:
    """An item's line of the comparison, as text."""
    found = re.search(rf'<tr data-item="{code}".*?</tr>', page, re.DOTALL)
    assert found
    return text(found[0])


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_head_count_stands_beside_the_kiosks_attendance(web: WebDistrict, show: Show) -> None:
    web.open()
    for n in range(3):
        web.mark(f"p-{n}")
    web.mark("p-9", present=False)
    page = show(PSE01="5")
    assert row(page, "PSE01") == "Children 3-6 years present now (head count) 5 3 Differs by 2"
    assert row(page, "VIS01").endswith("Yes Yes 09:30 Agrees")


def test_month_counts_each_child_weighed_and_each_person_served_once(web: WebDistrict, show: Show) -> None:
    web.open()
    for child in ("p-1", "p-2", "p-3"):
        web.add_child(child)
    for child in ("p-1", "p-1", "p-2"):
        web.weigh(child, 14_000, "NORMAL")
    for person, rung in (("p-1", "face"), ("p-2", None), ("p-2", "attestation"), ("p-3", None)):
        web.hand_out(person, rung)
    page = show(GRO01="2", GRO02="1", THR05="2", THR06="1", THR07="1")
    assert [row(page, code).endswith("Agrees") for code in ("GRO01", "GRO02", "THR05", "THR06", "THR07")] == [
        True
    ] * 5
    assert "Face 1 Worker vouches 1" in row(page, "THR07")


def test_weights_and_rations_of_another_month_or_centre_do_not_count(web: WebDistrict, show: Show) -> None:
    web.open()
    web.add_child("p-1")
    web.weigh("p-1", 14_000, "NORMAL")
    web.hand_out("p-1", "face")
    web.change(tables.weighings, day=TODAY.replace(month=10).isoformat())
    web.change(tables.rations, centre_id="09123456702")
    page = show(GRO01="0", THR05="0")
    assert row(page, "GRO01").endswith("0 0 Agrees")
    assert row(page, "THR05").endswith("0 0 Agrees")


def test_silent_kiosk_is_said_to_have_reported_nothing(show: Show) -> None:
    assert row(show(PSE01="5"), "PSE01").endswith("5 – Not reported")


def test_critical_items_not_met_are_named_and_hold_the_grade(web: WebDistrict, show: Show) -> None:
    page = show(FBK03="yes")
    shown = text(page)
    assert "Grade C" in shown
    assert "Because of these the grade is C at best." in shown
    assert re.search(r"Critical items not met .*Was anyone asked to pay or turned away\? Yes", shown)
    assert web.rows(tables.visits)[0]["grade"] == "C"


def test_visit_without_critical_failure_shows_none(show: Show) -> None:
    page = text(show())
    assert "100%" in page
    assert "Grade A" in page
    assert "Critical items not met" not in page


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [("en", "Building type", "Own building"), ("hi", "भवन का प्रकार", "अपना"), ("ur", "عمارت کی قسم", "اپنی")],
)
def test_answers_are_read_in_the_officers_language(
    show: Show, language: str, question: str, answer: str
) -> None:
    page = text(show(language, INF01="own"))
    assert re.search(rf"{question} {answer}", page)


def test_answers_are_shown_as_text_never_as_markup(show: Show) -> None:
    assert "<b>well</b>" not in show(ACT01="&lt;b&gt;well&lt;/b&gt;")


def test_page_is_written_into_the_access_log(web: WebDistrict, show: Show) -> None:
    show()
    (visit,) = web.rows(tables.visits)
    viewed = [(entry["action"], entry["subject"]) for entry in web.rows(tables.access_log)]
    assert ("visit_page", visit["visit_id"]) in viewed


def test_unsent_visit_leads_back_to_its_form_and_shows_no_figures(web: WebDistrict) -> None:
    web.open()
    phone = Phone(web)
    visit = phone.begin()
    page = phone.browser.get(visit).text
    assert f'href="{visit}/form"' in page
    assert "Not sent yet" in page
    assert 'id="beside"' not in page


def test_form_of_a_sent_visit_leads_to_its_page(
    web: WebDistrict, fill: Fill, good_answers: dict[str, str]
) -> None:
    phone = Phone(web)
    visit = phone.begin()
    phone.send(visit, fill(good_answers))
    assert phone.browser.get(f"{visit}/form").headers["location"] == visit


def test_visit_whose_form_is_no_longer_kept_still_shows_its_score(
    web: WebDistrict, form: Form, fill: Fill, good_answers: dict[str, str]
) -> None:
    phone = Phone(web)
    visit = phone.begin()
    phone.send(visit, fill(good_answers))
    web.app.state.forms = FormLibrary([msgspec.structs.replace(form, version="2027010101")])
    page = text(phone.browser.get(visit).text)
    assert "100%" in page
    assert "cannot be shown in words" in page


def test_visit_is_listed_on_its_centres_page(web: WebDistrict, show: Show) -> None:
    show()
    (visit,) = web.rows(tables.visits)
    centre = web.logged_in().get(f"/centres/{visit['centre_id']}").text
    assert f'href="/visits/{visit["visit_id"]}"' in centre
    assert "100%" in text(centre)
