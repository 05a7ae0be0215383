"""Who passes: the session of a request, its anti-forgery token, its officer. Routes depend on these.

`current_officer` is all most routes need: it lets nobody in without a session, and no POST without the token.
"""

import hmac
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyCookie

from server.accounts import sessions
from server.accounts.scope import Officer
from server.accounts.sessions import Session
from server.services import Services

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_cookie = APIKeyCookie(name=sessions.COOKIE, auto_error=False, description="The session of a log-in.")


class NotLoggedIn(HTTPException):
    """No session, or an expired one: pages answer with the log-in page, the API with 401."""

    def __init__(self) -> None:
        super().__init__(401, "Log in first.")


class Forged(HTTPException):
    """A request that changes something without the session's anti-forgery token."""

    def __init__(self) -> None:
        super().__init__(403, "This form is out of date: load the page again.")


def services_of(request: Request) -> Services:
    return request.app.state.services


def session_of(request: Request, token: Annotated[str | None, Security(_cookie)]) -> Session | None:
    """The request's session, if any; also on `request.state.session`, for the page that answers it."""
    services = services_of(request)
    found = None
    if token:
        found = sessions.find(services.engine, services.settings.district, token, services.now_ms())
    request.state.session = found
    return found


async def checked_session(
    request: Request, session: Annotated[Session | None, Depends(session_of)]
) -> Session | None:
    """The session, once a request that changes something has shown its token in a header or form field.

    Raises:
        Forged: it did not.
    """
    if session is not None and request.method not in SAFE_METHODS:
        shown = request.headers.get(CSRF_HEADER) or await _form_field(request)
        if not hmac.compare_digest(shown.encode(), session.csrf.encode()):
            raise Forged
    return session


def current_session(session: Annotated[Session | None, Depends(checked_session)]) -> Session:
    """The session.

    Raises:
        NotLoggedIn: there is none.
    """
    if session is None:
        raise NotLoggedIn
    return session


def current_officer(session: Annotated[Session, Depends(current_session)]) -> Officer:
    """Who asks."""
    return session.officer


OptionalSession = Annotated[Session | None, Depends(checked_session)]
CurrentSession = Annotated[Session, Depends(current_session)]
CurrentOfficer = Annotated[Officer, Depends(current_officer)]
AppServices = Annotated[Services, Depends(services_of)]


async def _form_field(request: Request) -> str:
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return ""
    value = (await request.form()).get(CSRF_FIELD)
    return value if isinstance(value, str) else ""
