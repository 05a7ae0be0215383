"""Requests that change something: the session's token, and where they come from."""

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from server.accounts.gate import checked_session
from server.storage import tables
from tests.unit.server.web_district import WebDistrict

WITHOUT_SESSION = {"/log-in", "/log-in/code"}


def test_post_without_the_token_is_refused(web: WebDistrict) -> None:
    browser = web.logged_in()
    assert browser.post("/log-out").status_code == 403
    assert browser.post("/log-out", data={"csrf": "guess"}).status_code == 403
    assert len(web.rows(tables.sessions)) == 1


def test_token_is_taken_from_the_header_that_htmx_sends(web: WebDistrict) -> None:
    assert web.logged_in().post("/log-out", headers={"X-CSRF-Token": web.csrf()}).status_code == 303


def test_token_of_another_session_is_refused(web: WebDistrict) -> None:
    browser = web.logged_in()
    own = web.csrf()
    other = web.logged_in("9000000002")
    assert other.post("/log-out", data={"csrf": own}).status_code == 403
    assert browser.post("/log-out", data={"csrf": own}).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_post_from_another_site_is_refused_even_without_a_session(
    web: WebDistrict, headers: dict[str, str]
) -> None:
    answer = web.browser().post("/log-in", data={"mobile": "9000000001"}, headers=headers)
    assert answer.status_code == 403
    assert web.outbox.messages() == []


def test_post_from_our_own_pages_is_taken(web: WebDistrict) -> None:
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert web.browser().post("/log-in", data={"mobile": "9000000001"}, headers=headers).status_code == 200


def test_every_route_that_changes_something_checks_the_token(web: WebDistrict) -> None:
    unchecked = set()
    for route in _routes(web):
        calls = {dependency.call for dependency in _all_dependencies(route)}
        if (route.methods or set()) - {"GET", "HEAD"} and checked_session not in calls:
            unchecked.add(route.path)
    assert unchecked == WITHOUT_SESSION


def test_pages_put_the_token_into_forms_and_htmx_requests(web: WebDistrict) -> None:
    page = web.logged_in().get("/").text
    assert f'name="csrf" value="{web.csrf()}"' in page
    assert f'"X-CSRF-Token": "{web.csrf()}"' in page


def _routes(web: WebDistrict) -> list[APIRoute]:
    TestClient(web.app).get("/healthz")
    found: list[APIRoute] = []
    for route in web.app.routes:
        included = getattr(route, "original_router", None)
        inner = included.routes if included is not None else [route]
        found += [one for one in inner if isinstance(one, APIRoute)]
    assert len(found) > 10
    return found


def _all_dependencies(route: APIRoute):
    waiting = list(route.dependant.dependencies)
    while waiting:
        dependency = waiting.pop()
        yield dependency
        waiting += dependency.dependencies
