import pytest
from fastapi.testclient import TestClient

OPEN = "/centre/open"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "192.168.1.7:8080", "127.0.0.1.evil:8080"]
)
def test_a_foreign_host_name_gets_nothing(visitor, host):
    assert visitor.client.get("/home", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_the_machines_own_names_are_served(stranger, host):
    assert stranger.client.get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9090"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_post_from_another_site_is_refused(stage, visitor, headers):
    assert visitor.client.post(OPEN, headers=headers).status_code == 403
    assert not stage.session.day().is_open


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}],
)
def test_a_post_of_the_pages_own_or_of_a_script_is_served(stage, visitor, headers):
    assert visitor.client.post(OPEN, headers=headers).status_code == 303
    assert stage.session.day().is_open


def test_no_answer_may_be_kept_framed_or_run_a_foreign_script(visitor):
    for path in ("/home", "/login", "/api/people", "/nowhere"):
        headers = visitor.client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_page_of_an_unforeseen_error_passes_the_gate_too(stage, stranger, monkeypatch):
    def fail():
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(stage.kiosk, "link", fail)
    answer = TestClient(stage.app, base_url="http://localhost:8080", raise_server_exceptions=False).get(
        "/login", headers={"Cookie": "aangan_language=en"}
    )
    assert answer.status_code == 500
    assert "Something went wrong in the kiosk." in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_pages_hold_no_script_or_style_of_their_own(worker):
    for path in (
        "/home",
        "/attendance",
        "/meals",
        "/weigh",
        "/weigh/baby/scale",
        "/weigh/baby/measures",
        "/faces/mother",
        "/ration/mother",
        "/close",
    ):
        page = worker.page(path)
        assert "<script>" not in page
        assert " style=" not in page
        assert " onclick=" not in page


def test_an_unknown_page_says_what_to_do(visitor):
    visitor.client.cookies.set("aangan_language", "en")
    answer = visitor.client.get("/nowhere")
    assert answer.status_code == 404
    assert "Go back to the start page." in answer.text
