"""How a route answers: a page, a piece of one for htmx, JSON for a script, or a refusal in plain words."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from anganwadi.people import Person
from edge.kiosk import i18n, words
from edge.kiosk.i18n import LANGUAGES, N_
from edge.kiosk.session import Accepted, Kiosk
from edge.kiosk.standing import Standing, standing_of

ACCEPTED = "Aangan-Accepted"
LANGUAGE_COOKIE = "aangan_language"
TEMPLATES = Path(__file__).parent / "templates"

log = structlog.get_logger(__name__)


class Refused(Exception):
    """A request that cannot be carried out as things stand: a code for scripts, two sentences (msgids) for a person.

    `what` says what happened, `remedy` what to do now; `to` is the page that leads on.
    """

    def __init__(
        self, code: str, what: str, remedy: str, *, status: int = 409, to: str = "/home", **values: object
    ) -> None:
        super().__init__(code)
        self.code, self.what, self.remedy = code, what, remedy
        self.status, self.to, self.values = status, to, values


def no_such_person() -> Refused:
    return Refused(
        "unknown_person",
        N_("This person is not on the list of this centre."),
        N_("Go back to the list and choose again."),
        status=404,
    )


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def language_of(request: Request) -> str:
    """The language chosen on the screen, else the worker's own, else the kiosk's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    kiosk = request.app.state.desk.kiosk
    session = kiosk.session
    own = session.worker.language if session is not None else ""
    return own if own in LANGUAGES else kiosk.settings.language


def page(
    request: Request, template: str, *, status: int = 200, accepted: Sequence[Accepted] = (), **values: object
) -> HTMLResponse:
    """A page, or a piece of one, in the reader's language."""
    html = environment(language_of(request)).get_template(template).render(_about(request) | values)
    return HTMLResponse(html, status_code=status, headers=accepted_header(accepted))


def done(request: Request, data: dict[str, Any], *, to: str, accepted: Sequence[Accepted] = ()) -> Response:
    """The answer to a POST that worked: `data` for a script, the page at `to` for a person."""
    headers = accepted_header(accepted)
    if wants_json(request):
        return JSONResponse(data, headers=headers)
    if is_htmx(request):
        return Response(status_code=204, headers=headers | {"HX-Redirect": to})
    return RedirectResponse(to, status_code=303, headers=headers)


def accepted_header(accepted: Sequence[Accepted]) -> dict[str, str]:
    """`Aangan-Accepted: type=count,...`, for events that are sealed and on the disk; nothing where there are none."""
    counts: dict[str, int] = {}
    for event in accepted:
        counts[event.type] = counts.get(event.type, 0) + 1
    return {ACCEPTED: ",".join(f"{kind}={count}" for kind, count in counts.items())} if counts else {}


@cache
def environment(language: str) -> jinja2.Environment:
    """The templates with one language's catalogue in them."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_translations(i18n.catalogues()[language], newstyle=True)  # type: ignore[attr-defined]
    env.filters["isolate"] = _isolated
    env.globals.update(
        lang=LANGUAGES[language],
        languages=list(LANGUAGES.values()),
        words=words,
        age=lambda person, day: i18n.age(language, person, day),
        long_date=lambda day: i18n.long_date(language, day),
        short_date=i18n.short_date,
        until=i18n.until,
        ago=lambda seconds: i18n.ago(language, seconds),
        initial=_initial,
        letters_of=lambda people: _letters(people, language),
        isolated=_isolated,
        unbroken=lambda text: _isolated(text.replace("-", "\u2060-\u2060")),
        script=_script,
        tone=lambda person: sum(person.person_id.encode()) % 6,
        kg=lambda grams: f"{grams / 1000:.2f}",
    )
    return env


def _about(request: Request) -> dict[str, Any]:
    """What the frame around every page shows."""
    kiosk = request.app.state.desk.kiosk
    return {
        "path": request.url.path,
        "session": kiosk.session,
        "demo": kiosk.settings.demo,
        "standing": _standing(kiosk),
    }


def _standing(kiosk: Kiosk) -> Standing | None:
    """For the line in the corner, which must not take the page with it, least of all the one that says what broke."""
    try:
        return standing_of(kiosk)
    except Exception:  # whatever it was, it is logged, and the line is left out
        log.exception("standing_unknown")
        return None


def _isolated(text: str) -> str:
    """A name or a number that keeps its own direction within a sentence."""
    return f"\u2066{text}\u2069"


def _letters(people: Sequence[Person], language: str) -> list[str]:
    """The first letters of these people's names, those of the screen's own script before the others."""
    return sorted(
        {person.name[:1] for person in people}, key=lambda letter: (_script(letter) != language, letter)
    )


def _script(name: str) -> str:
    """The language whose letters a name is written in; it chooses font and line height."""
    letter = next((char for char in name if char.isalpha()), "a")
    if "\u0600" <= letter <= "\u06ff":
        return "ur"
    return "hi" if "\u0900" <= letter <= "\u097f" else "en"


def _initial(name: str) -> str:
    """The first letter of a name, for its avatar; a Devanagari letter keeps its vowel sign."""
    end = 1
    while end < len(name) and unicodedata.category(name[end]) in {"Mn", "Mc"}:
        end += 1
    return name[:end]
