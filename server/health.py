"""Whether the server lives (`/healthz`), can do its work (`/readyz`), and how it fares (`/metrics`, for Prometheus).

Metrics hold counts and times by route template: no ids, no addresses, nothing personal.
"""

import time

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.accounts.gate import AppServices
from server.services import Services
from server.storage.tables import cursors

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger()

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_requests = Counter("aangan_http_requests", "Requests answered.", ["method", "route", "status"])
_seconds = Histogram(
    "aangan_http_request_seconds", "Time from request to the end of its answer.", ["method", "route"]
)


class Measured:
    """ASGI middleware that counts and times every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", None) or "unknown"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _requests.labels(method, route, str(status)).inc()
            _seconds.labels(method, route).observe(time.perf_counter() - began)


@router.get("/healthz")
def alive() -> dict[str, bool]:
    """The process answers."""
    return {"alive": True}


@router.get("/readyz")
def ready(services: AppServices) -> JSONResponse:
    """200 where everything the server needs is there, else 503; each need by name."""
    needs = {"database": _database_answers(services), **services.ready()}
    return JSONResponse(needs, 200 if all(needs.values()) else 503)


@router.get("/metrics")
def metrics() -> Response:
    """Everything that was counted, in Prometheus's text form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _database_answers(services: Services) -> bool:
    """Whether our tables can be read: the file is there, the key opens it, and it has been set up."""
    try:
        with services.engine.connect() as connection:
            connection.execute(select(cursors.c.position).limit(1)).all()
    except SQLAlchemyError as error:
        _log.warning("database_unreachable", error=type(error).__name__)
        return False
    return True
