import re
import time
from zoneinfo import ZoneInfo

import pytest

from anganwadi.events import FaceNotMatched, RationCollected, RationRefused

ROOM, DARK, HER, STRANGER = 0, 5, 60, 120


@pytest.fixture
def enrolled(worker, enrol):
    """Mother and sister are enrolled."""
    enrol("mother", HER)
    enrol("sister", STRANGER)
    return worker


def test_her_face_hands_out_the_ration(stage, enrolled):
    stage.camera.shows = HER
    answer = enrolled.face("mother")
    assert enrolled.accepted == "ration_collected=1"
    assert (answer["accepted"], answer["rung"], answer["next_rung"]) == (True, "face", None)
    (ration,) = stage.recorded(RationCollected)
    assert (ration.person_id, ration.collected_by, ration.rung) == ("mother", "mother", "face")
    assert (ration.services, ration.days_covered) == (("THR",), 25)
    assert ration.score == answer["score"] >= ration.threshold
    assert ration.cycle == f"{stage.session.today():%Y-%m}"


def test_a_stranger_is_not_accepted_in_her_name_and_the_page_offers_the_next_evidence(stage, enrolled):
    stage.camera.shows = STRANGER + 1
    first = enrolled.face("mother")
    assert enrolled.accepted == "face_not_matched=1"
    assert (first["accepted"], first["next_rung"]) == (False, "face_retry")
    assert first["score"] < first["threshold"]
    assert enrolled.face("mother")["next_rung"] == "nominee_face"
    assert enrolled.face("mother", who="sister")["next_rung"] == "attestation"
    assert enrolled.post("/ration/mother/face", 409)["error"] == "rung_not_offered"
    assert [missed.rung for missed in stage.recorded(FaceNotMatched)] == [
        "face",
        "face_retry",
        "nominee_face",
    ]
    page = enrolled.page("/ration/mother")
    assert "does not match" in page
    assert 'action="/ration/mother/attest"' in page


def test_a_second_try_can_succeed(stage, enrolled):
    stage.camera.shows = DARK
    assert enrolled.face("mother")["hint"] == "too_dark"
    assert "Turn her face to the light" in enrolled.page("/ration/mother")
    stage.camera.shows = HER
    assert enrolled.face("mother")["rung"] == "face_retry"


def test_a_trusted_person_may_collect_at_once(stage, enrolled):
    stage.camera.shows = STRANGER
    answer = enrolled.face("mother", who="sister")
    assert (answer["rung"], answer["collected_by"]) == ("nominee_face", "sister")


def test_somebody_she_did_not_name_is_no_trusted_person(enrolled):
    assert enrolled.post("/ration/mother/face", 409, who="other")["error"] == "rung_not_offered"


def test_a_childs_ration_is_collected_by_the_guardians_face(stage, enrolled):
    stage.camera.shows = HER
    assert enrolled.face("baby")["collected_by"] == "mother"
    (ration,) = stage.recorded(RationCollected)
    assert (ration.person_id, ration.collected_by) == ("baby", "mother")


def test_too_dark_twice_is_served_on_the_workers_word(stage, enrolled):
    enrolled.post("/faces/sister/withdraw")
    stage.camera.shows = DARK
    enrolled.face("mother")
    assert enrolled.face("mother")["next_rung"] == "attestation"
    assert 'value="too_dark" required checked' in enrolled.page("/ration/mother")
    enrolled.vouch(reason="too_dark", witness="AWH")
    (ration,) = stage.recorded(RationCollected)
    assert (ration.rung, ration.reason, ration.witness) == ("attestation", "too_dark", "AWH")


def test_a_second_ration_in_a_cycle_is_explained_and_not_handed_out(stage, worker):
    worker.vouch()
    for path in ("attest", "face", "refuse"):
        answer = worker.post(f"/ration/mother/{path}", 409, reason="not_enrolled", witness="AWH")
        assert answer["error"] == "already_collected"
    assert len(stage.recorded(RationCollected)) == 1
    assert worker.client.get("/ration/mother").headers["location"] == "/ration/mother/done"


def test_hand_out_now_is_said_only_right_after_it_was_recorded(stage, worker):
    answer = worker.client.post(
        "/ration/mother/attest", data={"reason": "not_enrolled", "witness": "AWH", "heard": "1"}
    )
    right_after = worker.page(answer.headers["location"])
    assert 'class="handout" data-collected="today" data-rung="attestation"' in right_after
    assert "Hand out the ration now" in right_after
    later = worker.page(worker.client.get("/ration/mother").headers["location"])
    assert 'class="handout before" data-collected="today" data-rung="attestation"' in later
    assert "Hand out the ration now" not in later
    assert re.search(r"Handed out today at \d\d:\d\d", later)


def test_page_of_a_ration_handed_out_says_when(stage, worker):
    worker.vouch()
    at = stage.session.day().handed_out["mother"].astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"Handed out today at {at:%H:%M}" in worker.page("/ration/mother/done")


def test_a_ration_of_an_earlier_log_in_counts_for_the_cycle(stage, worker):
    stage.change("mother", cycles=(f"{stage.session.today():%Y-%m}",))
    assert "was handed out already" in worker.page("/ration/mother/done")
    stage.change("mother", cycles=("2020-01",))
    worker.vouch()


@pytest.mark.parametrize("witness", ["", "AWW", "mother", "baby", "nobody"])
def test_vouching_needs_a_witness_who_is_not_party_to_it(stage, worker, witness):
    fields = {"reason": "not_enrolled"} | ({"witness": witness} if witness else {})
    assert worker.post("/ration/mother/attest", 422, **fields)["error"] == "no_witness"
    assert stage.recorded(RationCollected) == []


def test_another_woman_of_the_centre_can_be_the_witness(stage, worker):
    worker.vouch(reason="face_covered", witness="elder")
    assert stage.recorded(RationCollected)[0].witness == "elder"


def test_a_broken_camera_never_stands_between_her_and_the_ration(stage, enrolled):
    stage.camera.broken = True
    answer = enrolled.post("/ration/mother/face", 409)
    assert answer["error"] == "rung_not_offered"
    page = enrolled.page("/ration/mother")
    assert 'value="camera_broken" required checked' in page
    enrolled.vouch(reason="camera_broken", witness="AWH")


def test_a_face_of_another_model_is_not_compared(stage, enrolled):
    stage.engine.model = "played-2"
    assert enrolled.post("/ration/mother/face", 409)["error"] == "rung_not_offered"
    assert 'value="not_enrolled" required checked' in enrolled.page("/ration/mother")


def test_leaving_without_a_ration_needs_a_reason_and_is_an_event(stage, worker):
    assert worker.post("/ration/mother/refuse", 422)["error"] == "no_reason"
    worker.post("/ration/mother/refuse", reason="no_stock")
    assert worker.accepted == "ration_refused=1"
    assert stage.recorded(RationRefused)[0].reason == "no_stock"
    worker.vouch()


def test_leaving_without_is_confirmed_and_marked_on_her_tile(worker):
    answer = worker.client.post("/ration/mother/refuse", data={"reason": "no_stock"})
    assert answer.headers["location"] == "/ration/mother/left"
    page = worker.page("/ration?refused=mother")
    assert 'data-refused="mother"' in page
    tile = page.split('href="/ration/mother"')[1].split("</a>")[0]
    assert "Left without a ration today" in tile
    assert 'class="pick done"' not in tile
    worker.vouch()
    assert "Left without" not in worker.page("/ration")


def test_a_face_that_did_not_match_outranks_a_later_picture_too_dark(stage, enrolled):
    enrolled.post("/faces/sister/withdraw")
    stage.camera.shows = STRANGER + 1
    enrolled.face("mother")
    stage.camera.shows = DARK
    enrolled.face("mother")
    page = enrolled.page("/ration/mother")
    assert 'data-missed="not_matched"' in page
    assert 'value="face_not_matched" required checked' in page


def test_the_vouch_page_gives_no_advice_for_another_try(stage, enrolled):
    enrolled.post("/faces/sister/withdraw")
    stage.camera.shows = DARK
    enrolled.face("mother")
    enrolled.face("mother")
    page = enrolled.page("/ration/mother")
    assert 'data-missed="too_dark"' in page
    assert "Turn her face to the light" not in page


def test_a_camera_that_fails_now_is_what_the_page_says(stage, enrolled):
    stage.camera.shows = DARK
    enrolled.face("mother")
    stage.camera.broken = True
    assert 'data-missed="camera"' in enrolled.page("/ration/mother")


def test_a_strangers_tries_do_not_cost_her_her_own(stage, enrolled, monkeypatch):
    stage.camera.shows = STRANGER + 1
    enrolled.face("mother")
    enrolled.face("mother")
    later = time.monotonic() + 601
    monkeypatch.setattr("edge.kiosk.desk.time.monotonic", lambda: later)
    stage.camera.shows = HER
    assert enrolled.face("mother")["rung"] == "face"


def test_nothing_is_owed_to_who_is_in_no_category(worker):
    assert (
        worker.post("/ration/elder/attest", 409, reason="not_enrolled", witness="AWH")["error"] == "not_owed"
    )


def test_the_result_offers_the_rest_of_the_family(worker):
    worker.vouch()
    assert 'href="/ration/baby"' in worker.page("/ration/mother/done")
