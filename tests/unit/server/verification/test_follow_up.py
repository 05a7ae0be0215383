"""Which families are called about a ration on weaker evidence."""

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from anganwadi.verification import Rung
from server.storage import tables
from server.storage.registers import DRAWS, draw
from server.verification.follow_up import RUNGS, is_drawn, vouches_much
from server.verification.months import BadMonth, days_of, last_months
from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CDPO, CENTRE, DPO, OTHER_SECTOR_CENTRE, WebDistrict


def listed(web: WebDistrict, mobile: str = CDPO, **query: object) -> str:
    return text_of(web.logged_in(mobile).get("/follow-up", params=query).text)  # type: ignore[arg-type]


def test_weaker_evidence_is_followed_up_and_a_face_is_not():
    assert {Rung.CARD, Rung.PHONE_OTP, Rung.ATTESTATION, Rung.DOORSTEP} == RUNGS


def test_ten_of_a_hundred_draws_are_sampled_by_the_event_alone():
    drawn = [draw(n.to_bytes(4, "big")) for n in range(5_000)]
    assert drawn == [draw(n.to_bytes(4, "big")) for n in range(5_000)]
    assert all(0 <= each < DRAWS for each in drawn)
    assert 400 < sum(is_drawn(each, 0.1) for each in drawn) < 600
    assert not any(is_drawn(each, 0) for each in drawn)
    assert all(is_drawn(each, 1) for each in drawn)


def test_centre_above_fifteen_in_a_hundred_vouched_for_is_called_wholly():
    assert not vouches_much(Counter({Rung.FACE: 85, Rung.ATTESTATION: 15}))
    assert vouches_much(Counter({Rung.FACE: 84, Rung.ATTESTATION: 16}))


def test_list_names_the_family_the_evidence_and_why_it_is_there(web, days, people):
    for person in people(9, phone="9876543210"):
        days.served(person, "face")
    days.served(days.person("drawn", phone="9876500000"), "card", draw=42)
    days.served(days.person("not-drawn"), "phone_otp", draw=5_000)
    shown = listed(web)
    assert "1 family" in shown
    assert "Sunita drawn Rampur 1" in shown
    assert "Card and PIN drawn by lot 9876500000" in shown
    assert "not-drawn" not in shown


def test_where_the_worker_vouched_for_many_all_are_listed_once(web, days, people):
    for person in people(4, phone="98"):
        days.served(person, "face")
    days.served(days.person("a"), "attestation", reason="too_dark")
    days.served(days.person("b"), "card", draw=1)
    shown = listed(web)
    assert "2 families" in shown
    assert "many rations here on the worker's word" in shown
    assert "too dark" in shown
    assert "drawn by lot no number known" in shown


def test_childs_family_is_called_at_the_guardians_number(web, days):
    mother = days.person("mother", phone="9876511111")
    days.served(days.person("child", born=2025, guardian=mother), "attestation")
    assert "9876511111" in listed(web)


def test_somebody_erased_is_listed_under_the_end_of_her_id(web, days):
    days.served("p-0123456789abcdef", "attestation")
    assert "…abcdef" in listed(web)


def test_list_holds_the_officers_area_alone_and_reading_it_is_noted(web, days):
    days.served(days.person("far", centre=OTHER_SECTOR_CENTRE), "attestation", centre=OTHER_SECTOR_CENTRE)
    days.served(days.person("near"), "attestation")
    assert "Sunita far" not in listed(web)
    noted = [row["subject"] for row in web.rows(tables.access_log) if row["action"] == "follow_up_page"]
    assert noted == [CENTRE]
    assert "Sunita far" in listed(web, DPO)


def test_more_than_fifty_families_come_in_pages(web, days):
    person = days.person("p")
    for _ in range(60):
        days.served(person, "attestation")
    assert listed(web).count("Sunita p") == 50
    assert listed(web, page=2).count("Sunita p") == 10


def test_district_sets_its_own_share(web, days, people):
    object.__setattr__(web.settings, "follow_up", 0.5)
    for person in people(9):
        days.served(person, "face")
    days.served(days.person("drawn"), "card", draw=4_999)
    days.served(days.person("other"), "card", draw=5_000)
    shown = listed(web)
    assert "Sunita drawn" in shown
    assert "Sunita other" not in shown


def test_ration_made_before_draws_were_kept_is_not_sampled(web, days, people):
    for person in people(9):
        days.served(person, "face")
    days.served(days.person("old"), "card")
    with web.engine.begin() as connection:
        connection.execute(sa.update(tables.rations).values(draw=None))
    assert "No family to call in this month." in listed(web)


def test_months_have_their_first_and_last_day():
    assert days_of("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))
    assert last_months(date(2026, 2, 21), 3) == ["2026-02", "2026-01", "2025-12"]
    with pytest.raises(BadMonth):
        days_of("2026-00")
