"""Rations that are brought home: who is on the list and why, and that one was delivered, before a witness."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.events import DoorstepListed
from anganwadi.verification import DoorstepReason, Rung
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import Refused, done, page
from edge.kiosk.claim import claim_of
from edge.kiosk.counter import check_witness, collect, uncollected
from edge.kiosk.i18n import N_

router = APIRouter()


@router.get("/doorstep")
def listed(request: Request, desk: AtDesk, seat: AtWork) -> Response:
    """The list, those whose ration of this cycle is still to be brought first."""
    session = seat.session
    found = [claim_of(session, entry.person.person_id, desk.model) for entry in list(session.people.values())]
    claims = [claim for claim in found if claim is not None and claim.doorstep]
    claims.sort(key=lambda claim: (claim.collected, claim.person.name_latin))
    return page(request, "doorstep.html", claims=claims)


@router.post("/ration/{person_id}/doorstep")
def put(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Put her on the list."""
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        if reason not in set(DoorstepReason):
            raise Refused(
                "no_reason",
                N_("The list needs a reason."),
                N_("Choose why she cannot come."),
                status=422,
                to=f"/ration/{person_id}?by=doorstep",
            )
        accepted = seat.session.record(
            DoorstepListed(seat.session.today(), claim.person.person_id, DoorstepReason(reason))
        )
        seat.pickups.pop(claim.person.person_id, None)
    return done(request, {"listed": True}, to=f"/ration?listed={claim.person.person_id}", accepted=accepted)


@router.post("/ration/{person_id}/doorstep/off")
def take_off(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """Take her off the list: she comes again."""
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        event = DoorstepListed(
            seat.session.today(), claim.person.person_id, DoorstepReason.OTHER, listed=False
        )
        accepted = seat.session.record(event) if claim.doorstep else []
    return done(request, {"listed": False}, to="/doorstep", accepted=accepted)


@router.post("/ration/{person_id}/delivered")
def deliver(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, witness: Annotated[str, Form()] = ""
) -> Response:
    """Her ration was brought home, and somebody saw that she received it."""
    back = f"/ration/{person_id}?by=doorstep"
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        if not claim.doorstep:
            raise Refused(
                "not_listed",
                N_("She is not on the doorstep list."),
                N_("Put her on the list first, with the reason."),
                to=back,
            )
        check_witness(seat, claim, witness, to=back)
        accepted = collect(
            desk, seat, claim, collected_by=claim.holder.person_id, rung=Rung.DOORSTEP, witness=witness
        )
    data = {"accepted": True, "rung": Rung.DOORSTEP, "collected_by": claim.holder.person_id}
    return done(request, data, to=f"/ration/{person_id}/done?just=1", accepted=accepted)
