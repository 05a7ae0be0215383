"""Handing out a take-home ration: whose it is, the face before the camera, or the next kind of evidence.

The page never ends without a way to hand it out, and never hands out twice in a cycle.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.events import FaceNotMatched, RationCollected, RationRefused
from anganwadi.ids import PersonId
from anganwadi.people import may_enrol_face
from anganwadi.verification import AttestationReason, Rung
from anganwadi.wire.login import RosterEntry
from edge.devices.camera import CameraError
from edge.kiosk import words
from edge.kiosk.access import AtDesk, AtWork, entry_of
from edge.kiosk.answers import Refused, done, page
from edge.kiosk.desk import Desk, Seat
from edge.kiosk.i18n import N_
from edge.kiosk.looking import look_and_compare
from edge.kiosk.pickup import Claim, Pickup, claim_of
from edge.kiosk.session import IST, Accepted

OTHER_POST = {"AWW": "AWH", "AWH": "AWW"}

router = APIRouter(prefix="/ration")


@router.get("")
def choose(request: Request, desk: AtDesk, seat: AtWork, refused: str = "") -> Response:
    """Everybody a take-home ration is owed to, those who have not had it this cycle first."""
    session = seat.session
    found = [claim_of(session, entry.person.person_id, desk.model) for entry in list(session.people.values())]
    claims = [claim for claim in found if claim is not None]
    claims.sort(key=lambda claim: (claim.collected, claim.person.name_latin))
    refusals = session.day().refusals
    left = session.people.get(PersonId(refused)) if refused in refusals else None
    return page(
        request, "ration_choose.html", claims=claims, today=session.today(), refusals=refusals, left=left
    )


@router.get("/{person_id}")
def ration(request: Request, desk: AtDesk, seat: AtWork, person_id: str, vouch: bool = False) -> Response:
    """The evidence that is next."""
    claim = _claim(desk, seat, person_id)
    if claim.collected:
        return RedirectResponse(f"/ration/{person_id}/done", status_code=303)
    pickup = seat.pickup(claim.person.person_id)
    works = _camera_works(desk, claim)
    rung = claim.rung(pickup, camera_works=works)
    shown = {
        "claim": claim, "pickup": pickup, "rung": rung, "today": seat.session.today(),
        "days": desk.kiosk.settings.days_covered, "camera_works": works,
        "vouching": vouch or rung is Rung.ATTESTATION,
    }  # fmt: skip
    if shown["vouching"]:
        return page(
            request, "ration_vouch.html", reason=claim.likely_reason(pickup, camera_works=works),
            witnesses=_witnesses(seat, claim), helper=OTHER_POST.get(seat.session.worker.post, "AWH"), **shown,
        )  # fmt: skip
    return page(request, "ration_face.html", simulated=desk.viewfinder.simulated, **shown)


@router.post("/{person_id}/face")
def compare(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, who: Annotated[str, Form()] = ""
) -> Response:
    """Compare the face before the camera with the holder's, or with that of the trusted person `who`."""
    with seat.lock:
        claim = _uncollected(desk, seat, person_id)
        pickup = seat.pickup(claim.person.person_id)
        rung, shown = _face_rung(claim, pickup, who, camera_works=_camera_works(desk, claim))
        assert desk.faces is not None  # noqa: S101 - the rung needs both
        assert shown.template is not None  # noqa: S101
        try:
            match = look_and_compare(desk.viewfinder, desk.faces, shown.template, desk.threshold)
        except CameraError:
            return _face_answer(request, desk, claim, pickup, rung, {"accepted": False, "hint": "camera"})
        data = {
            "accepted": match.accepted,
            "score": match.score,
            "threshold": match.threshold,
            "hint": match.hint,
        }
        if match.accepted:
            accepted = _collect(
                desk, seat, claim, collected_by=shown.person.person_id, rung=rung, score=match.score,
                threshold=match.threshold,
            )  # fmt: skip
            data |= {"rung": rung, "next_rung": None, "collected_by": shown.person.person_id}
            return done(request, data, to=f"/ration/{person_id}/done?just=1", accepted=accepted)
        accepted = seat.session.record(
            FaceNotMatched(
                day=seat.session.today(), person_id=claim.person.person_id, rung=rung, threshold=match.threshold,
                score=match.score, hint=match.hint,
            )
        )  # fmt: skip
        pickup.missed(rung, match.hint)
        return _face_answer(request, desk, claim, pickup, rung, data, accepted)


@router.post("/{person_id}/attest")
def attest(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str,
    reason: Annotated[AttestationReason, Form()], witness: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The worker vouches for her, before a witness. This way is always open."""
    with seat.lock:
        claim = _uncollected(desk, seat, person_id)
        known = {entry.person.person_id for entry in _witnesses(seat, claim)}
        if witness != OTHER_POST.get(seat.session.worker.post) and witness not in known:
            raise Refused(
                "no_witness",
                N_("Somebody has to witness that she received it."),
                N_("Choose the helper or another woman who is here."),
                status=422,
                to=f"/ration/{person_id}?vouch=1",
            )
        accepted = _collect(
            desk, seat, claim, collected_by=claim.holder.person_id, rung=Rung.ATTESTATION, reason=reason,
            witness=witness,
        )  # fmt: skip
    data = {"accepted": True, "rung": Rung.ATTESTATION, "collected_by": claim.holder.person_id}
    return done(request, data, to=f"/ration/{person_id}/done?just=1", accepted=accepted)


@router.get("/{person_id}/done")
def handed_out(request: Request, desk: AtDesk, seat: AtWork, person_id: str, just: bool = False) -> Response:
    """What to hand out now, where it was `just` recorded; else that it was handed out already, and when."""
    claim = _claim(desk, seat, person_id)
    if not claim.collected:
        return RedirectResponse(f"/ration/{person_id}", status_code=303)
    day = seat.session.day()
    at = day.handed_out.get(claim.person.person_id)
    return page(
        request, "ration_done.html", claim=claim, today=seat.session.today(), others=_household(desk, seat, claim),
        ration=day.rations.get(claim.person.person_id), days=desk.kiosk.settings.days_covered,
        people=seat.session.people, just=just, at=None if at is None else at.astimezone(IST),
    )  # fmt: skip


@router.get("/{person_id}/refuse")
def refuse_form(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    return page(
        request, "ration_refuse.html", claim=_uncollected(desk, seat, person_id), reasons=words.REFUSAL,
        today=seat.session.today(),
    )  # fmt: skip


@router.post("/{person_id}/refuse")
def refuse(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """The family leaves without. It is recorded, and somebody will ask why."""
    claim = _uncollected(desk, seat, person_id)
    if reason not in words.REFUSAL:
        raise Refused(
            "no_reason",
            N_("Leaving without a ration needs a reason."),
            N_("Choose the reason, or hand the ration out."),
            status=422,
            to=f"/ration/{person_id}/refuse",
        )
    accepted = seat.session.record(RationRefused(seat.session.today(), claim.person.person_id, reason))
    seat.pickups.pop(claim.person.person_id, None)
    return done(request, {"refused": True}, to=f"/ration?refused={claim.person.person_id}", accepted=accepted)


def _collect(
    desk: Desk, seat: Seat, claim: Claim, *, collected_by: PersonId, rung: Rung, score: float | None = None,
    threshold: float | None = None, reason: AttestationReason | None = None, witness: str | None = None,
) -> list[Accepted]:  # fmt: skip
    accepted = seat.session.record(
        RationCollected(
            day=seat.session.today(),
            person_id=claim.person.person_id,
            collected_by=collected_by,
            rung=rung,
            services=claim.services,
            days_covered=desk.kiosk.settings.days_covered,
            cycle=claim.cycle,
            score=score,
            threshold=threshold,
            reason=reason,
            witness=witness,
        )
    )
    seat.pickups.pop(claim.person.person_id, None)
    return accepted


def _face_answer(
    request: Request, desk: Desk, claim: Claim, pickup: Pickup, rung: Rung, data: dict[str, object],
    accepted: list[Accepted] | None = None,
) -> Response:  # fmt: skip
    """Not accepted: say why, and which evidence is next."""
    following = claim.rung(pickup, camera_works=_camera_works(desk, claim))
    whole = {
        "score": None,
        "threshold": desk.threshold,
        "rung": rung,
        "next_rung": following,
        "collected_by": None,
    }
    return done(request, whole | data, to=f"/ration/{claim.person.person_id}", accepted=accepted or [])


def _face_rung(claim: Claim, pickup: Pickup, who: str, *, camera_works: bool) -> tuple[Rung, RosterEntry]:
    """Which rung this face stands on, and whose template it is compared with.

    A trusted person who came in her place need not wait until her own tries are spent.
    """
    if who:
        found = next((entry for entry in claim.nominees if entry.person.person_id == who), None)
        if found is not None and camera_works and pickup.nominee_tries < 1:
            return Rung.NOMINEE_FACE, found
    else:
        rung = claim.rung(pickup, camera_works=camera_works)
        if rung in {Rung.FACE, Rung.FACE_RETRY} and claim.holder_entry is not None:
            return rung, claim.holder_entry
    raise Refused(
        "rung_not_offered",
        N_("This face cannot be compared now."),
        N_("Go on with the evidence the page offers."),
        to=f"/ration/{claim.person.person_id}",
    )


def _claim(desk: Desk, seat: Seat, person_id: str) -> Claim:
    entry = entry_of(seat, person_id)
    claim = claim_of(seat.session, entry.person.person_id, desk.model)
    if claim is None:
        raise Refused(
            "not_owed",
            N_("No take-home ration is owed to this person today."),
            N_("Go back to the list and choose again."),
            to="/ration",
        )
    return claim


def _uncollected(desk: Desk, seat: Seat, person_id: str) -> Claim:
    claim = _claim(desk, seat, person_id)
    if claim.collected:
        raise Refused(
            "already_collected",
            N_("The ration of this month was handed out already."),
            N_("The next one is owed from the first day of next month."),
            to=f"/ration/{person_id}/done",
        )
    return claim


def _camera_works(desk: Desk, claim: Claim) -> bool:
    """Whether faces can be compared now. The camera is left off where there is nothing to compare with."""
    if desk.faces is None or not (claim.enrolled or claim.nominees):
        return False
    return desk.viewfinder.works()


def _witnesses(seat: Seat, claim: Claim) -> list[RosterEntry]:
    """Grown-ups of the centre who are not party to the claim."""
    party = {claim.person.person_id, claim.holder.person_id}
    today = seat.session.today()
    found = [
        entry
        for entry in list(seat.session.people.values())
        if entry.person.person_id not in party
        and may_enrol_face(entry.person, today)
        and entry.person.left is None
    ]
    return sorted(found, key=lambda entry: entry.person.name_latin)


def _household(desk: Desk, seat: Seat, claim: Claim) -> list[Claim]:
    """Rations still owed to others of the same household, so that nobody has to queue twice."""
    found = [
        claim_of(seat.session, entry.person.person_id, desk.model)
        for entry in list(seat.session.people.values())
        if entry.person.household == claim.person.household
        and entry.person.person_id != claim.person.person_id
    ]
    return [other for other in found if other is not None and not other.collected]
