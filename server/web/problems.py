"""Errors as answers: JSON problems (RFC 9457) under `/api/`, pages elsewhere; without a session, the log-in page."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from provisioning.languages import msgid
from server.accounts.gate import NotLoggedIn
from server.web.pages import render

PROBLEM_JSON = "application/problem+json"
_log = structlog.get_logger()

_SENTENCES = {
    403: msgid("You may not do this."),
    404: msgid("There is no such page, or it is outside your area."),
    500: msgid("Something went wrong on the server. It has been noted; try again in a while."),
}
_OTHER = msgid("The server cannot answer this request.")


class Problem(BaseModel):
    """Why the API could not answer."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None


def problem_responses(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The `responses` of a route that may answer with these problems, for its OpenAPI description."""
    content = {PROBLEM_JSON: {"schema": Problem.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Let `app` answer its errors here."""
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(Exception, _on_bug)


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for no other
    if isinstance(error, NotLoggedIn) and not _is_api(request):
        return _to_log_in(request)
    answer = _answer(request, error.status_code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for no other
    if not _is_api(request):
        return _answer(request, 404 if request.method == "GET" else 400, None)
    wrong = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
    return _answer(request, 422, wrong)


def _on_bug(request: Request, error: Exception) -> Response:
    route = getattr(request.scope.get("route"), "path", None)
    _log.error("request_failed", route=route, error=type(error).__name__)
    return _answer(request, 500, None)


def _answer(request: Request, status: int, detail: str | None) -> Response:
    if _is_api(request):
        problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
        return JSONResponse(problem.model_dump(), status, media_type=PROBLEM_JSON)
    sentence = _SENTENCES.get(status, _OTHER)
    return render(request, "web/error.html", status_code=status, status=status, sentence=sentence)


def _to_log_in(request: Request) -> Response:
    """Send the browser to the log-in page, and from there back to the page it was on."""
    if request.headers.get("HX-Request"):
        shown = urlsplit(request.headers.get("HX-Current-URL", "/"))
        return Response(status_code=401, headers={"HX-Redirect": _log_in_url(shown.path, shown.query)})
    if request.method != "GET":
        return RedirectResponse("/log-in", 303)
    return RedirectResponse(_log_in_url(request.url.path, request.url.query), 303)


def _log_in_url(path: str, query: str) -> str:
    return "/log-in?next=" + quote(path + (f"?{query}" if query else ""), safe="")


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
