"""Her face, or that of a trusted person, before the camera: the page asks again and again how the try stands."""

import time
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.events import FaceNotMatched
from anganwadi.verification import Rung
from anganwadi.wire.login import RosterEntry
from edge.devices.camera import CameraError
from edge.kiosk import words
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import Refused, accepted_header, done, is_htmx, page, wants_json
from edge.kiosk.claim import Claim
from edge.kiosk.counter import collect, open_rungs, uncollected
from edge.kiosk.desk import Desk, Seat
from edge.kiosk.face_try import FaceTry, State
from edge.kiosk.i18n import N_
from edge.kiosk.pickup import Pickup
from edge.kiosk.session import Accepted
from models.manifest import ArtefactError

AGAIN = N_("Let us try once more.")

router = APIRouter(prefix="/ration")
log = structlog.get_logger(__name__)


@router.post("/{person_id}/face")
def look(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, who: Annotated[str, Form()] = ""
) -> Response:
    """Begin a try of the holder's face, or of that of the trusted person `who`, or go on with it: look for a moment."""
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        pickup = seat.pickup(claim.person.person_id)
        before = leave_look(desk, seat, claim, pickup, stays=not who or _is_of(pickup.look, who))
        attempt = pickup.look or _begin(desk, seat, claim, pickup, who)
        try:
            attempt.go_on(desk.viewfinder, desk.speaker)
        except (CameraError, ArtefactError) as error:
            log.warning("face_try_broken_off", reason=str(error))
            # A cable is pulled as easily as a page is left.
            ended = leave_look(desk, seat, claim, pickup, stays=False)
            if isinstance(error, ArtefactError):
                desk.faces = None  # the pages go on to other evidence until the models are mended
            return _answer(request, desk, claim, pickup, attempt, before + ended, broken=True)
        accepted = before + settle(desk, seat, claim, pickup, attempt)
        return _answer(request, desk, claim, pickup, attempt, accepted)


def leave_look(desk: Desk, seat: Seat, claim: Claim, pickup: Pickup, *, stays: bool) -> list[Accepted]:
    """End the try under way, if there is one, where nobody goes on with it or the page is left (not `stays`). What was
    recorded of it."""
    attempt = pickup.look
    if attempt is None or (stays and not attempt.is_stale(time.monotonic())):
        return []
    accepted = settle(desk, seat, claim, pickup, attempt) if attempt.give_up() else []
    pickup.look = None
    return accepted


def settle(desk: Desk, seat: Seat, claim: Claim, pickup: Pickup, attempt: FaceTry) -> list[Accepted]:
    """Record what came of a try that is over: the ration, or that the face was not accepted."""
    if not attempt.over:
        return []
    pickup.look = None
    match = attempt.match
    if attempt.state is State.ACCEPTED and match is not None:
        return collect(
            desk, seat, claim, collected_by=attempt.shown.person.person_id, rung=attempt.rung, score=match.score,
            threshold=match.threshold, look=attempt.look(),
        )  # fmt: skip
    accepted = seat.session.record(
        FaceNotMatched(
            day=seat.session.today(),
            person_id=claim.person.person_id,
            rung=attempt.rung,
            threshold=desk.threshold if match is None else match.threshold,
            score=None if match is None else match.score,
            hint=attempt.hint,
            look=attempt.look(),
        )
    )
    pickup.missed(attempt.rung, attempt.shown.person.person_id, attempt.hint, attempt.why)
    return accepted


def _begin(desk: Desk, seat: Seat, claim: Claim, pickup: Pickup, who: str) -> FaceTry:
    rung, shown = _face_rung(desk, claim, pickup, who)
    pickup.tap()
    assert desk.faces is not None  # noqa: S101 - the rung needs it
    pickup.look = desk.tools.begin(desk.faces, desk.threshold, seat.session, rung, shown)
    return pickup.look


def _face_rung(desk: Desk, claim: Claim, pickup: Pickup, who: str) -> tuple[Rung, RosterEntry]:
    """Which rung this face stands on, and whose template it is compared with.

    A trusted person who came in her place need not wait until her own tries are spent.

    Raises:
        Refused: this face cannot be compared now.
    """
    found = open_rungs(desk, claim, pickup)
    if who:
        nominee = next((entry for entry in claim.nominees if entry.person.person_id == who), None)
        untried = nominee is not None and nominee.person.person_id not in pickup.nominees_tried
        if nominee is not None and untried and Rung.NOMINEE_FACE in found:
            return Rung.NOMINEE_FACE, nominee
    elif found[0] in {Rung.FACE, Rung.FACE_RETRY} and claim.holder_entry is not None:
        return found[0], claim.holder_entry
    raise Refused(
        "rung_not_offered",
        N_("This face cannot be compared now."),
        N_("Go on with the evidence the page offers."),
        to=f"/ration/{claim.person.person_id}",
    )


def _is_of(attempt: FaceTry | None, who: str) -> bool:
    return attempt is not None and attempt.shown.person.person_id == who


def _answer(
    request: Request, desk: Desk, claim: Claim, pickup: Pickup, attempt: FaceTry, accepted: list[Accepted],
    *, broken: bool = False,
) -> Response:  # fmt: skip
    """How the try stands: the piece of the page while it goes on, then the page that is next."""
    person_id = claim.person.person_id
    if attempt.over and attempt.state is not State.ACCEPTED:
        desk.speaker.prompt(attempt.shown.person, _spoken(desk, claim, pickup, attempt))
    if is_htmx(request) and not attempt.over and not broken:
        return page(
            request, "ration_look.html", claim=claim, look=attempt, accepted=accepted, begins=True, rung=attempt.rung
        )  # fmt: skip
    if wants_json(request):
        data = _data(desk, claim, pickup, attempt, broken=broken)
        return JSONResponse(data, headers=accepted_header(accepted))
    to = f"/ration/{person_id}/done?just=1" if attempt.state is State.ACCEPTED else f"/ration/{person_id}"
    return done(request, {}, to=to, accepted=accepted)


def _spoken(desk: Desk, claim: Claim, pickup: Pickup, attempt: FaceTry) -> str:
    """What she hears after a try that was not accepted: how to do better, or that nothing is lost."""
    if open_rungs(desk, claim, pickup)[0] is Rung.FACE_RETRY:
        return words.HINT[attempt.hint][1] if attempt.hint else AGAIN
    return words.NOTHING_LOST


def _data(desk: Desk, claim: Claim, pickup: Pickup, attempt: FaceTry, *, broken: bool) -> dict[str, object]:
    """The same for a script."""
    match, taken = attempt.match, attempt.state is State.ACCEPTED
    over = attempt.over or broken
    return {
        "state": State.NOT_ACCEPTED if broken else attempt.state,
        "accepted": taken,
        "rung": attempt.rung,
        "score": None if match is None else match.score,
        "threshold": desk.threshold if match is None else match.threshold,
        "hint": "camera" if broken else attempt.hint if over else attempt.seen.hint,
        "why": attempt.why,
        "move": attempt.seen.move,
        "remaining_s": round(attempt.seen.remaining_s, 1),
        "steps_done": attempt.seen.steps_done,
        "steps": attempt.seen.steps,
        "next_rung": open_rungs(desk, claim, pickup)[0] if over and not taken else None,
        "collected_by": attempt.shown.person.person_id if taken else None,
    }
