"""The doorstep list and the head count on the centre page."""

from server.storage import tables
from tests.unit.server.centres.test_centre_page import page, text_of
from tests.unit.server.web_district import CENTRE, TODAY, WebDistrict


def say(web: WebDistrict, person: str, sequence: int, reason: str, *, listed: bool = True) -> None:
    """The kiosk put somebody on the doorstep list, or took her off it."""
    place = {"origin": "kiosk-a", "epoch": 1, "sequence": sequence, "centre_id": CENTRE, "at_ms": sequence}
    web.add(tables.doorstep, **place, day=TODAY.isoformat(), person_id=person, reason=reason, listed=listed)


def test_whose_ration_is_to_be_brought_home_is_listed_with_the_reason(web: WebDistrict) -> None:
    web.add_child("p-1", latin="Aarav")
    web.add_child("p-2", latin="Bina")
    say(web, "p-1", 1, "bedridden")
    say(web, "p-2", 2, "far")
    say(web, "p-2", 3, "far", listed=False)
    shown = text_of(page(web))
    card = shown[shown.index("Rations to be brought home") :]
    assert card.startswith("Rations to be brought home Aarav आरव ill, cannot come · 21-11-2026")
    assert "lives far away" not in shown


def test_reason_of_a_newer_kiosk_is_told_in_words(web: WebDistrict) -> None:
    say(web, "p-1", 1, "code_of_tomorrow")
    assert "Rations to be brought home …p-1 other reason" in text_of(page(web))


def test_centre_without_a_list_shows_none(web: WebDistrict) -> None:
    assert "brought home" not in page(web)


def test_head_count_stands_beside_the_attendance_of_that_moment(web: WebDistrict) -> None:
    web.add(
        tables.head_counts, centre_id=CENTRE, day=TODAY.isoformat(), at_ms=web.now_ms, counted=11, marked=12
    )
    assert "11 faces in a picture of the group, when 12 were marked" in text_of(page(web))


def test_ration_on_a_phones_code_has_its_own_word(web: WebDistrict) -> None:
    web.hand_out("p-1", "phone_otp")
    assert "Code by phone" in text_of(page(web))
