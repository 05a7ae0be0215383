import pytest

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import downlink
from anganwadi.wire.downlink import Kind, Name
from anganwadi.wire.login import LeaseRefused
from edge.kiosk.session import LoginRefused

LOGIN = {"post": "AWW", "pin": "2580"}


def test_without_a_log_in_a_page_leads_to_the_log_in_and_json_is_401(stranger):
    assert stranger.client.get("/attendance").headers["location"] == "/login"
    assert stranger.client.get("/api/people", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/logout", "/centre/open", "/centre/close", "/attendance/all", "/attendance/child", "/meals", "/weigh/baby/save",
     "/weigh/baby/reading", "/weigh/baby/manual", "/weigh/scale/zero", "/faces/mother/consent", "/faces/mother/frame",
     "/faces/mother/withdraw", "/ration/mother/face", "/ration/mother/attest",
     "/ration/mother/refuse", "/camera/restart"],
)  # fmt: skip
def test_every_post_needs_a_log_in(stranger, path):
    assert stranger.client.post(path, headers={"Accept": "application/json"}).status_code == 401


def test_the_right_pin_opens_the_start_page(stranger):
    answer = stranger.client.post("/login", data=LOGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert "Baragaon" in stranger.page("/home")


def test_the_seat_cookie_is_out_of_reach_for_scripts_and_other_sites(stranger):
    cookie = stranger.client.post("/login", data=LOGIN).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_wrong_pin_says_how_many_tries_are_left(stranger):
    assert stranger.post("/login", 403, post="AWW", pin="1111")["tries_left"] == 3
    page = stranger.client.post(
        "/login", data=LOGIN | {"pin": "1111"}, headers={"Cookie": "aangan_language=en"}
    )
    assert "Tries left: 3" in page.text


def test_a_pin_that_cannot_be_one_costs_no_try(stage, stranger):
    stage.kiosk.server.reachable = False
    for pin in ("12", "1234567", "12ab", "१२३४"):
        assert stranger.post("/login", 422, post="AWW", pin=pin)["error"] == "bad_pin"


def test_a_locked_log_in_says_until_when(stage, stranger):
    stage.kiosk.server.locked = True
    assert "locked_until" in stranger.post("/login", 403, **LOGIN)
    assert (
        "बजे तक" in stranger.client.post("/login", data=LOGIN, headers={"Cookie": "aangan_language=hi"}).text
    )


def test_without_the_server_the_page_says_what_to_do(stage, stranger):
    stage.kiosk.server.reachable = False
    assert stranger.post("/login", 503, **LOGIN)["error"] == "server_unreachable"
    page = stranger.client.post("/login", data=LOGIN, headers={"Cookie": "aangan_language=en"})
    assert "internet box" in page.text
    assert '<a class="button bottom when-calm go" href="/sealed">' in page.text


def test_a_lock_of_the_kiosks_own_without_an_end_names_no_hour(stage, stranger, monkeypatch):
    def locked(post, pin):
        raise LoginRefused(LeaseRefused(b"", "locked"))

    monkeypatch.setattr(stage.kiosk, "log_in", locked)
    answer = stranger.post("/login", 403, **LOGIN)
    assert answer["error"] == "locked"
    assert "locked_until" not in answer
    page = stranger.client.post("/login", data=LOGIN, headers={"Cookie": "aangan_language=en"}).text
    assert "This kiosk lets nobody in by itself for now." in page
    assert "You can work without logging in." in page


def test_while_the_list_is_on_its_way_the_page_waits_for_it_and_rations_go_on(stage, visitor):
    everybody, stage.session._people = stage.session.people, {}
    page = visitor.page("/home")
    assert 'hx-get="/home/list"' in page
    assert 'href="/sealed"' in page
    assert "hx-refresh" not in visitor.client.get("/home/list").headers
    stage.session._people = everybody
    assert visitor.client.get("/home/list").headers["hx-refresh"] == "true"


def test_while_a_log_in_waits_the_page_is_told_how_much_of_the_list_has_come(stage, stranger):
    parts, name = stage.kiosk._parts, Name(DistrictId("d"), Origin("kiosk-a"), Kind.ROSTER, 2)
    assert "<progress" not in stranger.page("/login/waiting")
    first, *_ = downlink.cut(b"x" * (3 * downlink.PART_BYTES), name)
    parts.documents.put(first)
    piece = stranger.page("/login/waiting")
    assert '<progress max="3" value="1"' in piece
    assert "1 of 3 parts have come" in piece
    assert 'hx-trigger="load delay:2s"' in piece, "it goes on asking"


def test_the_keypad_asks_how_much_has_come_only_once_the_log_in_was_sent(stranger):
    assert 'hx-get="/login/waiting" hx-trigger="busy from:closest form"' in stranger.page("/login/AWW")


def test_logging_out_ends_the_seat_and_wipes_the_session(stage, visitor):
    visitor.post("/logout")
    assert stage.kiosk.session is None
    assert visitor.client.get("/home").headers["location"] == "/login"


def test_a_seat_of_an_earlier_log_in_is_no_seat(visitor):
    earlier = visitor.client.cookies["aangan_seat"]
    visitor.post("/login", post="AWH", pin="2580")
    visitor.client.cookies.set("aangan_seat", earlier, domain="localhost.local", path="/")
    answer = visitor.client.get(
        "/home", headers={"Cookie": f"aangan_seat={earlier}", "Accept": "application/json"}
    )
    assert answer.status_code == 401


def test_an_idle_kiosk_logs_out_although_its_page_keeps_asking(stage, visitor):
    stage.kiosk.leave_alone(minutes=10)
    assert visitor.client.get("/pulse").status_code == 204
    stage.kiosk.leave_alone(minutes=6)
    answer = visitor.client.get("/pulse", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/login?why=ended"
    assert stage.kiosk.session is None


def test_using_the_screen_keeps_the_log_in(stage, visitor):
    for _ in range(3):
        stage.kiosk.leave_alone(minutes=10)
        assert visitor.client.get("/home").status_code == 200


def test_the_language_is_the_chosen_one_else_the_workers(visitor):
    assert 'lang="hi" dir="ltr"' in visitor.client.get("/home").text
    visitor.post("/language", language="ur", back="/home")
    assert 'lang="ur" dir="rtl"' in visitor.client.get("/home").text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_choosing_a_language_never_leads_off_the_kiosk(stranger, back):
    answer = stranger.client.post("/language", data={"language": "en", "back": back})
    assert answer.headers["location"] == "/"
