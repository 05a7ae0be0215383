"""What goes wrong, in plain words with what to do: every error a page can meet, as a page, a piece or JSON."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware

from edge.devices.camera import CameraError
from edge.devices.scale import ScaleError
from edge.kiosk.answers import Refused, is_htmx, page, wants_json
from edge.kiosk.i18n import N_, say
from edge.kiosk.session import StoreError

log = structlog.get_logger(__name__)


class NotSeated(Exception):
    """Nobody is logged in in this browser."""


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a page. Called before the gate is added, which then is around all of them."""
    app.add_exception_handler(NotSeated, _not_seated)
    # As an exception handler for Exception it would answer from outside the gate.
    app.add_middleware(ServerErrorMiddleware, handler=_unforeseen)
    for kind in (Refused, StoreError, CameraError, ScaleError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _known)


def explain(request: Request, refused: Refused) -> Response:
    """The answer to a request that cannot be carried out."""
    if wants_json(request):
        text = say("en", refused.what, **refused.values)
        extra = {key: value for key, value in refused.values.items() if isinstance(value, str | int)}
        return JSONResponse({"error": refused.code, "text": text, **extra}, status_code=refused.status)
    template = "problem_piece.html" if is_htmx(request) else "problem.html"
    return page(request, template, status=refused.status, problem=refused)


def _known(request: Request, error: Exception) -> Response:
    return explain(request, error if isinstance(error, Refused) else _in_words(error))


def _in_words(error: Exception) -> Refused:
    match error:
        case StoreError():
            log.error("store_failed", reason=str(error))
            return Refused(
                "not_saved",
                N_("This was not saved: the kiosk's memory card could not be written."),
                N_("Write it on paper, try once more, and call the help desk."),
                status=500,
            )
        case CameraError():
            return Refused(
                "camera",
                N_("The camera gives no picture."),
                N_("Check its cable. Rations can be handed out without it."),
                status=503,
            )
        case ScaleError():
            return Refused(
                f"scale_{error.why}",
                N_("The scale gave no weight."),
                str(error),
                to="/weigh",
            )
        case RequestValidationError():
            return Refused(
                "bad_form",
                N_("Something in the form is missing or not as expected."),
                N_("Go back and fill it in again."),
                status=422,
            )
        case HTTPException(status_code=404):
            return Refused(
                "not_found", N_("There is no such page."), N_("Go back to the start page."), status=404
            )
        case HTTPException():
            return Refused(
                "bad_request",
                N_("The kiosk did not understand this."),
                N_("Go back to the start page."),
                status=error.status_code,
            )
        case _:
            raise error


def _not_seated(request: Request, error: Exception) -> Response:
    del error
    if wants_json(request):
        return JSONResponse({"error": "not_logged_in", "text": "Log in first."}, status_code=401)
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": "/login?why=ended"})
    return RedirectResponse("/login?why=ended" if request.method != "GET" else "/login", status_code=303)


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("page_failed", route=getattr(request.scope.get("route"), "path", ""), kind=type(error).__name__)
    return explain(
        request,
        Refused(
            "unforeseen",
            N_("Something went wrong in the kiosk."),
            N_("What was saved before is safe. Go back to the start page and try again."),
            status=500,
        ),
    )
