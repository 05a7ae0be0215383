"""Logging in: who are you, your PIN; and logging out. Also the language of the screen, which anybody may change."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from edge.kiosk import i18n
from edge.kiosk.access import AtDesk, Seated
from edge.kiosk.answers import LANGUAGE_COOKIE, Refused, done, page, wants_json
from edge.kiosk.desk import COOKIE
from edge.kiosk.i18n import LANGUAGES, N_
from edge.kiosk.problems import explain
from edge.kiosk.session import LoginRefused, ServerUnreachable

POSTS = ("AWW", "AWH")
PIN_DIGITS = (4, 6)

_FAREWELL = {
    "closed": N_("The day is closed. Everything is saved. You are logged out."),
    "out": N_("You are logged out. Nothing readable stays on this kiosk."),
    "ended": N_("You were logged out because nobody used the kiosk for a while. Everything was saved."),
}

router = APIRouter()


@router.get("/")
def start() -> Response:
    return RedirectResponse("/home", status_code=303)


@router.get("/login")
def who(request: Request, desk: AtDesk, why: str = "") -> Response:
    """Two tiles: worker or helper."""
    if desk.seat(request.cookies.get(COOKIE)) is not None:
        return RedirectResponse("/home", status_code=303)
    return page(request, "login_who.html", farewell=_FAREWELL.get(why), link=desk.kiosk.link())


@router.get("/login/waiting")
def waiting(request: Request, desk: AtDesk) -> Response:
    """Asked by the keypad's page while a log-in waits for the list of people: how much of it has come."""
    return page(request, "login_waiting.html", coming=desk.kiosk.roster_on_its_way(), begins="load delay:2s")


@router.get("/login/{post}")
def keypad(request: Request, desk: AtDesk, post: str) -> Response:
    if post not in POSTS:
        return RedirectResponse("/login", status_code=303)
    return page(request, "login_pin.html", post=post, problem=None, link=desk.kiosk.link())


@router.post("/login")
def log_in(
    request: Request, desk: AtDesk, post: Annotated[str, Form()], pin: Annotated[str, Form()]
) -> Response:
    """Ask the server; it takes up to eight seconds where the link is slow."""
    try:
        _check(post, pin)
        session = desk.kiosk.log_in(post, pin)
    except (Refused, LoginRefused, ServerUnreachable) as error:
        return _not_in(request, post, error)
    seat, worker = desk.sit(session), session.worker
    data = {
        "worker": {"worker_id": worker.worker_id, "post": worker.post, "language": worker.language},
        "centre_id": session.centre_id,
        "expires": session.expires.isoformat(),
    }  # fmt: skip
    answer = done(request, data, to="/home")
    answer.set_cookie(COOKIE, seat.token, httponly=True, samesite="strict", path="/")
    return answer


@router.post("/logout")
def log_out(request: Request, desk: AtDesk, _: Seated) -> Response:
    desk.leave()
    answer = done(request, {"logged_out": True}, to="/login?why=out")
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.post("/language")
def language(
    request: Request, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Change the screen's language and go back to the page one was on."""
    if language not in LANGUAGES:
        raise Refused(
            "unknown_language",
            N_("The kiosk does not speak this language."),
            N_("Choose one of those on the screen."),
            status=422,
        )
    own = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = done(request, {"language": language}, to=back if own else "/")
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=30 * 86400, httponly=True, samesite="strict", path="/"
    )
    return answer


def _check(post: str, pin: str) -> None:
    """Spare the worker one of her tries where the PIN cannot be one."""
    few, many = PIN_DIGITS
    if post not in POSTS or not (pin.isascii() and pin.isdigit() and few <= len(pin) <= many):
        raise Refused(
            "bad_pin", N_("A PIN has 4 to 6 digits."), N_("Type your PIN again."), status=422, to="/login"
        )


def _not_in(request: Request, post: str, error: Refused | LoginRefused | ServerUnreachable) -> Response:
    problem = _in_words(error)
    if wants_json(request):
        return _as_json(request, problem, error)
    if post not in POSTS:
        return explain(request, problem)
    link = request.app.state.desk.kiosk.link()
    return page(request, "login_pin.html", status=problem.status, post=post, problem=problem, link=link)


def _as_json(request: Request, problem: Refused, error: Exception) -> Response:
    if isinstance(error, LoginRefused) and error.locked_until is not None:
        data = {"error": problem.code, "locked_until": error.locked_until.isoformat()}
        return JSONResponse(data, status_code=problem.status)
    return explain(request, problem)


def _in_words(error: Refused | LoginRefused | ServerUnreachable) -> Refused:
    match error:
        case Refused():
            return error
        case ServerUnreachable():
            return Refused(
                "server_unreachable",
                N_("The district server does not answer."),
                N_("Look whether the internet box is switched on, wait a minute and try again. "
                   "Until then work without logging in: no family has to go home without its ration."),
                status=503,
                to="/login",
            )  # fmt: skip
        case LoginRefused(reason="wrong_pin"):
            return Refused(
                "wrong_pin",
                N_("This PIN is not right. Tries left: %(tries_left)s"),
                N_("Type your PIN again."),
                status=403,
                to="/login",
                tries_left=error.tries_left,
            )
        case LoginRefused(reason="locked", locked_until=datetime() as until):
            return Refused(
                "locked",
                N_("Too many wrong PINs. Logging in is locked until %(until)s."),
                N_("Wait until then, or ask your supervisor for a new PIN. You can work without logging in."),
                status=403,
                to="/login",
                until=i18n.until(until),
            )
        case LoginRefused(reason="locked"):
            return Refused(
                "locked",
                N_("Too many wrong PINs. This kiosk lets nobody in by itself for now."),
                N_(
                    "Switch the internet box on and try again, or call your supervisor. "
                    "You can work without logging in."
                ),
                status=403,
                to="/login",
            )
        case LoginRefused():
            return Refused(
                "unknown_worker",
                N_("Nobody of this post is registered at this centre."),
                N_("Ask your supervisor to register you."),
                status=403,
                to="/login",
            )
