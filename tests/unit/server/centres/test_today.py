"""The district page: every centre's day in numbers."""

from datetime import timedelta

from server.centres.freshness import Freshness, freshness
from tests.unit.server.web_district import CDPO, CENTRE, TODAY, WebDistrict

MINUTE = 60_000


def centre(web: WebDistrict, centre_id: str = CENTRE) -> dict:
    listed = web.logged_in().get("/api/v1/centres").json()["centres"]
    return next(one for one in listed if one["centre_id"] == centre_id)


def test_centre_without_a_word_has_not_opened(web: WebDistrict) -> None:
    found = centre(web)
    assert (found["state"], found["freshness"], found["present"], found["enrolled"]) == (
        "not_opened",
        "never",
        0,
        0,
    )


def test_enrolled_are_the_children_of_three_to_six(web: WebDistrict) -> None:
    for years in (2, 3, 5, 6):
        web.add_child(f"p-{years}", years=years)
    assert centre(web)["enrolled"] == 2


def test_only_children_marked_present_are_counted(web: WebDistrict) -> None:
    web.mark("p-1")
    web.mark("p-2", present=False)
    assert centre(web)["present"] == 1


def test_rations_are_counted_by_evidence_and_refusals_apart(web: WebDistrict) -> None:
    for person, rung in (("p-1", "face"), ("p-2", "face"), ("p-3", "attestation"), ("p-4", None)):
        web.hand_out(person, rung)
    found = centre(web)
    assert found["rations"] == {"face": 2, "attestation": 1}
    assert found["refused"] == 1


def test_child_weighed_twice_counts_once_by_her_last_weight(web: WebDistrict) -> None:
    web.weigh("p-1", 9000, "SEVERE")
    web.weigh("p-1", 11000, "NORMAL")
    web.weigh("p-2", 9500, "MODERATE")
    web.weigh("p-3", 9500, None)
    found = centre(web)
    assert (found["weighed"], found["flagged"], found["severe"]) == (3, 1, 0)


def test_centre_opened_again_after_closing_is_open(web: WebDistrict) -> None:
    web.open()
    assert centre(web)["state"] == "open"


def test_closed_centre_is_closed(web: WebDistrict) -> None:
    web.open(closed=True)
    assert centre(web)["state"] == "closed"


def test_yesterdays_day_is_not_shown_as_today(web: WebDistrict) -> None:
    web.open()
    web.mark("p-1")
    web.pass_time(days=1)
    found = centre(web)
    assert (found["state"], found["present"]) == ("not_opened", 0)


def test_day_begins_at_midnight_in_india(web: WebDistrict) -> None:
    web.now = web.now.replace(hour=18, minute=29)
    assert web.logged_in().get("/api/v1/centres").json()["day"] == TODAY.isoformat()
    web.pass_time(minutes=1)
    assert web.logged_in().get("/api/v1/centres").json()["day"] == (TODAY + timedelta(days=1)).isoformat()


def test_silence_of_two_heartbeats_is_quiet_unless_the_centre_closed() -> None:
    assert freshness(None, 0, closed=False) is Freshness.NEVER
    assert freshness(0, 65 * MINUTE, closed=False) is Freshness.HEARD
    assert freshness(0, 65 * MINUTE + 1, closed=False) is Freshness.QUIET
    assert freshness(0, 65 * MINUTE + 1, closed=True) is Freshness.RESTING


def test_quiet_kiosk_comes_first_and_is_named_in_words(web: WebDistrict) -> None:
    web.open(CENTRE)
    web.open("09123456703")
    web.hear_from("09123456703")
    web.pass_time(minutes=75)
    web.hear_from(CENTRE)
    browser = web.logged_in(CDPO)
    order = [one["centre_id"] for one in browser.get("/api/v1/centres").json()["centres"]]
    assert order == ["09123456703", "09123456702", CENTRE]
    assert "Quiet: last heard 1 hour ago" in browser.get("/").text


def test_kiosks_never_heard_from_are_counted_beside_the_quiet_ones(web: WebDistrict) -> None:
    web.hear_from(CENTRE)
    page = web.logged_in(CDPO).get("/").text
    assert "no kiosk heard yet: 2" in page
    web.hear_from("09123456702")
    web.hear_from("09123456703")
    assert "no kiosk heard yet" not in web.logged_in(CDPO).get("/").text


def test_page_holds_no_persons_name(web: WebDistrict) -> None:
    web.add_child("p-1", "आरव", "Aarav")
    web.mark("p-1")
    page = web.logged_in().get("/").text
    assert "Aarav" not in page
    assert "आरव" not in page


def test_search_finds_by_name_sector_and_code(web: WebDistrict) -> None:
    browser = web.logged_in(CDPO)
    for wanted in ("purwa", "s-2", "456703"):
        page = browser.get("/", params={"q": wanted}).text
        assert 'data-centre="09123456703"' in page
        assert f'data-centre="{CENTRE}"' not in page


def test_more_than_fifty_centres_come_in_pages(web: WebDistrict) -> None:
    for number in range(60):
        web.add_centre(f"091234568{number:02}", "s-1", f"Centre {number:02}")
    browser = web.logged_in()
    first, second = browser.get("/").text, browser.get("/?page=2").text
    assert (first.count("data-centre="), second.count("data-centre=")) == (50, 12)
    assert browser.get("/?page=99").text.count("data-centre=") == 12


def test_page_asks_for_news_every_two_seconds_and_less_often_for_a_whole_district(web: WebDistrict) -> None:
    browser = web.logged_in()
    assert 'hx-trigger="every 2s"' in browser.get("/").text
    for number in range(200):
        web.add_centre(f"09123457{number:03}", "s-1", f"Centre {number}")
    assert 'hx-trigger="every 10s"' in browser.get("/").text
