"""The JSON API against its own OpenAPI description."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

from server.accounts import sessions
from tests.unit.server.web_district import CENTRE, DPO, WebDistrict

OPENAPI = "/api/v1/openapi.json"
PATHS = ["/api/v1/me", "/api/v1/centres", "/api/v1/centres/{centre_id}/days/{day}", "/api/v1/counts"]
FEW = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> WebDistrict:
    """A district whose day has something of everything."""
    web = WebDistrict(Path(tmp_path_factory.mktemp("district")))
    web.open()
    web.add_child("p-1")
    web.mark("p-1")
    web.weigh("p-1", 9_400, "SEVERE", -3.2)
    web.hand_out("p-1", "face")
    web.hand_out("p-1", None, reason="No stock")
    web.hear_from(stored=5, safe=3)
    return web


@pytest.fixture(scope="module")
def cookie(district: WebDistrict) -> str:
    return f"{sessions.COOKIE}={district.logged_in(DPO).cookies[sessions.COOKIE]}"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_as_described(district: WebDistrict, cookie: str, path: str) -> None:
    @given(case=_operation(district, path).as_strategy(generation_mode=GenerationMode.POSITIVE))
    @FEW
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Cookie": cookie})

    check()


@pytest.mark.parametrize("path", PATHS)
def test_nonsense_without_a_session_is_refused_as_described(district: WebDistrict, path: str) -> None:
    @given(case=_operation(district, path).as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @FEW
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate()

    check()


def test_description_names_every_api_route_and_no_page(district: WebDistrict) -> None:
    description = district.browser().get(OPENAPI).json()
    assert set(description["paths"]) == set(PATHS)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/api/v1/centres/99999999999/days/2026-11-21", 404),
        ("/api/v1/centres/1/days/2026-11-21", 422),
        (f"/api/v1/centres/{CENTRE}/days/21-11-2026", 422),
        (f"/api/v1/centres/{CENTRE}/days/1763683200", 422),
    ],
)
def test_errors_are_json_problems(district: WebDistrict, cookie: str, path: str, status: int) -> None:
    answer = district.browser().get(path, headers={"Cookie": cookie})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/centres", "/api/v1/counts"])
def test_api_without_a_session_answers_401_and_no_page(district: WebDistrict, path: str) -> None:
    answer = district.browser().get(path)
    assert answer.status_code == 401
    assert answer.json()["title"] == "Unauthorized"


def _operation(district: WebDistrict, path: str) -> APIOperation:
    return schemathesis.openapi.from_asgi(OPENAPI, district.app)[path]["GET"]
