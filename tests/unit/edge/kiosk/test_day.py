"""Opening, attendance, meals, closing."""

from anganwadi.events import AttendanceMarked, CentreClosed, CentreOpened, MealServed
from edge.store.outbox import StoreError


def test_opening_is_recorded_once(stage, visitor):
    visitor.post("/centre/open")
    assert visitor.accepted == "centre_opened=1"
    visitor.post("/centre/open")
    assert visitor.accepted == ""
    assert len(stage.recorded(CentreOpened)) == 1


def test_nothing_is_done_before_the_centre_is_open(visitor):
    assert visitor.post("/attendance/all", 409)["error"] == "not_open"
    assert "Open the centre" in visitor.page("/home")


def test_one_tap_marks_all_present_and_the_answer_counts_them(stage, worker):
    counts = worker.post("/attendance/all")
    assert counts == {"present": 25, "total": 25}
    assert worker.accepted == "attendance=25"
    assert len(stage.recorded(AttendanceMarked)) == 25


def test_all_present_marks_only_those_not_yet_marked(stage, worker):
    worker.post("/attendance/child", present=0)
    worker.post("/attendance/child-10", present=1)
    assert worker.post("/attendance/all") == {"present": 24, "total": 25}
    assert worker.accepted == "attendance=23"
    assert "child" in stage.session.day().absent


def test_a_tap_corrects_one_child(stage, worker):
    worker.post("/attendance/all")
    assert worker.post("/attendance/child", present=0) == {"present": 24, "total": 25}
    assert stage.recorded(AttendanceMarked)[-1].present is False
    assert worker.post("/attendance/child", present=1)["present"] == 25


def test_attendance_is_for_the_three_to_six_year_olds_only(worker):
    for someone in ("mother", "baby"):
        assert worker.post(f"/attendance/{someone}", 409, present=1)["error"] == "not_preschool"
    assert worker.post("/attendance/nobody", 404, present=1)["error"] == "unknown_person"


def test_a_tap_through_htmx_brings_the_tile_and_the_counts(worker):
    answer = worker.client.post("/attendance/child", data={"present": "1"}, headers={"HX-Request": "true"})
    assert answer.headers["Aangan-Accepted"] == "attendance=1"
    assert 'class="child present"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert 'data-present="1"' in answer.text


def test_the_meal_page_proposes_the_children_present(worker):
    worker.post("/attendance/all")
    worker.post("/attendance/child", present=0)
    assert 'name="count" value="24"' in worker.page("/meals")


def test_a_meal_is_recorded_with_its_count(stage, worker):
    assert worker.post("/meals", meal="HCM", count=24) == {"meal": "HCM", "count": 24}
    assert worker.accepted == "meal_served=1"
    (served,) = stage.recorded(MealServed)
    assert (served.meal, served.count) == ("HCM", 24)


def test_more_meals_than_children_present_are_asked_about_once(stage, worker):
    fields = {"meal": "HCM", "count": "3"}
    worker.client.cookies.set("aangan_language", "en")
    asked = worker.client.post("/meals", data=fields)
    assert "More than came today?" in asked.text
    assert stage.recorded(MealServed) == []
    saved = worker.client.post("/meals", data=fields | {"confirm": "1"})
    assert saved.headers["Aangan-Accepted"] == "meal_served=1"


def test_as_many_meals_as_children_present_are_saved_at_once(stage, worker):
    worker.post("/attendance/child", present=1)
    worker.client.post("/meals", data={"meal": "HCM", "count": "1"})
    assert len(stage.recorded(MealServed)) == 1


def test_once_a_meal_is_saved_the_next_one_has_to_be_chosen(worker):
    assert " checked" in worker.page("/meals")
    worker.post("/meals", meal="HCM", count=3)
    assert " checked" not in worker.page("/meals")


def test_an_impossible_count_or_meal_is_not_recorded(stage, worker):
    for fields in (
        {"meal": "HCM", "count": -1},
        {"meal": "HCM", "count": 301},
        {"meal": "TEA", "count": 3},
        {"meal": "HCM"},
    ):
        worker.post("/meals", 422, **fields)
    assert stage.recorded(MealServed) == []


def test_closing_by_hand_records_logs_out_and_says_so(stage, worker):
    answer = worker.client.post("/centre/close")
    assert answer.headers["Aangan-Accepted"] == "centre_closed=1"
    assert answer.headers["location"] == "/login?why=closed"
    assert stage.kiosk.session is None


def test_a_script_closes_and_stays_logged_in(stage, worker):
    assert worker.post("/centre/close") == {"closed": True}
    assert len(stage.recorded(CentreClosed)) == 1
    assert worker.get("/api/status")["day"]["closed"] is True


def test_a_closed_day_can_be_opened_again(stage, worker):
    worker.post("/centre/close")
    worker.post("/centre/open")
    assert worker.accepted == "centre_opened=1"
    assert stage.session.day().is_open


def test_the_summary_shows_the_day_and_what_is_still_to_be_sent(worker):
    worker.post("/attendance/all")
    worker.post("/meals", meal="HCM", count=24)
    page = worker.page("/close")
    assert "25 / 25" in page
    assert "Waiting to be sent: 27" in page


def test_status_without_a_log_in_tells_nothing_of_the_day(stranger):
    status = stranger.get("/api/status")
    assert status["logged_in"] is False
    assert status["day"] is None
    assert status["link"]["connected"] is True


def test_what_was_not_saved_is_never_called_accepted(stage, worker, monkeypatch):
    def full(*_: object) -> None:
        raise StoreError("the card is full")

    monkeypatch.setattr(stage.session, "record", full)
    assert worker.post("/attendance/all", 500)["error"] == "not_saved"
    assert worker.accepted == ""
    answer = worker.client.post("/attendance/all", headers={"HX-Request": "true"})
    assert "memory card" in answer.text or "मेमोरी कार्ड" in answer.text


def test_a_fault_nobody_foresaw_is_a_page_in_plain_words(stage, worker, monkeypatch):
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(stage.session, "day", broken)
    worker.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    worker.client.cookies.set("aangan_language", "en")
    answer = worker.client.get("/home")
    assert answer.status_code == 500
    assert "Something went wrong in the kiosk." in answer.text
