"""A code from her phone instead of her face: the district sends it, she tells it. Only while the server answers."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.verification import CODE_TRIES, Rung
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import done
from edge.kiosk.counter import collect, open_rungs, opened, uncollected
from edge.kiosk.i18n import N_
from edge.kiosk.pickup import Pickup
from edge.kiosk.session import ServerUnreachable

UNREACHABLE = "unreachable"
CLOSED = N_("No code can be sent to her phone now.")

router = APIRouter(prefix="/ration")


@router.post("/{person_id}/code/ask")
def ask(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """Have a code sent. Where that cannot be done the page goes on to the next evidence."""
    claim, pickup = opened(desk, seat, person_id, Rung.PHONE_OTP, CLOSED)
    assert claim.phone is not None  # noqa: S101 - the rung needs it
    try:
        asked = desk.kiosk.otp.ask(claim.phone)
    except ServerUnreachable:
        sent, to, reason = False, None, UNREACHABLE
    else:
        sent, to, reason = asked.sent, asked.to, asked.reason
    with seat.lock:
        pickup.code_to = to if sent else None
        if not sent:
            _away(pickup)
    data = {
        "sent": sent,
        "to": to,
        "reason": reason,
        "next_rung": open_rungs(desk, claim, pickup)[0],
    }
    return done(request, data, to=f"/ration/{person_id}" + ("?by=phone_otp" if sent else ""))


@router.post("/{person_id}/code")
def check(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, code: Annotated[str, Form()] = ""
) -> Response:
    """The code she told."""
    claim, pickup = opened(desk, seat, person_id, Rung.PHONE_OTP, CLOSED)
    assert claim.phone is not None  # noqa: S101 - the rung needs it
    try:
        right = desk.kiosk.otp.check(claim.phone, code.strip())
    except ServerUnreachable:
        right, unreachable = False, True
    else:
        unreachable = False
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        if right:
            accepted = collect(desk, seat, claim, collected_by=claim.holder.person_id, rung=Rung.PHONE_OTP)
            data = {"accepted": True, "rung": Rung.PHONE_OTP, "collected_by": claim.holder.person_id}
            return done(request, data, to=f"/ration/{person_id}/done?just=1", accepted=accepted)
        if unreachable:
            _away(pickup)
        else:
            pickup.code_tries += 1
            pickup.spent(Rung.PHONE_OTP)
    data = {
        "accepted": False,
        "rung": Rung.PHONE_OTP,
        "reason": UNREACHABLE if unreachable else "wrong",
        "tries_left": max(CODE_TRIES - pickup.code_tries, 0),
        "next_rung": open_rungs(desk, claim, pickup)[0],
    }
    again = not unreachable and pickup.code_tries < CODE_TRIES
    return done(request, data, to=f"/ration/{person_id}" + ("?by=phone_otp" if again else ""))


def _away(pickup: Pickup) -> None:
    pickup.code_away, pickup.code_to = True, None
    pickup.spent(Rung.PHONE_OTP)
