"""A try of a face at the counter: the moves after the match, what is recorded, and that it never is a dead end."""

import time
from datetime import timedelta

import msgspec
import pytest

from anganwadi.events import FaceNotMatched, RationCollected
from edge.kiosk import face_try, pickup, ration, speaking

ROOM, DARK, HER, STRANGER = 0, 5, 60, 120


@pytest.fixture
def enrolled(stage, worker, enrol):
    enrol("mother", HER)
    enrol("sister", STRANGER)
    stage.camera.shows = HER
    stage.camera.heard.clear()
    stage.voice.said.clear()
    return worker


def test_a_face_that_matches_is_asked_to_move_one_move_at_a_time(stage, enrolled, monkeypatch):
    monkeypatch.setattr(face_try, "LOOK_S", 0.0)  # one picture a look
    seen = [enrolled.post("/ration/mother/face") for _ in range(7)]
    assert [answer["state"] for answer in seen] == ["looking", "challenge", *["challenge"] * 4, "accepted"]
    assert [answer["move"] for answer in seen[2:6]] == ["turn_left", "turn_left", "blink", "blink"]
    assert (seen[4]["steps_done"], seen[4]["steps"]) == (1, 2)
    assert stage.camera.heard == ["straight", "straight", "turn_left", "blink", "straight"]


def test_the_moves_are_said_in_her_language_whatever_the_screens(stage, enrolled):
    stage.change("mother", person=_speaking(stage, "ur"))
    enrolled.face("mother")
    assert [language for language, _ in stage.voice.said] == ["ur"] * len(stage.voice.said)
    assert stage.voice.said[0][1] == "سر بائیں طرف گھمائیں۔"


def _speaking(stage, language):
    return msgspec.structs.replace(stage.session.people["mother"].person, language=language)


def test_the_record_has_what_was_measured_and_her_moves_apart_from_the_machines_time(stage, enrolled):
    enrolled.page("/ration/mother")
    enrolled.face("mother")
    (ration,) = stage.recorded(RationCollected)
    assert ration.look.challenge == ("turn_left", "blink")
    assert (ration.look.live, ration.look.flags, ration.look.calibration) == (True, ("glare",), "played")
    assert ration.look.challenge_ms == 2
    assert ration.serve_ms >= ration.look.machine_ms + ration.look.challenge_ms
    assert ration.tries == 0


@pytest.mark.parametrize(
    "why", ["timeout", "wrong_move", "flat", "face_lost", "several_faces", "another_face"]
)
def test_a_face_that_does_not_move_as_asked_is_a_try_that_says_why(stage, enrolled, why):
    stage.challenge.passes, stage.challenge.why = False, why
    answer = enrolled.face("mother")
    assert (answer["accepted"], answer["why"], answer["next_rung"]) == (False, why, "face_retry")
    assert answer["score"] >= answer["threshold"]
    (missed,) = stage.recorded(FaceNotMatched)
    assert (missed.look.live, missed.look.why_not) == (False, why)
    assert f'data-why="{why}"' in enrolled.page("/ration/mother")


def test_a_photograph_twice_leads_on_to_other_evidence_and_not_to_a_refusal(stage, enrolled):
    stage.challenge.passes, stage.challenge.why = False, "flat"
    assert enrolled.face("mother")["next_rung"] == "face_retry"
    assert enrolled.face("mother")["next_rung"] == "nominee_face"
    assert enrolled.face("mother", who="sister")["next_rung"] == "attestation"
    enrolled.vouch()
    (ration,) = stage.recorded(RationCollected)
    assert (ration.rung, ration.tries) == ("attestation", 3)


def test_a_face_other_than_the_one_that_moved_is_not_taken(stage, enrolled):
    stage.challenge.same = False
    assert enrolled.face("mother")["why"] == "another_face"


def test_leaving_in_the_middle_of_the_moves_is_a_try_so_that_none_can_be_waited_for(stage, enrolled):
    stage.challenge.never = True
    assert enrolled.post("/ration/mother/face")["state"] == "challenge"
    enrolled.page("/ration/mother?by=ways")
    (missed,) = stage.recorded(FaceNotMatched)
    assert missed.look.why_not == "abandoned"
    page = enrolled.page("/ration/mother")
    assert 'data-rung="face_retry"' in page
    assert 'data-why="abandoned"' in page


def test_a_try_that_nobody_goes_on_with_is_over(stage, enrolled, monkeypatch):
    stage.challenge.never = True
    enrolled.post("/ration/mother/face")
    monkeypatch.setattr(face_try, "STALE_S", 0.0)
    enrolled.page("/ration/mother")
    assert len(stage.recorded(FaceNotMatched)) == 1


def test_loading_the_page_again_goes_on_with_the_same_moves(stage, enrolled):
    stage.challenge.never = True
    enrolled.post("/ration/mother/face")
    assert 'data-state="challenge"' in enrolled.page("/ration/mother", "ur")
    assert stage.recorded(FaceNotMatched) == []


def test_looking_costs_nothing_before_a_face_is_there(stage, enrolled, monkeypatch):
    monkeypatch.setattr(face_try, "NOBODY_S", 60.0)
    stage.camera.shows = ROOM
    answer = enrolled.post("/ration/mother/face")
    assert (answer["state"], answer["hint"]) == ("looking", "no_face")
    enrolled.page("/ration/mother?by=ways")
    assert stage.recorded(FaceNotMatched) == []
    assert 'hx-trigger="load' in enrolled.page("/ration/mother")


def test_the_first_try_begins_by_itself_and_the_second_waits_for_a_tap(stage, enrolled):
    assert 'hx-trigger="load' in enrolled.page("/ration/mother")
    stage.camera.shows = STRANGER + 1
    enrolled.face("mother")
    page = enrolled.page("/ration/mother")
    assert 'data-state="waiting"' in page
    assert page.count("button go") == 1


def test_a_hint_is_said_and_not_repeated_at_once(stage, enrolled, monkeypatch):
    monkeypatch.setattr(face_try, "FACE_S", 60.0)
    monkeypatch.setattr(speaking, "SENTENCE_S", 0.0)  # what was said at the enrolment is over
    stage.camera.shows = DARK
    for _ in range(3):
        enrolled.post("/ration/mother/face")
    assert len(stage.voice.said) == 1


def test_the_page_asks_in_pieces_and_is_sent_on_when_it_is_over(stage, enrolled, monkeypatch):
    monkeypatch.setattr(face_try, "LOOK_S", 0.0)
    htmx = {"HX-Request": "true"}
    answers = [enrolled.client.post("/ration/mother/face", headers=htmx) for _ in range(7)]
    assert 'data-state="looking"' in answers[0].text
    assert 'data-move="turn_left"' in answers[3].text
    assert 'class="ring"' in answers[3].text
    assert answers[-1].headers["hx-redirect"] == "/ration/mother/done?just=1"
    assert answers[-1].headers["Aangan-Accepted"] == "ration_collected=1"


def test_the_done_page_tells_the_machines_time_apart_from_her_moves(stage, enrolled):
    enrolled.page("/ration/mother")
    enrolled.face("mother")
    page = enrolled.page("/ration/mother/done?just=1")
    assert 'data-challenge-ms="2"' in page
    assert "her moves: 0.0 s" in page


def test_her_time_begins_when_her_name_is_tapped_and_anew_after_the_list(stage, enrolled):
    enrolled.page("/ration/mother")
    time.sleep(0.15)
    enrolled.page("/ration")
    enrolled.page("/ration/mother")
    enrolled.face("mother")
    assert stage.recorded(RationCollected)[0].serve_ms < 150 + 2000
    assert stage.recorded(RationCollected)[0].serve_ms >= stage.recorded(RationCollected)[0].look.machine_ms


def test_two_trusted_persons_are_each_tried_once(stage, enrolled, enrol):
    her = stage.session.people["mother"].person
    enrol("elder", 200)
    stage.change("mother", person=msgspec.structs.replace(her, nominees=("sister", "elder")))
    stage.camera.shows = 233
    assert enrolled.face("mother", who="sister")["next_rung"] == "face"
    assert enrolled.post("/ration/mother/face", 409, who="sister")["error"] == "rung_not_offered"
    stage.camera.shows = 200
    assert enrolled.face("mother", who="elder")["collected_by"] == "elder"
    assert stage.recorded(RationCollected)[0].tries == 1


def test_leaving_between_two_moves_is_a_try_as_well(stage, enrolled, monkeypatch):
    monkeypatch.setattr(face_try, "LOOK_S", 0.0)
    take = stage.challenge.take

    def pausing(self, rgb, at):
        return msgspec.structs.replace(take(self, rgb, at), move=None, steps_done=1, done=False, passed=False)

    monkeypatch.setattr(stage.challenge, "take", pausing)
    for _ in range(4):
        assert enrolled.post("/ration/mother/face")["move"] is None
    enrolled.page("/ration/mother?by=ways")
    assert [missed.look.why_not for missed in stage.recorded(FaceNotMatched)] == ["abandoned"]


def test_a_camera_that_fails_in_the_middle_of_the_moves_ends_the_try(stage, enrolled):
    stage.challenge.never = True
    assert enrolled.post("/ration/mother/face")["state"] == "challenge"
    stage.camera.broken = True
    answer = enrolled.post("/ration/mother/face")
    assert (answer["state"], answer["hint"]) == ("not_accepted", "camera")
    assert enrolled.accepted == "face_not_matched=1"
    page = enrolled.page("/ration/mother")
    assert 'data-missed="camera"' in page
    assert 'value="camera_broken" required checked' in page


def test_a_camera_that_fails_before_anything_was_asked_costs_no_try(stage, enrolled, monkeypatch):
    monkeypatch.setattr(face_try, "LOOK_S", 0.0)
    assert enrolled.post("/ration/mother/face")["state"] == "looking"
    stage.camera.broken = True
    enrolled.post("/ration/mother/face")
    assert stage.recorded(FaceNotMatched) == []


def test_what_is_recorded_of_a_try_that_was_left_is_told_with_the_answer(stage, enrolled):
    stage.challenge.never = True
    enrolled.post("/ration/mother/face")
    answer = enrolled.client.get("/ration/mother?by=ways")
    assert answer.headers["Aangan-Accepted"] == "face_not_matched=1"


def test_a_pick_up_is_not_over_in_the_middle_of_a_try(stage, enrolled, monkeypatch):
    stage.challenge.never = True
    enrolled.post("/ration/mother/face")
    monkeypatch.setattr(pickup, "PICKUP_S", 0.0)
    assert enrolled.post("/ration/mother/face")["state"] == "challenge"
    assert 'data-state="challenge"' in enrolled.page("/ration/mother")


def test_a_face_whose_consent_was_taken_back_is_not_compared_on(stage, enrolled):
    stage.challenge.never = True
    assert enrolled.post("/ration/mother/face")["state"] == "challenge"
    enrolled.post("/faces/mother/withdraw")
    assert enrolled.post("/ration/mother/face", 409)["error"] == "rung_not_offered"
    assert stage.recorded(RationCollected) == []


def test_a_template_nobody_can_read_is_passed_over_and_she_is_served_by_other_evidence(stage, enrolled):
    people = stage.kiosk.session.people
    broken = msgspec.structs.replace(people["mother"].template, vectors=bytes(12))
    people["mother"] = msgspec.structs.replace(people["mother"], template=broken)
    assert enrolled.page("/ration/mother")
    assert enrolled.post("/ration/mother/face", 409)["error"] == "rung_not_offered"


def test_a_done_page_that_is_loaded_again_later_does_not_say_to_hand_it_out_again(
    stage, enrolled, monkeypatch
):
    enrolled.face("mother")
    assert "Hand out the ration now" in enrolled.page("/ration/mother/done?just=1")
    monkeypatch.setattr(ration, "JUST_NOW", timedelta(0))
    page = enrolled.page("/ration/mother/done?just=1")
    assert "Hand out the ration now" not in page
    assert "Handed out today at" in page
