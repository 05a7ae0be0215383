"""The rungs below the face: card and PIN, a code by phone, the worker's word, the doorstep, and leaving without."""

import re

import msgspec
import pytest
from argon2 import PasswordHasher

from anganwadi.cards import grouped, new_number, qr_text
from anganwadi.events import DoorstepListed, RationCollected, RationRefused
from edge.kiosk import ration_card

PIN = "4071"


@pytest.fixture
def card(stage, worker):
    """The mother's card; its number."""
    number = new_number()
    her = stage.session.people["mother"].person
    stage.change(
        "mother",
        card_issued=True,
        card_pin=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN),
        person=msgspec.structs.replace(her, card=number),
    )
    return number


@pytest.fixture
def phone(stage, worker):
    """The mother has a phone that the district knows."""
    her = stage.session.people["mother"].person
    stage.change("mother", person=msgspec.structs.replace(her, phone="9811100012"))
    stage.kiosk.codes.phones[her.person_id] = "XXXXXXXX12"


def test_card_and_pin_hand_out_the_ration(stage, worker, card):
    assert 'data-asks="card"' in worker.page("/ration/mother")
    assert worker.post("/ration/mother/card", card=grouped(card)) == {"accepted": False, "read": True}
    assert 'data-asks="pin"' in worker.page("/ration/mother?by=card")
    answer = worker.post("/ration/mother/card", pin=PIN)
    assert (answer["accepted"], answer["rung"], answer["collected_by"]) == (True, "card", "mother")
    assert worker.accepted == "ration_collected=1"


def test_the_card_is_read_by_the_camera(stage, worker, card, monkeypatch):
    monkeypatch.setattr(ration_card, "read_card", lambda rgb: None)
    assert worker.post("/ration/mother/card/look") == {"read": False, "another": False}
    monkeypatch.setattr(ration_card, "read_card", lambda rgb: new_number())
    assert worker.post("/ration/mother/card/look") == {"read": False, "another": True}
    monkeypatch.setattr(ration_card, "read_card", lambda rgb: card)
    assert worker.post("/ration/mother/card/look")["read"]
    assert worker.post("/ration/mother/card", pin=PIN)["accepted"]


def test_the_card_of_somebody_else_is_no_evidence_and_costs_no_try(stage, worker, card):
    assert worker.post("/ration/mother/card", 422, card=new_number(), pin=PIN)["error"] == "bad_card"
    assert worker.post("/ration/mother/card", 422, pin=PIN)["error"] == "bad_card"
    assert stage.recorded(RationCollected) == []
    assert worker.post("/ration/mother/card", card=qr_text(card), pin=PIN)["accepted"]


def test_three_wrong_pins_lead_on_and_not_out(stage, worker, card):
    left = [worker.post("/ration/mother/card", card=card, pin="0000") for _ in range(3)]
    assert [answer["tries_left"] for answer in left] == [2, 1, 0]
    assert left[-1]["next_rung"] == "attestation"
    assert worker.post("/ration/mother/card", 409, card=card, pin=PIN)["error"] == "rung_not_offered"
    worker.vouch()
    assert stage.recorded(RationCollected)[0].tries == 1


def test_a_childs_ration_is_drawn_on_the_guardians_card(worker, card):
    assert worker.post("/ration/baby/card", card=card, pin=PIN)["collected_by"] == "mother"


def test_without_a_camera_the_cards_number_is_typed(stage, worker, card):
    stage.camera.broken = True
    assert 'data-asks="number"' in worker.page("/ration/mother?by=card")


def test_a_code_from_her_phone_hands_out_the_ration(stage, worker, phone):
    assert 'data-asks="phone"' in worker.page("/ration/mother")
    asked = worker.post("/ration/mother/code/ask")
    assert (asked["sent"], asked["to"]) == (True, "XXXXXXXX12")
    assert "XXXXXXXX12" in worker.page("/ration/mother?by=phone_otp")
    wrong = worker.post("/ration/mother/code", code="000000")
    assert (wrong["accepted"], wrong["tries_left"]) == (False, 2)
    assert worker.post("/ration/mother/code", code="314159")["rung"] == "phone_otp"
    assert stage.recorded(RationCollected)[0].tries == 1


def test_a_code_is_asked_for_only_while_the_server_answers(stage, worker, phone):
    stage.kiosk.played_link.connected = False
    assert 'data-rung="attestation"' in worker.page("/ration/mother")
    assert worker.post("/ration/mother/code/ask", 409)["error"] == "rung_not_offered"


def test_a_code_that_cannot_be_sent_leads_on(stage, worker, phone):
    stage.kiosk.codes.reachable = False
    answer = worker.post("/ration/mother/code/ask")
    assert (answer["sent"], answer["reason"], answer["next_rung"]) == (False, "unreachable", "attestation")
    page = worker.page("/ration/mother")
    assert 'data-missed="code"' in page
    assert 'data-rung="attestation"' in page


def test_a_server_that_goes_away_before_the_check_leads_on(stage, worker, phone):
    worker.post("/ration/mother/code/ask")
    stage.kiosk.codes.reachable = False
    assert worker.post("/ration/mother/code", code="314159")["next_rung"] == "attestation"


def test_every_way_that_is_open_is_offered_out_of_turn(worker, card, phone):
    page = worker.page("/ration/mother?by=ways")
    for way in ("card", "phone_otp", "attestation", "doorstep"):
        assert f'data-way="{way}"' in page
    assert 'data-way="face"' not in page
    assert 'data-rung="attestation"' in worker.page("/ration/mother?by=attestation")
    worker.vouch(reason="consent_declined")


def test_a_way_that_is_not_open_shows_the_strongest_that_is(worker):
    assert 'data-rung="attestation"' in worker.page("/ration/mother?by=card")


def test_vouching_needs_that_she_was_told_and_agreed(stage, worker):
    fields = {"reason": "not_enrolled", "witness": "AWH"}
    assert worker.post("/ration/mother/attest", 422, **fields)["error"] == "not_told"
    assert stage.recorded(RationCollected) == []
    worker.vouch()
    assert stage.recorded(RationCollected)[0].acknowledged


def test_what_she_receives_is_said_and_shown_in_her_language(stage, worker):
    page = worker.page("/ration/other?by=attestation", "en")
    assert "آپ کو مل رہا ہے" in page
    assert worker.post("/ration/other/tell") == {"language": "ur", "spoken": True}
    assert stage.voice.said[-1][0] == "ur"
    assert "25" in stage.voice.said[-1][1]


def test_whoever_leaves_without_is_told_how_to_complain_in_her_language(stage, worker):
    stage.kiosk.settings.complaint_line = "1800 000 000"
    answer = worker.post("/ration/other/refuse", reason="stranger")
    assert "1800 000 000" in answer["complain"]
    assert stage.voice.said[-1] == ("ur", answer["complain"])
    page = worker.page("/ration/other/left", "en")
    assert '<p class="ask" lang="ur" dir="rtl">' in page
    assert "1800 000 000" in page
    assert stage.recorded(RationRefused)[0].reason == "stranger"


def test_without_a_complaint_line_she_is_sent_to_the_supervisor(worker):
    worker.post("/ration/mother/refuse", reason="no_stock")
    assert "सुपरवाइज़र" in worker.page("/ration/mother/left")


def test_who_left_without_can_be_served_after_all(worker):
    worker.post("/ration/mother/refuse", reason="family_left")
    worker.vouch()
    assert worker.client.get("/ration/mother/left").headers["location"] == "/ration/mother"


def test_a_ration_is_brought_home_and_recorded_with_who_saw_it(stage, worker):
    assert worker.post("/ration/mother/doorstep", 422)["error"] == "no_reason"
    assert worker.post("/ration/mother/delivered", 409, witness="AWH")["error"] == "not_listed"
    worker.post("/ration/mother/doorstep", reason="newborn")
    assert worker.accepted == "doorstep_listed=1"
    assert stage.session.people["mother"].doorstep
    assert "/ration/mother?by=doorstep" in worker.page("/doorstep")
    assert worker.post("/ration/mother/delivered", 422, witness="mother")["error"] == "no_witness"
    answer = worker.post("/ration/mother/delivered", witness="elder")
    assert (answer["rung"], answer["collected_by"]) == ("doorstep", "mother")
    (ration,) = stage.recorded(RationCollected)
    assert (ration.rung, ration.witness) == ("doorstep", "elder")


def test_who_comes_again_is_taken_off_the_list(stage, worker):
    worker.post("/ration/mother/doorstep", reason="bedridden")
    worker.post("/ration/mother/doorstep/off")
    assert [event.listed for event in stage.recorded(DoorstepListed)] == [True, False]
    assert not stage.session.people["mother"].doorstep
    assert "/ration/mother" not in worker.page("/doorstep")


def test_being_on_the_list_does_not_keep_her_from_collecting(stage, worker):
    worker.post("/ration/mother/doorstep", reason="far")
    assert 'data-rung="attestation"' in worker.page("/ration/mother")
    worker.vouch()


def test_waiting_for_a_card_does_not_count_as_somebody_using_the_screen(stage, worker, card):
    stage.kiosk.leave_alone(stage.kiosk.settings.idle_minutes - 1)
    worker.post("/ration/mother/card/look")
    stage.kiosk.leave_alone(2)
    assert worker.post("/ration/mother/card/look", 401)["error"] == "not_logged_in"


def test_that_nobody_could_log_in_is_no_reason_at_the_counter(stage, worker):
    assert worker.vouch(status=422, reason="not_logged_in")["error"] == "bad_reason"
    assert stage.recorded(RationCollected) == []


@pytest.mark.parametrize("page", ["?by=card&typed=1", "?by=card", "?by=phone_otp"])
def test_number_pin_and_code_go_up_without_a_form_navigation_which_a_browser_keeps(worker, card, phone, page):
    if "typed" not in page:
        worker.post("/ration/mother/card", card=card)
        worker.post("/ration/mother/code/ask")
    (form,) = re.findall(r"<form [^>]*data-asks[^>]*>", worker.page(f"/ration/mother{page}"))
    assert 'hx-post="/ration/mother/' in form
