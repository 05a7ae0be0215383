"""Log-in by mobile number and one-time password, log-out, the language switch, and the demo's outbox."""

from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from provisioning.languages import msgid
from server.accounts import one_time_passwords, queries, sessions
from server.accounts.gate import AppServices, CurrentSession, OptionalSession
from server.accounts.mobile import BadMobile, mobile_number
from server.accounts.outbox import CodeMessage, DemoOutbox, NotDelivered, Outbox
from server.services import Services
from server.storage.engine import writing
from server.web.pages import render
from server.web.words import LANGUAGE_COOKIE, catalogues

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger()

_BAD_MOBILE = msgid("Give the ten digits of a mobile number.")
_REFUSED = msgid("This code is wrong, used or too old. Try again, or ask for a new one.")
_MESSAGE = msgid("%(code)s is your code for Aangan. It is good for 5 minutes. Tell it to nobody.")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_YEAR_S = 365 * 86_400

ShortText = Annotated[str, Form(max_length=200)]


@router.get("/log-in")
def log_in_page(request: Request, session: OptionalSession, next: str = "/") -> Response:
    """Ask for the mobile number."""
    if session is not None:
        return RedirectResponse(own_path(next), 303)
    return _number_page(request, next)


@router.post("/log-in")
def ask_for_code(
    request: Request, services: AppServices, mobile: ShortText, next: ShortText = "/"
) -> Response:
    """Send a code, if the number is an officer's, and ask for it in either case."""
    outbox = outbox_of(request)
    if outbox is None:
        return _number_page(request, next)
    try:
        number = mobile_number(mobile)
    except BadMobile:
        return _number_page(request, next, status_code=400, error=_BAD_MOBILE, mobile=mobile)
    _send_code(services, outbox, number)
    return render(request, "accounts/code.html", mobile=number, next=own_path(next), error=None)


@router.get("/log-in/code")
def code_page(request: Request, session: OptionalSession, mobile: str = "", next: str = "/") -> Response:
    """Ask for the code again, in the language just switched to; none is sent."""
    if session is not None:
        return RedirectResponse(own_path(next), 303)
    try:
        number = mobile_number(mobile)
    except BadMobile:
        return _number_page(request, next)
    return render(request, "accounts/code.html", mobile=number, next=own_path(next), error=None)


@router.post("/log-in/code")
def log_in(
    request: Request, services: AppServices, mobile: ShortText, code: ShortText, next: ShortText = "/"
) -> Response:
    """Begin a session, if the code is right."""
    try:
        number = mobile_number(mobile)
    except BadMobile:
        return _number_page(request, next, status_code=400, error=_BAD_MOBILE)
    district, now_ms = services.settings.district, services.now_ms()
    officer_id = one_time_passwords.redeem(services.engine, district, number, code, now_ms)
    if officer_id is None:
        _log.info("log_in_refused")
        return render(
            request, "accounts/code.html", status_code=403, mobile=number, next=own_path(next), error=_REFUSED
        )
    hours = services.settings.session_hours
    token = sessions.start(services.engine, district, officer_id, now_ms=now_ms, hours=hours)
    _log.info("logged_in", officer=officer_id)
    answer = RedirectResponse(own_path(next), 303)
    answer.set_cookie(
        sessions.COOKIE,
        token,
        max_age=int(hours * 3600),
        httponly=True,
        samesite="lax",
        secure=request.url.hostname not in _LOOPBACK,
    )
    return answer


@router.post("/log-out")
def log_out(request: Request, services: AppServices, session: CurrentSession) -> Response:
    """End the session, here and in the browser."""
    sessions.end(services.engine, services.settings.district, request.cookies[sessions.COOKIE])
    _log.info("logged_out", officer=session.officer.officer_id)
    answer = RedirectResponse("/log-in", 303)
    answer.delete_cookie(sessions.COOKIE)
    answer.headers["Clear-Site-Data"] = '"storage"'  # drafts of visits on a phone that others may use
    return answer


@router.post("/language")
def switch_language(
    services: AppServices, session: OptionalSession, language: ShortText, next: ShortText = "/"
) -> Response:
    """Write the pages in `language` from now on, in this browser and for this officer."""
    answer = RedirectResponse(own_path(next), 303)
    if language not in catalogues():
        return answer
    if session is not None:
        with writing(services.engine) as connection:
            officer = session.officer
            queries.set_language(connection, officer.district_id, officer.officer_id, language)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, httponly=True, samesite="lax")
    return answer


@router.get("/outbox")
def demo_outbox(request: Request, services: AppServices) -> Response:
    """In a demo district, the text messages a real one would send."""
    outbox = outbox_of(request)
    if not services.settings.demo or not isinstance(outbox, DemoOutbox):
        raise HTTPException(404)
    template = (
        "accounts/outbox_messages.html" if request.headers.get("HX-Request") else "accounts/outbox.html"
    )
    return render(request, template, messages=outbox.messages())


def outbox_of(request: Request) -> Outbox | None:
    """The application's way of sending codes: `services.outbox`, or the demo's."""
    return request.app.state.outbox


def own_path(next: str) -> str:
    """`next` if it is a path of this server, else the first page: nobody is sent on to another site."""
    parts = urlsplit(next)
    inside = next.startswith("/") and not next.startswith(("//", "/\\")) and not parts.netloc
    return next if inside and next.isprintable() else "/"


def _number_page(
    request: Request, next: str, *, status_code: int = 200, error: str | None = None, mobile: str = ""
) -> Response:
    can_send = outbox_of(request) is not None
    return render(
        request,
        "accounts/log_in.html",
        status_code=status_code if can_send else 503,
        next=own_path(next),
        error=error,
        mobile=mobile,
        can_send=can_send,
    )


def _send_code(services: Services, outbox: Outbox, number: str) -> None:
    issued = one_time_passwords.issue(services.engine, services.settings.district, number, services.now_ms())
    if issued is None:
        return
    words = catalogues().get(issued.language, catalogues()["en"])
    message = CodeMessage(
        mobile=number,
        code=issued.code,
        text=words.gettext(_MESSAGE) % {"code": issued.code},
        language=issued.language,
        at=services.clock(),
    )
    try:
        outbox.deliver(message)
    except NotDelivered as error:
        _log.error("one_time_password_not_delivered", reason=str(error))
