"""The growth pages of an area and of a centre, and their cards on the district and the centre page."""

import re
from datetime import timedelta

import pytest

from server.storage import tables
from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CDPO, CENTRE, DPO, OTHER_SECTOR_CENTRE, SUPERVISOR, TODAY

HERE = f"/centres/{CENTRE}/growth"
MONTH_AGO = TODAY - timedelta(days=30)


@pytest.fixture
def measured(nursery):
    """Twelve children at one centre, three of them severely underweight, one of whom is at the NRC."""
    for n, child in enumerate(nursery.children(12)):
        nursery.weigh(child, "SEVERE" if n < 3 else "NORMAL")
        nursery.measure(child, length=800 + n, muac=140, haz=-1.0, stunting="NORMAL")
    nursery.decide("c-0", "nrc", day=TODAY)
    nursery.child("away")
    return nursery


def test_area_page_tells_shares_with_their_numbers_and_names_nobody(web, measured):
    page = web.logged_in().get("/growth").text
    shown = text_of(page)
    for said in (
        "13 children registered",
        "Weighed 92.3 % 12 of 13",
        "Severely underweight 25.0 % 3 of 12",
        "Sent to the NRC, not seen again: 1",
        "Weights typed in by hand 0.0 % 0 of 12",
        "No worker is counted",
        "half the sum of how far",
    ):
        assert said in shown
    assert "Gudiya" not in page
    assert "c-0" not in page


def test_centre_page_names_whom_to_see_first_and_who_was_not_weighed(web, measured):
    measured.decide("c-5", "centre", day=MONTH_AGO, visits=(MONTH_AGO + timedelta(days=14),))
    shown = text_of(web.logged_in().get(HERE).text)
    first = shown[shown.index("Children to see first") :]
    assert re.search(r"Gudiya c-0 .*Sent to the NRC, not seen again since 21-11-2026", first)
    assert first.index("Gudiya c-0") < first.index("Gudiya c-1")
    assert re.search(r"Not weighed this month: 1 Gudiya away", first)
    assert "c-5" not in first.split("How many are malnourished")[0]


def test_reading_names_is_noted_and_reading_figures_is_not(web, measured):
    browser = web.logged_in()
    browser.get("/growth")
    browser.get("/growth/summary")
    assert web.rows(tables.access_log) == []
    browser.get(HERE)
    noted = [(row["action"], row["subject"]) for row in web.rows(tables.access_log)]
    assert noted == [("growth_page", CENTRE)]


def test_card_fetched_without_its_page_is_noted_as_the_page_and_once(web, measured):
    browser = web.logged_in(CDPO)
    browser.get(f"{HERE}/summary")
    browser.get(f"{HERE}/summary")
    noted = [(row["action"], row["subject"]) for row in web.rows(tables.access_log)]
    assert noted == [("centre_page", CENTRE)]


def test_share_of_few_children_is_written_as_numbers_with_the_reason(web, nursery):
    for child in nursery.children(9):
        nursery.weigh(child)
    shown = text_of(web.logged_in().get(HERE).text)
    assert "All below five years 0 of 9" in shown
    assert "Of fewer than 10 children there is no percentage" in shown


@pytest.mark.parametrize(
    ("mobile", "said"), [(SUPERVISOR, "3 of 12"), (CDPO, "1 to 4 of 12"), (DPO, "1 to 4 of 12")]
)
def test_few_cases_are_hidden_beyond_the_sector_and_the_page_says_so(web, measured, mobile, said):
    shown = text_of(web.logged_in(mobile).get("/growth").text)
    assert f"Severely underweight {'25.0 % ' if mobile == SUPERVISOR else ''}{said}" in shown
    assert ("Groups of fewer than 5 children are hidden" in shown) == (mobile != SUPERVISOR)


def test_centre_page_hides_nothing_from_whoever_may_read_its_names(web, measured):
    assert "3 of 12" in text_of(web.logged_in(CDPO).get(HERE).text)


@pytest.mark.parametrize("path", ["/growth", "/growth/summary"])
def test_another_area_is_in_no_figure(web, nursery, path):
    for child in nursery.children(11, centre=OTHER_SECTOR_CENTRE):
        nursery.weigh(child, "SEVERE", centre=OTHER_SECTOR_CENTRE)
    assert "11 of 11" not in text_of(web.logged_in().get(path).text)
    assert "11 of 11" in text_of(web.logged_in(DPO).get(path).text)


@pytest.mark.parametrize("path", [HERE, f"{HERE}/summary"])
def test_centre_outside_the_area_is_not_there(web, nursery, path):
    nursery.child("far", centre=OTHER_SECTOR_CENTRE)
    assert web.logged_in().get(path.replace(CENTRE, OTHER_SECTOR_CENTRE)).status_code == 404
    assert web.logged_in(DPO).get(path.replace(CENTRE, OTHER_SECTOR_CENTRE)).status_code == 200
    assert web.logged_in(DPO).get(path.replace(CENTRE, "00000000000")).status_code == 404


@pytest.mark.parametrize("path", ["/growth", "/growth/summary", HERE, f"{HERE}/summary"])
def test_nobody_reads_a_page_without_logging_in(web, path):
    assert web.browser().get(path).status_code == 303


@pytest.mark.parametrize("path", ["/growth", HERE])
def test_another_month_can_be_chosen_and_nonsense_and_the_future_are_no_page(web, nursery, path):
    nursery.weigh(nursery.child("c"), day=MONTH_AGO)
    browser = web.logged_in()
    assert "as of 31-10-2026" in text_of(browser.get(f"{path}?month=2026-10").text)
    for month in ("2026-13", "october", "2026-1", "2026-12"):
        assert browser.get(path, params={"month": month}).status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Children to see first", "Severely underweight")),
        ("hi", ("पहले किन बच्चों को देखें", "गंभीर कम वज़न", "12 में से 3")),
        ("ur", ("پہلے کن بچوں کو دیکھیں", "شدید کم وزن", "12 میں سے 3")),
    ],
)
@pytest.mark.parametrize("path", ["/growth", HERE])
def test_pages_speak_three_languages(web, measured, path, language, words):
    browser = web.logged_in()
    browser.cookies.set("aangan_language", language)
    shown = text_of(browser.get(path).text)
    assert all(word in shown for word in words)


def test_date_keeps_its_direction_among_urdu_words(web, measured):
    browser = web.logged_in()
    browser.cookies.set("aangan_language", "ur")
    assert '<bdi class="date" dir="ltr">21-11-2026</bdi>' in browser.get(HERE).text


def test_district_and_centre_page_fetch_the_card_and_lead_to_the_page(web, measured):
    browser = web.logged_in()
    for page, growth in (("/", "/growth"), (f"/centres/{CENTRE}", HERE)):
        shown = browser.get(page).text
        assert f'hx-get="{growth}/summary"' in shown
        assert f'href="{growth}"' in shown
        card = text_of(browser.get(f"{growth}/summary").text)
        assert "Weighed 92.3 % 12 of 13" in card
        assert "To see first 3 children" in card


def test_report_is_read_again_after_five_minutes_not_before(web, nursery):
    browser = web.logged_in()
    browser.get("/growth")
    for child in nursery.children(12):
        nursery.weigh(child)
    assert "12 of 12" not in text_of(browser.get("/growth").text)
    web.pass_time(minutes=5)
    assert "12 of 12" in text_of(browser.get("/growth").text)


def test_erased_child_is_in_no_list_and_no_figure(web, measured):
    with web.engine.begin() as connection:
        connection.exec_driver_sql("delete from persons where person_id = 'c-0'")
    page = web.logged_in().get(HERE).text
    assert "c-0" not in page
    assert "Severely underweight 18.2 % 2 of 11" in text_of(page)
