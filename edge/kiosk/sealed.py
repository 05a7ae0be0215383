"""Working without logging in: what is recorded is sealed to the server at once, and nobody can read it here.

The way for when nobody can log in: no network, no PIN, a locked log-in. Rations above all, so that no family is turned
away: on the number of her card, or on the worker's word with a reason and a witness. Who may do this: anybody at the
screen, that is the point; the event names no worker, says that nothing was proven, and the district follows it up.
Nothing typed here is kept, shown again or put into an address.
"""

import re
import unicodedata
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.cards import BadCardNumber, parse
from anganwadi.events import CentreClosed, CentreOpened, Meal, MealServed, RationWithoutRoster
from anganwadi.verification import AttestationReason
from edge.kiosk import keyboard, words
from edge.kiosk.access import Anybody
from edge.kiosk.answers import Refused, done, language_of, page
from edge.kiosk.i18n import N_
from edge.kiosk.meals import check_count
from edge.kiosk.session import SealedBody

OTHER_CARD = re.compile(r"(?=.*[0-9])[0-9A-Z-]{4,11}")
"""The number of a card not printed by this district: shorter than an Aadhaar number, which must not be kept."""
POSTS = ("AWW", "AWH")
MOST_LETTERS = 60
_AADHAAR = re.compile(r"(?:\d[ -]?){12}")

SAVED = {
    "opened": N_("The centre is open."),
    "closed": N_("The centre is closed."),
    "meals": N_("The meal is recorded."),
}

router = APIRouter(prefix="/sealed")


@router.get("")
def start(request: Request, desk: Anybody, saved: str = "") -> Response:
    return page(request, "sealed_start.html", saved=SAVED.get(saved), link=desk.kiosk.link())


@router.post("/open")
def open_centre(request: Request, desk: Anybody) -> Response:
    return _keep(request, desk, CentreOpened(desk.kiosk.today()), {"opened": True}, to="/sealed?saved=opened")


@router.post("/close")
def close_centre(request: Request, desk: Anybody) -> Response:
    return _keep(request, desk, CentreClosed(desk.kiosk.today()), {"closed": True}, to="/sealed?saved=closed")


@router.get("/meals")
def meals(request: Request, _: Anybody) -> Response:
    return page(request, "sealed_meals.html", meals=list(Meal))


@router.post("/meals")
def serve(
    request: Request, desk: Anybody, meal: Annotated[Meal, Form()], count: Annotated[int, Form()]
) -> Response:
    check_count(count, to="/sealed/meals")
    data = {"meal": meal, "count": count}
    return _keep(request, desk, MealServed(desk.kiosk.today(), meal, count), data, to="/sealed?saved=meals")


@router.get("/card")
def card_form(request: Request, desk: Anybody) -> Response:
    return page(request, "sealed_card.html", days=desk.kiosk.settings.days_covered)


@router.get("/word")
def word_form(request: Request, desk: Anybody) -> Response:
    return page(
        request, "sealed_word.html", reasons=words.SEALED_REASON, most=MOST_LETTERS,
        layout=keyboard.LAYOUTS[language_of(request)], days=desk.kiosk.settings.days_covered,
    )  # fmt: skip


@router.post("/ration")
def hand_out(
    request: Request,
    desk: Anybody,
    card: Annotated[str, Form()] = "",
    described: Annotated[str, Form()] = "",
    reason: Annotated[AttestationReason, Form()] = AttestationReason.NOT_LOGGED_IN,
    witness: Annotated[str, Form()] = "",
    witness_name: Annotated[str, Form()] = "",
) -> Response:
    """A ration, to the holder of `card`; without one to the woman `described`, seen by `witness`: a post, or `other`
    with her name."""
    days = desk.kiosk.settings.days_covered
    if card.strip():
        body = RationWithoutRoster(day=desk.kiosk.today(), days_covered=days, card=_card(card))
        by = "card"
    else:
        body = RationWithoutRoster(
            day=desk.kiosk.today(), days_covered=days, described=_who(described), reason=reason,
            witness=_witness(witness, witness_name),
        )  # fmt: skip
        by = "word"
    return _keep(request, desk, body, {"by": by}, to="/sealed/done/{slip}")


@router.get("/done/{slip}")
def handed_out(request: Request, desk: Anybody, slip: str) -> Response:
    """That this ration may be handed out: said once, not whenever somebody comes back to the address."""
    if not desk.shows(slip):
        return RedirectResponse("/sealed", status_code=303)
    return page(request, "sealed_done.html", link=desk.kiosk.link(), days=desk.kiosk.settings.days_covered)


def _keep(request: Request, desk: Anybody, body: SealedBody, data: dict[str, object], *, to: str) -> Response:
    """Seal it, and say that it is saved and how many events wait to be sent.

    Raises:
        StoreError: nothing was saved.
    """
    accepted = desk.kiosk.record_sealed(body)
    link = desk.kiosk.link()
    data = {"sealed": True, **data, "waiting": link.recorded - link.receipted}
    return done(request, data, to=to.format(slip=desk.new_slip()), accepted=accepted)


def _card(text: str) -> str:
    """The card's number in Latin letters and digits, whatever script it was typed in, without spaces.

    Raises:
        Refused: no card has such a number.
    """
    try:
        return parse(text)
    except BadCardNumber:
        pass  # perhaps a card of before, which has another form of number
    latin = "".join(str(unicodedata.digit(char, char)) for char in text if not char.isspace())
    number = latin.upper()
    if OTHER_CARD.fullmatch(number) is None:
        raise Refused(
            "bad_card",
            N_("This cannot be the number of her card."),
            N_("Type the number that is printed on her card. If it cannot be read, hand the ration out on your word."),
            status=422,
            to="/sealed/card",
        )  # fmt: skip
    return number


def _who(text: str) -> str:
    """Her name, or a few words that say who she is.

    Raises:
        Refused: there is none, or an Aadhaar number in it.
    """
    who = _line(text)
    if not who:
        raise Refused(
            "no_name",
            N_("The district has to know who received the ration."),
            N_("Type her name, or a few words that say who she is."),
            status=422,
            to="/sealed/word",
        )
    return who


def _witness(witness: str, name: str) -> str:
    seen_by = witness if witness in POSTS else _line(name) if witness == "other" else ""
    if not seen_by:
        raise Refused(
            "no_witness",
            N_("Somebody has to witness that she received it."),
            N_("Choose the helper or another woman who is here."),
            status=422,
            to="/sealed/word",
        )
    return seen_by


def _line(text: str) -> str:
    """What was typed as one short line.

    Raises:
        Refused: it holds an Aadhaar number.
    """
    line = " ".join(text.split())[:MOST_LETTERS]
    if _AADHAAR.search(line):
        raise Refused(
            "aadhaar",
            N_("An Aadhaar number must not be recorded here."),
            N_("Type her name instead."),
            status=422,
            to="/sealed/word",
        )
    return line
