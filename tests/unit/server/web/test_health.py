"""Health and metrics."""

from server.storage import tables
from tests.unit.server.web_district import CENTRE, WebDistrict


def test_living_process_says_so(web: WebDistrict) -> None:
    assert web.browser().get("/healthz").json() == {"alive": True}


def test_server_is_ready_when_everything_it_needs_is_there(web: WebDistrict) -> None:
    answer = web.browser().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True})


def test_server_without_its_broker_is_not_ready_and_names_it(web: WebDistrict) -> None:
    web.readiness["broker"] = False
    answer = web.browser().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "broker": False})


def test_server_without_its_tables_is_not_ready(web: WebDistrict) -> None:
    tables.metadata.drop_all(web.engine)
    answer = web.browser().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_metrics_count_by_route_template_and_hold_no_id(web: WebDistrict) -> None:
    web.logged_in().get(f"/centres/{CENTRE}")
    metrics = web.browser().get("/metrics").text
    assert 'aangan_http_requests_total{method="GET",route="/centres/{centre_id}",status="200"}' in metrics
    assert "aangan_http_request_seconds_bucket" in metrics
    assert CENTRE not in metrics
    assert "9000000001" not in metrics


def test_unknown_paths_and_methods_make_no_new_series(web: WebDistrict) -> None:
    browser = web.browser()
    browser.get("/some-guess-1")
    browser.request("BREW", "/some-guess-2")
    metrics = browser.get("/metrics").text
    assert "some-guess" not in metrics
    assert "BREW" not in metrics
