"""What the pages say of a kiosk's records: how far they have come, and what is wrong with them."""

import json

import pytest

from server.storage import tables
from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CENTRE, WebDistrict

HOUR = 3_600_000
KIOSK = f"kiosk-{CENTRE}"


def pages(web: WebDistrict) -> tuple[str, str]:
    """The district page and the centre page."""
    browser = web.logged_in()
    return text_of(browser.get("/").text), text_of(browser.get(f"/centres/{CENTRE}").text)


def listed(web: WebDistrict) -> dict:
    centres = web.logged_in().get("/api/v1/centres").json()["centres"]
    return next(one for one in centres if one["centre_id"] == CENTRE)


def quarantine(web: WebDistrict, **values: object) -> None:
    fixed = {
        "reason": "r",
        "content_hash": b"h",
        "received_ms": 0,
        "origin": KIOSK,
        "epoch": 1,
        "frame": b"f",
    }
    web.add(tables.quarantine, **{**fixed, **values})


def test_healthy_kiosk_needs_no_attention(web: WebDistrict) -> None:
    web.hear_from(stored=5, safe=5, recorded=5)
    found = listed(web)
    assert not found["attention"]
    assert found["kiosk"]["missing"] == 0


def test_records_still_on_the_kiosk_are_told_with_their_age(web: WebDistrict) -> None:
    web.hear_from(stored=5, recorded=9, unreceipted_since_ms=web.now_ms - 3 * HOUR)
    district, centre = pages(web)
    assert "Not sent: oldest 3 hours ago" in district
    assert "Still on the kiosk 4 oldest 3 hours ago" in centre


def test_age_a_kiosk_once_told_is_void_when_all_it_recorded_has_come(web: WebDistrict) -> None:
    web.hear_from(stored=9, safe=9, recorded=9, unreceipted_since_ms=web.now_ms - 30 * HOUR)
    assert not listed(web)["attention"]


def test_oldest_event_without_a_backup_is_told_with_its_age(web: WebDistrict) -> None:
    web.hear_from(stored=3, safe=1)
    web.store(2, hours_ago=27)
    web.store(3, hours_ago=1)
    district, centre = pages(web)
    assert "No backup: oldest 1 day ago" in district
    assert "Safe in the backup 1 oldest without: 1 day ago" in centre


def test_last_nights_backup_is_soon_enough(web: WebDistrict) -> None:
    web.hear_from(stored=2, safe=1)
    web.store(2, hours_ago=20)
    assert not listed(web)["attention"]


def test_fork_is_an_alarm_for_a_copied_card(web: WebDistrict) -> None:
    web.hear_from(stored=3, safe=3)
    quarantine(web, quarantine_id="q-1", alarm=True)
    district, centre = pages(web)
    assert "Copied card? 1 records contradict" in district
    assert "Held back for checking 1" in centre


@pytest.mark.parametrize("settled", [{"released_ms": 1}, {"frame": None}])
def test_released_and_strangers_frames_are_no_concern_of_the_kiosk(web: WebDistrict, settled: dict) -> None:
    web.hear_from()
    quarantine(web, quarantine_id="q-1", alarm=True, **settled)
    assert not listed(web)["attention"]


def test_events_reported_lost_are_counted_but_for_those_that_came(web: WebDistrict) -> None:
    web.hear_from(stored=10, safe=10)
    for sequence in (3, 5, 8):
        web.store(sequence, type="lost")
    web.store(4)  # waited within the gap
    fixed = {"origin": KIOSK, "epoch": 1, "reason": "damaged", "record": b"", "received_ms": 0}
    web.add(tables.gaps, first_sequence=3, last_sequence=5, **fixed)
    web.add(tables.gaps, first_sequence=8, last_sequence=8, **fixed)
    assert "3 records lost on the kiosk" in pages(web)[0]


def test_notices_of_a_kiosk_are_told_in_words_and_unknown_ones_left_out(web: WebDistrict) -> None:
    web.hear_from(notices=json.dumps(["disk_full", "code_of_tomorrow"]))
    district, _ = pages(web)
    assert "memory card full" in district
    assert "code_of_tomorrow" not in district


def test_retired_kiosk_no_longer_counts(web: WebDistrict) -> None:
    web.hear_from(stored=2, safe=0, notices=json.dumps(["forked"]), retired_ms=1)
    found = listed(web)
    assert found["kiosk"]["notices"] == []
    assert found["freshness"] == "never"


def test_centre_in_need_of_attention_stands_first(web: WebDistrict) -> None:
    web.hear_from("09123456702", notices=json.dumps(["clock_wrong"]))
    centres = web.logged_in().get("/api/v1/centres").json()["centres"]
    assert centres[0]["centre_id"] == "09123456702"
