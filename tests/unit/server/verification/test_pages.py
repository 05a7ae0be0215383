"""The fairness report as a page, and its card on the district page."""

import re

import pytest

from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CDPO, CENTRE, DPO, SUPERVISOR


def test_report_tells_figures_with_their_targets_and_meaning(web, days, people):
    for person in people(6):
        days.missed(person, light="dim", score=0.2)
        days.served(person, "card", serve_ms=25_000)
    shown = text_of(web.logged_in().get("/verification").text)
    for said in (
        "Not known by face 100.0 % above the target of 5 %",
        "25.0 seconds above the target of 20 s",
        "By light at the first look",
        "fewer than 5 people are hidden",
        "is an estimate of false rejects",
        "No figure of a worker is kept",
    ):
        assert said in shown


def test_hidden_group_is_one_word_and_no_figure(web, days, people):
    for person in people(3):
        days.served(person, "face")
    page = web.logged_in().get("/verification").text
    row = re.search(rf'<tr role="row" data-group="{CENTRE}">.*?</tr>', page, re.DOTALL)
    assert row is not None
    assert text_of(row[0]).endswith("hidden: too few people here, or beside")


def test_page_names_no_person(web, days, people):
    for person in people(6):
        days.served(person, "face")
    page = web.logged_in().get("/verification").text
    assert "Sunita" not in page
    assert "p-0" not in page


def test_another_month_can_be_chosen_and_nonsense_is_no_page(web):
    browser = web.logged_in()
    assert "01-10-2026 – 31-10-2026" in browser.get("/verification?month=2026-10").text
    for month in ("2026-13", "october", "2026-1"):
        assert browser.get("/verification", params={"month": month}).status_code == 404


def test_report_is_read_again_after_five_minutes_not_before(web, days, people):
    browser = web.logged_in()
    browser.get("/verification")
    for person in people(6):
        days.served(person, "face")
    assert "100.0 %" not in browser.get("/verification").text
    web.pass_time(minutes=5)
    assert "100.0 %" in browser.get("/verification").text


def test_officers_of_two_areas_never_share_a_kept_report(web, days, people):
    for person in people(6, centre="09123456703"):
        days.served(person, "face", centre="09123456703")
    assert "100.0 %" in web.logged_in(CDPO).get("/verification").text
    assert "100.0 %" not in web.logged_in(SUPERVISOR).get("/verification").text


def test_district_page_fetches_the_card_of_this_month(web, days, people):
    for person in people(6):
        days.served(person, "face")
    browser = web.logged_in()
    assert 'hx-get="/verification/summary"' in browser.get("/").text
    card = text_of(browser.get("/verification/summary").text)
    assert "By face 100.0 %" in card
    assert "within the target of 5 %" in card


@pytest.mark.parametrize("path", ["/verification", "/verification/summary", "/follow-up", "/grievances"])
def test_nobody_reads_a_page_without_logging_in(web, path):
    assert web.browser().get(path).status_code == 303


@pytest.mark.parametrize(("mobile", "status"), [(SUPERVISOR, 403), (CDPO, 200), (DPO, 200)])
def test_families_are_called_by_the_office_not_by_the_supervisor(web, mobile, status):
    browser = web.logged_in(mobile)
    assert browser.get("/follow-up").status_code == status
    assert ('href="/follow-up"' in browser.get("/").text) == (status == 200)
