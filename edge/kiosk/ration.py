"""Handing out a take-home ration: whose it is, the evidence that is next, and the page that says "hand it out now".

The page never ends without a way to hand it out, and never hands out twice in a cycle. Each kind of evidence has its
own module: `ration_face`, `ration_card`, `ration_code`, `ration_word` (vouching, leaving without) and `doorstep`.
"""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.ids import PersonId
from anganwadi.verification import CARD_TRIES, CODE_TRIES, Rung
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import done, page
from edge.kiosk.claim import Claim, claim_of
from edge.kiosk.counter import (
    OTHER_POST,
    camera_works,
    claim_at,
    household,
    open_rungs,
    tell,
    told,
    uncollected,
    witnesses,
)
from edge.kiosk.desk import Desk, Seat
from edge.kiosk.pickup import Pickup
from edge.kiosk.ration_face import leave_look
from edge.kiosk.session import IST
from edge.kiosk.speaking import tongue

FACES = frozenset({Rung.FACE, Rung.FACE_RETRY})
PAGES = {
    Rung.FACE: "ration_face.html",
    Rung.FACE_RETRY: "ration_face.html",
    Rung.NOMINEE_FACE: "ration_face.html",
    Rung.CARD: "ration_card.html",
    Rung.PHONE_OTP: "ration_code.html",
    Rung.ATTESTATION: "ration_vouch.html",
    Rung.DOORSTEP: "ration_doorstep.html",
}

JUST_NOW = timedelta(minutes=3)
"""How long the page says to hand it out: loaded again later it must not be handed out twice."""

router = APIRouter(prefix="/ration")


@router.get("")
def choose(request: Request, desk: AtDesk, seat: AtWork, refused: str = "", listed: str = "") -> Response:
    """Everybody a take-home ration is owed to, those who have not had it this cycle first. The camera warms up."""
    session = seat.session
    if desk.faces is not None and any(entry.template for entry in list(session.people.values())):
        desk.viewfinder.warm_up()
    seat.nobody_at_the_counter()
    found = [claim_of(session, entry.person.person_id, desk.model) for entry in list(session.people.values())]
    claims = [claim for claim in found if claim is not None]
    claims.sort(key=lambda claim: (claim.collected, claim.person.name_latin))
    refusals = session.day().refusals
    return page(
        request, "ration_choose.html", claims=claims, today=session.today(), refusals=refusals,
        left=session.people.get(PersonId(refused)) if refused in refusals else None,
        listed=session.people.get(PersonId(listed)),
        doorstep=sum(claim.doorstep and not claim.collected for claim in claims),
    )  # fmt: skip


@router.get("/{person_id}")
def ration(
    request: Request,
    desk: AtDesk,
    seat: AtWork,
    person_id: str,
    by: str = "",
    anew: bool = False,
    typed: bool = False,
) -> Response:
    """The evidence that is next, or another that the worker chose (`by`, a rung or `ways` for all that are open).
    `anew` begins a card's number or a code again; `typed` is for a card's number that is typed."""
    claim = claim_at(desk, seat, person_id)
    if claim.collected:
        return RedirectResponse(f"/ration/{person_id}/done", status_code=303)
    with seat.lock:
        pickup = seat.pickup(claim.person.person_id)
        pickup.tap()
        ended = leave_look(desk, seat, claim, pickup, stays=by in {"", *FACES, Rung.NOMINEE_FACE})
        if anew:
            pickup.card_shown, pickup.code_to = None, None
    found = open_rungs(desk, claim, pickup)
    rung = _rung(pickup, found, by)
    shown: dict[str, Any] = {
        "claim": claim, "pickup": pickup, "rung": rung, "today": seat.session.today(), "open": found,
        "days": desk.kiosk.settings.days_covered, "camera_works": camera_works(desk, claim), "by": by,
        "typed": typed,
    }  # fmt: skip
    if by == "ways":
        return page(request, "ration_ways.html", accepted=ended, **shown)
    return page(
        request, PAGES[rung], accepted=ended, **shown, **_particulars(desk, seat, claim, pickup, shown)
    )


@router.post("/{person_id}/tell")
def tell_her(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """Say aloud, in her language, what she receives."""
    claim = uncollected(desk, seat, person_id)
    tell(desk, claim)
    data = {"language": tongue(claim.holder), "spoken": desk.speaker.can_speak}
    return done(request, data, to=f"/ration/{person_id}?by=attestation")


@router.get("/{person_id}/done")
def handed_out(request: Request, desk: AtDesk, seat: AtWork, person_id: str, just: bool = False) -> Response:
    """What to hand out now, where it was `just` recorded; else, and when the page is loaded again later, that it was
    handed out already, and when."""
    claim = claim_at(desk, seat, person_id)
    if not claim.collected:
        return RedirectResponse(f"/ration/{person_id}", status_code=303)
    day = seat.session.day()
    at = day.handed_out.get(claim.person.person_id)
    just = just and at is not None and seat.session.now() - at < JUST_NOW
    return page(
        request, "ration_done.html", claim=claim, today=seat.session.today(), others=household(desk, seat, claim),
        ration=day.rations.get(claim.person.person_id), days=desk.kiosk.settings.days_covered,
        people=seat.session.people, just=just, at=None if at is None else at.astimezone(IST),
    )  # fmt: skip


def _rung(pickup: Pickup, found: tuple[Rung, ...], by: str) -> Rung:
    """The evidence to show: that of a look under way, the one chosen if it is open, else the strongest."""
    if pickup.look is not None:
        return pickup.look.rung
    chosen = next((rung for rung in found if rung == by or (by in FACES and rung in FACES)), None)
    return chosen or found[0]


def _particulars(
    desk: Desk, seat: Seat, claim: Claim, pickup: Pickup, shown: dict[str, Any]
) -> dict[str, Any]:
    """What the page of one kind of evidence needs besides."""
    match shown["rung"]:
        case Rung.FACE | Rung.FACE_RETRY | Rung.NOMINEE_FACE:
            return {
                "simulated": desk.viewfinder.simulated,
                "look": pickup.look,
                "begins": pickup.look is not None or (shown["rung"] is Rung.FACE and not pickup.looked),
                "nominees": [
                    each for each in claim.nominees if each.person.person_id not in pickup.nominees_tried
                ],
            }
        case Rung.CARD | Rung.PHONE_OTP:
            left = (
                CARD_TRIES - pickup.card_tries
                if shown["rung"] is Rung.CARD
                else CODE_TRIES - pickup.code_tries
            )
            return {
                "simulated": desk.viewfinder.simulated,
                "card_camera": desk.viewfinder.works(),
                "tries_left": left,
            }
        case _:
            return {
                "reason": pickup.likely_reason(claim, camera_works=bool(shown["camera_works"])),
                "witnesses": witnesses(seat, claim),
                "helper": OTHER_POST.get(seat.session.worker.post, "AWH"),
                "told": told(desk, claim),
                "tongue": tongue(claim.holder),
                "speaks": desk.speaker.can_speak,
            }
