import re
import time

import pytest

from anganwadi.events import ConsentGiven, ConsentWithdrawn, FaceEnrolled, PersonRecord

ROOM, DARK, HER, STRANGER = 0, 5, 60, 120


def test_no_picture_is_looked_at_before_consent(stage, worker):
    assert worker.post("/faces/mother/frame", 409)["error"] == "no_consent"
    assert stage.camera.starts == 0


def test_consent_is_recorded_with_the_notice_and_its_language(stage, worker):
    worker.post("/faces/other/consent", language="ur")
    assert worker.accepted == "consent_given=1"
    (given,) = stage.recorded(ConsentGiven)
    assert (given.person_id, given.notice, given.language) == ("other", "face-1", "ur")


def test_the_notice_is_shown_in_her_language_whatever_the_screens(worker):
    page = worker.page("/faces/other", language="hi")
    assert '<ul class="notice" lang="ur" dir="rtl">' in page
    assert "کیوں: تاکہ" in page


def test_three_pictures_enrol_and_the_template_travels_as_a_person_record(stage, worker, enrol):
    enrol("mother", HER)
    assert worker.accepted == "face_enrolled=1,person_record=1"
    (enrolled,) = stage.recorded(FaceEnrolled)
    assert (enrolled.model, enrolled.frames) == ("played-1", 3)
    (record,) = stage.recorded(PersonRecord)
    assert len(record.template.vectors) == 3 * 192 * 2
    assert stage.session.people["mother"].template is not None


@pytest.mark.parametrize(("shows", "hint"), [(ROOM, "no_face"), (DARK, "too_dark")])
def test_a_picture_that_is_not_taken_says_why(stage, worker, shows, hint):
    stage.camera.shows = shows
    worker.post("/faces/mother/consent", language="hi")
    answer = worker.post("/faces/mother/frame")
    assert (answer["taken"], answer["needed"], answer["hint"], answer["done"]) == (0, 3, hint, False)


def test_two_people_are_never_enrolled_as_one(stage, worker):
    stage.camera.shows = HER
    worker.post("/faces/mother/consent", language="hi")
    assert worker.post("/faces/mother/frame")["taken"] == 1
    stage.camera.shows = STRANGER
    assert worker.post("/faces/mother/frame")["hint"] == "another_face"


def test_without_a_camera_the_progress_says_so_and_goes_on_when_it_is_back(stage, worker, monkeypatch):
    stage.camera.broken = True
    worker.post("/faces/mother/consent", language="hi")
    assert worker.post("/faces/mother/frame")["hint"] == "camera"
    stage.camera.broken, stage.camera.shows = False, HER
    worker.post("/camera/restart")
    assert worker.post("/faces/mother/frame")["taken"] == 1


@pytest.mark.parametrize("child", ["baby", "child", "girl"])
def test_nobody_under_eighteen_is_enrolled(stage, worker, child):
    assert worker.post(f"/faces/{child}/consent", 409, language="hi")["error"] == "not_adult"
    assert child not in worker.page("/faces")


def test_a_no_to_the_notice_records_nothing_not_even_that_she_was_asked(stage, worker):
    worker.post("/faces/mother/decline")
    assert worker.accepted == ""


def test_stopping_half_way_keeps_nothing_and_says_that_she_is_served(stage, worker):
    worker.post("/faces/mother/consent", language="hi")
    answer = worker.client.post("/faces/mother/decline")
    page = worker.page(answer.headers["location"])
    assert "She receives her ration" in page
    assert page.count("button go") == 1
    assert 'class="notice"' not in page
    assert worker.post("/faces/mother/frame", 409)["error"] == "no_consent"
    assert [each.person_id for each in stage.recorded(ConsentWithdrawn)] == ["mother"]


def test_withdrawing_erases_the_template(stage, worker, enrol):
    enrol("mother", HER)
    worker.post("/faces/mother/withdraw")
    assert worker.accepted == "consent_withdrawn=1,person_record=1"
    assert stage.recorded(ConsentWithdrawn)
    assert stage.recorded(PersonRecord)[-1].erase_template
    assert stage.session.people["mother"].template is None


def test_withdrawing_ends_on_a_closing_page(worker, enrol):
    enrol("mother", HER)
    answer = worker.client.post("/faces/mother/withdraw")
    page = worker.page(answer.headers["location"])
    assert 'data-closing="withdrawn"' in page
    assert page.count("button go") == 1
    assert 'class="notice"' not in page


def test_saying_no_to_a_second_enrolment_leaves_the_first(stage, worker, enrol):
    enrol("mother", HER)
    answer = worker.client.post("/faces/mother/decline")
    assert "stays enrolled as it was" in worker.page(answer.headers["location"])
    assert stage.session.people["mother"].template is not None


def test_yes_and_no_weigh_the_same_on_the_notice(worker):
    notice = worker.page("/faces/mother").split('class="row bottom answers"')[1]
    assert re.findall(r'<button class="(.*?)">', notice)[:2] == ["button", "button"]


@pytest.mark.parametrize("page", ["/faces", "/faces/other", "/home", "/ration"])
def test_leaving_the_page_ends_the_enrolment_and_consent_is_asked_again(stage, worker, page):
    stage.camera.shows = HER
    worker.post("/faces/mother/consent", language="hi")
    worker.page("/faces/mother", "ur")
    assert worker.post("/faces/mother/frame")["taken"] == 1
    worker.page(page)
    assert worker.post("/faces/mother/frame", 409)["error"] == "no_consent"
    assert 'class="notice"' in worker.page("/faces/mother")


def test_a_minute_without_a_look_ends_the_enrolment(stage, worker, monkeypatch):
    stage.camera.shows = HER
    worker.post("/faces/mother/consent", language="hi")
    soon, late = time.monotonic() + 59, time.monotonic() + 61
    monkeypatch.setattr("edge.kiosk.desk.time.monotonic", lambda: soon)
    assert 'id="progress"' in worker.page("/faces/mother")
    monkeypatch.setattr("edge.kiosk.desk.time.monotonic", lambda: late)
    assert worker.post("/faces/mother/frame", 409)["error"] == "no_consent"


@pytest.fixture
def resembling(stage, worker, enrol):
    """The other mother, three pictures taken, looks like the first one."""
    enrol("mother", HER)
    worker.post("/faces/other/consent", language="ur")
    answers = [worker.post("/faces/other/frame") for _ in range(3)]
    answer = answers[-1]
    assert (answer["done"], answer["looks_like"]) == (False, ["mother"])
    return worker


def test_whom_she_resembles_is_shown_by_name_and_nothing_is_kept_yet(stage, resembling):
    assert resembling.accepted == ""
    assert stage.session.people["other"].template is None
    page = resembling.page("/faces/other")
    assert 'data-looks-like="mother"' in page
    assert "सुनीता देवी" in page


def test_the_worker_may_go_on_and_what_she_saw_is_recorded(stage, resembling):
    assert resembling.post("/faces/other/enrol")["looked_like"] == ["mother"]
    assert stage.recorded(FaceEnrolled)[-1].looked_like == ("mother",)
    assert stage.session.people["other"].template is not None


def test_the_worker_may_stop_and_the_consent_is_taken_back(stage, resembling):
    resembling.post("/faces/other/decline")
    assert stage.recorded(ConsentWithdrawn)[-1].person_id == "other"
    assert resembling.post("/faces/other/enrol", 409)["error"] == "no_consent"
    assert stage.session.people["other"].template is None


def test_nobody_enrols_past_the_pictures(stage, worker):
    stage.camera.shows = HER
    worker.post("/faces/mother/consent", language="hi")
    assert worker.post("/faces/mother/enrol", 409)["error"] == "no_consent"


def test_taking_consent_back_takes_as_many_taps_as_giving_it(worker, enrol):
    assert worker.page("/faces/mother").count('action="/faces/mother/consent"') == 1
    enrol("mother", HER)
    assert worker.page("/faces/mother").count('action="/faces/mother/withdraw"') == 1


def test_the_same_woman_can_enrol_again(worker, enrol):
    enrol("mother", HER)
    enrol("mother", HER)


def test_her_face_is_called_enough_only_where_a_ration_is_owed(worker, enrol):
    enrol("mother", HER)
    enrol("elder", STRANGER)
    assert "Her face is enough for her ration." in worker.page("/faces/mother")
    for path in ("/faces/elder", "/faces/elder?done=enrolled"):
        assert "ration." not in worker.page(path)


def test_logging_out_forgets_a_half_done_enrolment_and_switches_the_camera_off(stage, worker):
    stage.camera.shows = HER
    worker.post("/faces/mother/consent", language="hi")
    worker.post("/faces/mother/frame")
    worker.post("/logout")
    assert stage.camera.stops == 1
    worker.post("/login", post="AWW", pin="2580")
    assert worker.post("/faces/mother/frame", 409)["error"] == "no_consent"


def test_the_progress_piece_asks_for_the_next_picture_and_the_last_one_leads_on(stage, worker):
    stage.camera.shows = HER
    worker.post("/faces/mother/consent", language="hi")
    htmx = {"HX-Request": "true"}
    first = worker.client.post("/faces/mother/frame", headers=htmx)
    assert 'data-taken="1"' in first.text
    assert 'hx-post="/faces/mother/frame"' in first.text
    worker.client.post("/faces/mother/frame", headers=htmx)
    last = worker.client.post("/faces/mother/frame", headers=htmx)
    assert last.headers["hx-redirect"] == "/faces/mother?done=enrolled"
    assert last.headers["Aangan-Accepted"] == "face_enrolled=1,person_record=1"


def test_a_no_takes_the_yes_of_a_moment_ago_back_also_after_the_page_was_left(stage, worker):
    worker.post("/faces/mother/consent", language="hi")
    worker.page("/home")
    worker.post("/faces/mother/decline")
    assert worker.accepted == "consent_withdrawn=1"
    worker.post("/faces/mother/decline")
    assert worker.accepted == ""
