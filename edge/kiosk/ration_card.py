"""Her card instead of her face: its QR code before the camera, or its number typed, and then her PIN.

The card is what she has, the PIN what she knows; the kiosk checks both by itself, without the network. A wrong PIN
counts against this pick-up, a card of somebody else does not.
"""

import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.cards import comparable
from anganwadi.verification import CARD_TRIES, Rung
from anganwadi.wire.login import RosterEntry
from edge.devices.camera import CameraError
from edge.devices.card_reader import read_card
from edge.kiosk import card_pin
from edge.kiosk.access import AtDesk, AtWork, WatchingWork
from edge.kiosk.answers import Refused, done, is_htmx, page, wants_json
from edge.kiosk.claim import Claim
from edge.kiosk.counter import collect, open_rungs, opened
from edge.kiosk.desk import Desk
from edge.kiosk.i18n import N_

LOOK_S = 0.35
"""How long one call looks for a card."""
CLOSED = N_("No card counts now.")

router = APIRouter(prefix="/ration")


@router.post("/{person_id}/card/look")
def look(request: Request, desk: AtDesk, seat: WatchingWork, person_id: str) -> Response:
    """Look for a moment whether a card is held before the camera."""
    with seat.lock:
        claim, pickup = opened(desk, seat, person_id, Rung.CARD, CLOSED)
        found, another = _read(desk, claim)
        if found is not None:
            pickup.card_shown = found.person.person_id
            return done(request, {"read": True, "another": False}, to=f"/ration/{person_id}?by=card")
    if wants_json(request) or not is_htmx(request):
        return JSONResponse({"read": False, "another": another})
    return page(request, "ration_card_look.html", claim=claim, another=another)


@router.post("/{person_id}/card")
def show(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str,
    card: Annotated[str, Form()] = "", pin: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The number of her card, typed; and her PIN. The page sends one after the other."""
    with seat.lock:
        claim, pickup = opened(desk, seat, person_id, Rung.CARD, CLOSED)
        if card:
            pickup.card_shown = _of_number(claim, card).person.person_id
        shown = next((each for each in claim.cards if each.person.person_id == pickup.card_shown), None)
        if shown is None:
            raise _bad_card(claim)
        if not pin:
            return done(request, {"accepted": False, "read": True}, to=f"/ration/{person_id}?by=card")
        if card_pin.check(shown, pin):
            accepted = collect(desk, seat, claim, collected_by=claim.holder.person_id, rung=Rung.CARD)
            data = {"accepted": True, "rung": Rung.CARD, "collected_by": claim.holder.person_id}
            return done(request, data, to=f"/ration/{person_id}/done?just=1", accepted=accepted)
        pickup.card_tries += 1
        pickup.spent(Rung.CARD)
        data = {
            "accepted": False,
            "rung": Rung.CARD,
            "tries_left": max(CARD_TRIES - pickup.card_tries, 0),
            "next_rung": open_rungs(desk, claim, pickup)[0],
        }
        to = f"/ration/{person_id}" + ("?by=card" if pickup.card_tries < CARD_TRIES else "")
        return done(request, data, to=to)


def _read(desk: Desk, claim: Claim) -> tuple[RosterEntry | None, bool]:
    """Whose card is before the camera, of those that count; and whether it is one that does not."""
    until = time.monotonic() + LOOK_S
    another = False
    try:
        sequence = desk.viewfinder.frame().sequence
        while time.monotonic() < until:
            frame = desk.viewfinder.frame(sequence)
            sequence = frame.sequence
            number = read_card(frame.rgb)
            if number is not None:
                found = _holder(claim, number)
                if found is not None:
                    return found, False
                another = True
    except CameraError:
        return None, False
    return None, another


def _holder(claim: Claim, number: str) -> RosterEntry | None:
    return next((each for each in claim.cards if comparable(each.person.card) == comparable(number)), None)


def _of_number(claim: Claim, typed: str) -> RosterEntry:
    """Whose card has the number that was typed.

    Raises:
        Refused: none of those that count.
    """
    found = _holder(claim, typed) if comparable(typed) else None
    if found is None:
        raise _bad_card(claim)
    return found


def _bad_card(claim: Claim) -> Refused:
    return Refused(
        "bad_card",
        N_("This is not the number of her card."),
        N_("Type the number that is printed on her card, or go on without it."),
        status=422,
        to=f"/ration/{claim.person.person_id}?by=card&typed=1",
    )
