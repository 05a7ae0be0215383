"""Who sees which centres, and the record of who looked."""

import pytest

from server.storage import tables
from tests.unit.server.web_district import CDPO, CENTRE, DPO, OTHER_SECTOR_CENTRE, SUPERVISOR, WebDistrict

SEEN = {
    SUPERVISOR: {"09123456701", "09123456702"},
    CDPO: {"09123456701", "09123456702", "09123456703"},
    DPO: {"09123456701", "09123456702", "09123456703", "09123456799"},
}


@pytest.mark.parametrize("mobile", SEEN)
def test_officer_sees_the_centres_of_her_area_and_no_other(web: WebDistrict, mobile: str) -> None:
    browser = web.logged_in(mobile)
    listed = {centre["centre_id"] for centre in browser.get("/api/v1/centres").json()["centres"]}
    opened = {centre for centre in SEEN[DPO] if browser.get(f"/centres/{centre}").status_code == 200}
    assert listed == opened == SEEN[mobile]


def test_centre_outside_the_area_looks_like_one_that_is_not(web: WebDistrict) -> None:
    browser = web.logged_in()
    outside = browser.get(f"/centres/{OTHER_SECTOR_CENTRE}")
    nowhere = browser.get("/centres/99999999999")
    assert outside.status_code == nowhere.status_code == 404
    assert outside.text.replace(OTHER_SECTOR_CENTRE, "99999999999") == nowhere.text


def test_dpo_of_another_district_sees_nothing(web: WebDistrict) -> None:
    web.add_officer("9000000004", "dpo", "bareilly")
    assert web.logged_in("9000000004").get("/api/v1/centres").json()["centres"] == []


def test_opening_a_centre_is_noted_with_ids_only(web: WebDistrict) -> None:
    web.add_child("p-1", "आरव", "Aarav")
    web.logged_in().get(f"/centres/{CENTRE}")
    (noted,) = web.rows(tables.access_log)
    assert (noted["officer_id"], noted["action"], noted["subject"]) == (
        "o-supervisor-s-1",
        "centre_page",
        CENTRE,
    )


def test_page_left_open_is_noted_every_quarter_of_an_hour(web: WebDistrict) -> None:
    browser = web.logged_in()
    browser.get(f"/centres/{CENTRE}")
    for _ in range(20):
        browser.get(f"/centres/{CENTRE}/live")
        web.pass_time(minutes=1)
    assert len(web.rows(tables.access_log)) == 2


def test_refused_look_is_not_noted_as_one(web: WebDistrict) -> None:
    web.logged_in().get(f"/centres/{OTHER_SECTOR_CENTRE}")
    assert web.rows(tables.access_log) == []
