"""Printing cards from a centre's page: who may, for whom, and that no browser keeps the sheet."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from anganwadi.ids import CentreId, DistrictId, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire.keys import PrivateKeys
from server.cards import sheet
from server.storage import own_origin, tables
from server.storage.engine import begin_explicitly
from tests.unit.server.web_district import (
    CDPO,
    CENTRE,
    DISTRICT,
    OTHER_SECTOR_CENTRE,
    SUPERVISOR,
    TODAY,
    WebDistrict,
)

PATH = f"/centres/{CENTRE}/cards"


@pytest.fixture(autouse=True)
def mothers(web: WebDistrict, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two women who come for rations; the sheet itself is tried elsewhere."""
    monkeypatch.setattr(sheet, "render", lambda cards, names: b"%PDF " + str(len(cards)).encode())
    begin_explicitly(web.engine)
    with web.engine.begin() as connection:
        own_origin.enrol_self(connection, DistrictId(DISTRICT), PrivateKeys.generate().public)
    for name in ("asha", "bano"):
        web.add_person(
            Person(
                person_id=PersonId(name), centre_id=CentreId(CENTRE), household=name, name="आशा", name_latin=name,
                sex=Sex.FEMALE, born=TODAY - timedelta(days=366 * 27), registered=TODAY - timedelta(days=100),
                pregnant_since=TODAY - timedelta(days=60),
            )
        )  # fmt: skip


def print_for(web: WebDistrict, browser: TestClient, person: str = "", path: str = PATH):
    return browser.post(path, data={"person_id": person, "csrf": web.csrf()})


def test_office_prints_cards_for_all_who_have_none_and_the_browser_keeps_nothing(web: WebDistrict) -> None:
    browser = web.logged_in(CDPO)
    assert "Everybody without a card (2)" in browser.get(f"/centres/{CENTRE}").text
    answer = print_for(web, browser)
    assert (answer.status_code, answer.content) == (200, b"%PDF 2")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]
    assert len(web.rows(tables.cards)) == 2
    assert "Everybody has a card." in browser.get(f"/centres/{CENTRE}").text
    assert print_for(web, browser).headers["location"] == f"/centres/{CENTRE}"


def test_lost_card_is_replaced_by_name(web: WebDistrict) -> None:
    browser = web.logged_in(CDPO)
    print_for(web, browser)
    assert print_for(web, browser, "asha").content == b"%PDF 1"
    held = [row["person_id"] for row in web.rows(tables.cards) if row["revoked_ms"] is None]
    assert sorted(held) == ["asha", "bano"]
    assert len(web.rows(tables.cards)) == 3


def test_that_cards_were_printed_is_noted_without_names(web: WebDistrict) -> None:
    browser = web.logged_in(CDPO)
    print_for(web, browser)
    print_for(web, browser, "asha")
    noted = [row["subject"] for row in web.rows(tables.access_log) if row["action"] == "cards_printed"]
    assert noted == [CENTRE, "asha"]


def test_supervisor_prints_none(web: WebDistrict) -> None:
    browser = web.logged_in(SUPERVISOR)
    assert 'id="cards"' not in browser.get(f"/centres/{CENTRE}").text
    assert print_for(web, browser).status_code == 403
    assert web.rows(tables.cards) == []


@pytest.mark.parametrize("path", [f"/centres/{OTHER_SECTOR_CENTRE}/cards", "/centres/09999999999/cards"])
def test_office_prints_none_for_a_centre_that_is_not_its_own(web: WebDistrict, path: str) -> None:
    assert print_for(web, web.logged_in(CDPO), path=path).status_code == 404


def test_stranger_and_forged_request_print_none(web: WebDistrict) -> None:
    assert web.browser().post(PATH).status_code in {303, 401}
    assert web.logged_in(CDPO).post(PATH, data={"csrf": "x"}).status_code == 403
    assert print_for(web, web.logged_in(CDPO), "somebody").status_code == 404
    assert web.rows(tables.cards) == []
