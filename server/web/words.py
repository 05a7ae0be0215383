"""In which language a page is written: the switch's cookie, else the officer's own, else the district's."""

from functools import cache
from gettext import NullTranslations
from pathlib import Path

from fastapi import Request

from provisioning.languages import load_catalogue
from server.services import Services

LANGUAGE_COOKIE = "aangan_language"
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "server"


@cache
def catalogues() -> dict[str, NullTranslations]:
    """The server's words in every language it speaks."""
    return load_catalogue(LOCALE, DOMAIN)


def language_of(request: Request) -> str:
    """The language of the answer to `request`."""
    services: Services = request.app.state.services
    session = getattr(request.state, "session", None)
    wanted = request.cookies.get(LANGUAGE_COOKIE) or (session.officer.language if session else None)
    return wanted if wanted in catalogues() else services.settings.language


def words_of(request: Request) -> NullTranslations:
    """The catalogue of that language."""
    return catalogues()[language_of(request)]
