"""The worker's own word: she vouches for her before a witness, or records that somebody leaves without.

Vouching is always open. It takes a reason, a witness, and that she was told in her language what she receives. Leaving
without takes a reason, tells the family where to complain, and is asked about by the district.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.events import RationRefused
from anganwadi.verification import AttestationReason, Leaving, Rung
from edge.kiosk import words
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import Refused, done, page
from edge.kiosk.counter import check_witness, claim_at, collect, uncollected
from edge.kiosk.desk import Desk
from edge.kiosk.i18n import LANGUAGES, N_, say
from edge.kiosk.speaking import tongue

COMPLAIN_AT = N_("You were not given your ration today. You may complain, and it costs nothing: %(line)s.")
COMPLAIN_TO_SUPERVISOR = N_(
    "You were not given your ration today. You may complain, and it costs nothing: tell the supervisor of this centre,"
    " or the Child Development Project Officer."
)

router = APIRouter(prefix="/ration")


@router.post("/{person_id}/attest")
def attest(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, reason: Annotated[AttestationReason, Form()],
    witness: Annotated[str, Form()] = "", heard: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """The worker vouches for her, before a witness; she `heard` what she receives, and agreed."""
    back = f"/ration/{person_id}?by=attestation"
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        check_witness(seat, claim, witness, to=back)
        if reason is AttestationReason.NOT_LOGGED_IN:
            raise Refused(
                "bad_reason",
                N_("Something in the form is missing or not as expected."),
                N_("Go back and fill it in again."),
                status=422,
                to=back,
            )
        if not heard:
            raise Refused(
                "not_told",
                N_("She has to be told what she receives, and agree."),
                N_("Let the kiosk say it, or read it to her, and mark that she heard it."),
                status=422,
                to=back,
            )
        accepted = collect(
            desk, seat, claim, collected_by=claim.holder.person_id, rung=Rung.ATTESTATION, reason=reason,
            witness=witness, acknowledged=True,
        )  # fmt: skip
    data = {"accepted": True, "rung": Rung.ATTESTATION, "collected_by": claim.holder.person_id}
    return done(request, data, to=f"/ration/{person_id}/done?just=1", accepted=accepted)


@router.get("/{person_id}/refuse")
def refuse_form(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    return page(
        request, "ration_refuse.html", claim=uncollected(desk, seat, person_id), today=seat.session.today()
    )


@router.post("/{person_id}/refuse")
def refuse(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Somebody leaves without. It is recorded, she is told how to complain, and the district asks why."""
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        if reason not in words.LEAVING:
            raise Refused(
                "no_reason",
                N_("Leaving without a ration needs a reason."),
                N_("Choose the reason, or hand the ration out."),
                status=422,
                to=f"/ration/{person_id}/refuse",
            )
        leaving = Leaving(reason)
        accepted = seat.session.record(RationRefused(seat.session.today(), claim.person.person_id, leaving))
        seat.pickups.pop(claim.person.person_id, None)
    msgid, values = _complaint(desk)
    desk.speaker.prompt(claim.holder, msgid, **values)
    data = {"refused": True, "complain": say(tongue(claim.holder), msgid, **values)}
    return done(request, data, to=f"/ration/{claim.person.person_id}/left", accepted=accepted)


@router.get("/{person_id}/left")
def left(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """How she complains, in her language, on the screen as it was said."""
    claim = claim_at(desk, seat, person_id)
    refusal = seat.session.day().refusals.get(claim.person.person_id)
    if refusal is None or claim.collected:
        return RedirectResponse(f"/ration/{person_id}", status_code=303)
    msgid, values = _complaint(desk)
    language = LANGUAGES[tongue(claim.holder)]
    return page(
        request, "ration_left.html", claim=claim, hers=language, complain=say(language.code, msgid, **values),
        reason=refusal.reason,
    )  # fmt: skip


def _complaint(desk: Desk) -> tuple[str, dict[str, object]]:
    line = desk.kiosk.settings.complaint_line
    return (COMPLAIN_AT, {"line": line}) if line else (COMPLAIN_TO_SUPERVISOR, {})
