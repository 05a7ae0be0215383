"""Enrolling the face of a grown-up: her consent after the notice, three pictures, the template; and taking it back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.events import ConsentGiven, ConsentPurpose, ConsentWithdrawn, FaceEnrolled, PersonRecord
from anganwadi.ids import PersonId
from anganwadi.people import Person, category_on, may_enrol_face
from anganwadi.wire.login import RosterEntry
from edge.devices.camera import CameraError
from edge.face.engine import FaceEngine
from edge.face.template import FRAMES
from edge.kiosk import words
from edge.kiosk.access import AtDesk, AtWork, Watching, entry_of
from edge.kiosk.answers import Refused, accepted_header, done, is_htmx, page, wants_json
from edge.kiosk.claim import claim_of
from edge.kiosk.desk import Desk, Seat
from edge.kiosk.enrolling import Enrolling, look_for_enrolment, lookalikes
from edge.kiosk.i18n import LANGUAGES, N_, say
from edge.kiosk.notice import NOTICE, SENTENCES
from edge.kiosk.session import Accepted

ENDINGS = frozenset({"declined", "withdrawn"})
"""Ways in which an enrolment ends without a face."""

router = APIRouter(prefix="/faces")


@router.get("")
def choose(request: Request, seat: AtWork) -> Response:
    """Adults only. Those without a face come first."""
    today = seat.session.today()
    adults = [
        entry
        for entry in list(seat.session.people.values())
        if may_enrol_face(entry.person, today) and entry.person.left is None
    ]
    adults.sort(key=lambda entry: (entry.template is not None, entry.person.name_latin))
    return page(request, "faces_choose.html", adults=adults, today=today, category_on=category_on)


@router.get("/{person_id}")
def face(
    request: Request,
    desk: AtDesk,
    seat: AtWork,
    person_id: str,
    notice: str = "",
    again: bool = False,
    done: str = "",
) -> Response:
    """The notice; with consent the camera; where she resembles others a question; with a template what can be done
    about it; when it is over, a closing word. `done` says how it ended.
    """
    entry = _adult(seat, person_id)
    person = entry.person
    enrolment = seat.enrolment(person.person_id)
    if enrolment is not None and enrolment.looks_like:
        known = [found.person for each in enrolment.looks_like if (found := seat.entry(each)) is not None]
        return page(request, "faces_lookalikes.html", entry=entry, known=known)
    if enrolment is not None:
        return page(
            request, "faces_camera.html", entry=entry, needed=FRAMES, enrolment=enrolment, hint=None,
            simulated=desk.viewfinder.simulated,
        )  # fmt: skip
    if done in ENDINGS:
        return page(request, "faces_closing.html", entry=entry, how=done)
    if entry.template is not None and not again:
        owed = claim_of(seat.session, person.person_id) is not None
        return page(request, "faces_enrolled.html", entry=entry, just_done=done == "enrolled", owed=owed)
    language = next(code for code in (notice, person.language, "hi") if code in LANGUAGES)
    sentences = [(icon, say(language, sentence)) for icon, sentence in SENTENCES]
    return page(
        request, "faces_notice.html", entry=entry, notice=LANGUAGES[language], sentences=sentences,
        again=again, ask=say(language, N_("May the kiosk learn your face?")),
    )  # fmt: skip


@router.post("/{person_id}/consent")
def consent(
    request: Request, desk: AtDesk, seat: AtWork, person_id: str, language: Annotated[str, Form()]
) -> Response:
    """She said yes after the notice was read to her in `language`."""
    person = _adult(seat, person_id).person
    if language not in LANGUAGES:
        raise Refused(
            "unknown_language",
            N_("The kiosk does not speak this language."),
            N_("Choose one of those on the screen."),
            status=422,
            to=f"/faces/{person_id}",
        )
    engine = _engine(desk)
    accepted = seat.session.record(ConsentGiven(person.person_id, ConsentPurpose.FACE, NOTICE, language))
    with seat.lock:
        seat.consented.add(person.person_id)
        seat.enrolments[person.person_id] = Enrolling.begin(engine, desk.threshold)
    return done(
        request, {"notice": NOTICE, "language": language}, to=f"/faces/{person_id}", accepted=accepted
    )


@router.post("/{person_id}/decline")
def decline(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """She said no, or it was stopped half-way. No picture and no number is kept; a consent that was recorded a moment
    ago is taken back, also if its page was left since, unless it holds for a face enrolled before."""
    entry = _adult(seat, person_id)
    with seat.lock:
        begun = seat.enrolments.pop(entry.person.person_id, None)
        withdraws = entry.person.person_id in seat.consented and entry.template is None
        accepted = (
            seat.session.record(ConsentWithdrawn(entry.person.person_id, ConsentPurpose.FACE))
            if withdraws
            else []
        )
        if withdraws:
            seat.consented.discard(entry.person.person_id)
    if begun is not None:
        desk.viewfinder.off()
    to = f"/faces/{person_id}?done=declined"
    return done(request, {"enrolled": False}, to=to, accepted=accepted)


@router.post("/{person_id}/frame")
def frame(request: Request, desk: AtDesk, seat: Watching, person_id: str) -> Response:
    """Look for a moment, and take a picture if there is a good one. The third enrols, unless she resembles others: then
    the worker is asked."""
    person = _adult(seat, person_id).person
    with seat.lock:
        enrolment = _under_way(seat, person.person_id)
        _ask(desk, person, enrolment, None)
        try:
            hint = look_for_enrolment(desk.viewfinder, enrolment)
        except CameraError:
            hint = "camera"
        _ask(desk, person, enrolment, hint)
        accepted: list[Accepted] = []
        if enrolment.done:
            enrolment.looks_like = lookalikes(
                seat.session, desk.model, desk.threshold, person.person_id, enrolment
            )
            if not enrolment.looks_like:
                accepted = _enrol(desk, seat, person.person_id, enrolment)
    data = {
        "taken": enrolment.taken,
        "needed": FRAMES,
        "hint": hint,
        "asking": enrolment.asking,
        "looks_like": list(enrolment.looks_like),
        "done": bool(accepted),
    }
    if wants_json(request):
        return JSONResponse(data, headers=accepted_header(accepted))
    if enrolment.done or not is_htmx(request):
        to = f"/faces/{person_id}" + ("?done=enrolled" if accepted else "")
        return done(request, data, to=to, accepted=accepted)
    return page(
        request, "faces_progress.html", entry=seat.session.people[person.person_id], needed=FRAMES,
        enrolment=enrolment, hint=hint,
    )  # fmt: skip


@router.post("/{person_id}/enrol")
def enrol(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """The worker saw whom she resembles, and says that it is another woman."""
    person = _adult(seat, person_id).person
    with seat.lock:
        enrolment = _under_way(seat, person.person_id)
        if not enrolment.looks_like:
            raise _no_consent(person.person_id)
        looked_like = list(enrolment.looks_like)
        accepted = _enrol(desk, seat, person.person_id, enrolment)
    data = {"enrolled": True, "looked_like": looked_like}
    return done(request, data, to=f"/faces/{person_id}?done=enrolled", accepted=accepted)


@router.post("/{person_id}/withdraw")
def withdraw(request: Request, seat: AtWork, person_id: str) -> Response:
    """She takes her consent back: the template is erased here now, and at the district when this arrives."""
    person = _adult(seat, person_id).person
    with seat.lock:
        seat.enrolments.pop(person.person_id, None)
        accepted = seat.session.record(
            ConsentWithdrawn(person.person_id, ConsentPurpose.FACE),
            PersonRecord(person_id=person.person_id, erase_template=True),
        )
        seat.consented.discard(person.person_id)
        seat.forget_looks(person.person_id)
    return done(request, {"enrolled": False}, to=f"/faces/{person_id}?done=withdrawn", accepted=accepted)


def _under_way(seat: Seat, person_id: PersonId) -> Enrolling:
    enrolment = seat.enrolment(person_id)
    if enrolment is None:
        raise _no_consent(person_id)
    return enrolment


def _no_consent(person_id: PersonId) -> Refused:
    return Refused(
        "no_consent",
        N_("She has not consented yet."),
        N_("Read the notice to her and ask."),
        to=f"/faces/{person_id}",
    )


def _ask(desk: Desk, person: Person, enrolment: Enrolling, hint: str | None) -> None:
    """Ask for the pose that is wanted next, aloud and of a simulated person; else say the hint."""
    asking = enrolment.asking
    if asking is not None and enrolment.newly_asked():
        desk.viewfinder.ask(asking)
        desk.speaker.prompt(person, words.POSE[asking][1])
    elif hint is not None:
        desk.speaker.hint(person, words.HINT[hint][1])


def _enrol(desk: Desk, seat: Seat, person_id: PersonId, enrolment: Enrolling) -> list[Accepted]:
    template = enrolment.pictures.template()
    accepted = seat.session.record(
        FaceEnrolled(person_id, template.model, FRAMES, tuple(enrolment.looks_like)),
        PersonRecord(person_id=person_id, template=template.record(seat.session.rotation)),
    )
    del seat.enrolments[person_id]
    desk.viewfinder.off()
    return accepted


def _engine(desk: Desk) -> FaceEngine:
    if desk.faces is None:
        raise Refused(
            "no_models",
            N_("This kiosk cannot recognise faces now."),
            N_("Rations are handed out without it. Tell the help desk."),
            status=503,
            to="/faces",
        )
    return desk.faces


def _adult(seat: Seat, person_id: str) -> RosterEntry:
    entry = entry_of(seat, person_id)
    if not may_enrol_face(entry.person, seat.session.today()):
        raise Refused(
            "not_adult",
            N_("Only the faces of grown-ups are enrolled. Children never."),
            N_("For a child's ration, enrol the mother or guardian."),
            to="/faces",
        )
    return entry
