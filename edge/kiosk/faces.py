"""Enrolling the face of a grown-up: her consent after the notice, three pictures, the template; and taking it back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.events import ConsentGiven, ConsentPurpose, ConsentWithdrawn, FaceEnrolled, PersonRecord
from anganwadi.ids import PersonId
from anganwadi.people import category_on, may_enrol_face
from anganwadi.wire.login import RosterEntry
from edge.devices.camera import CameraError
from edge.face.engine import FaceEngine
from edge.face.template import FRAMES
from edge.kiosk.access import AtDesk, AtWork, Watching, entry_of
from edge.kiosk.answers import Refused, accepted_header, done, is_htmx, page, wants_json
from edge.kiosk.desk import Desk, Seat
from edge.kiosk.face_records import from_record, to_record
from edge.kiosk.i18n import LANGUAGES, N_, say
from edge.kiosk.looking import Enrolling, look_for_enrolment
from edge.kiosk.notice import NOTICE, SENTENCES
from edge.kiosk.pickup import claim_of, comparable
from edge.kiosk.session import Accepted

ENDINGS = frozenset({"declined", "withdrawn", "known"})
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
    of: str = "",
) -> Response:
    """The notice; with consent the camera; with a template what can be done about it; when it is over, a closing word.

    `done` says how it ended, `of` whose face it was if it was another's.
    """
    entry = _adult(seat, person_id)
    person = entry.person
    enrolment = seat.enrolment(person.person_id)
    if enrolment is not None:
        return page(
            request, "faces_camera.html", entry=entry, needed=FRAMES, taken=enrolment.taken,
            hint=None, simulated=desk.viewfinder.simulated,
        )  # fmt: skip
    if done in ENDINGS:
        known = seat.entry(PersonId(of)) if done == "known" else None
        return page(
            request, "faces_closing.html", entry=entry, how=done, known=known.person if known else None
        )
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
        seat.enrolments[person.person_id] = Enrolling.begin(engine, desk.threshold)
    return done(
        request, {"notice": NOTICE, "language": language}, to=f"/faces/{person_id}", accepted=accepted
    )


@router.post("/{person_id}/decline")
def decline(request: Request, seat: AtWork, person_id: str) -> Response:
    """She said no, or stopped half-way. Nothing is kept, not even that she was asked."""
    person = _adult(seat, person_id).person
    with seat.lock:
        seat.enrolments.pop(person.person_id, None)
    return done(request, {"enrolled": False}, to=f"/faces/{person_id}?done=declined")


@router.post("/{person_id}/frame")
def frame(request: Request, desk: AtDesk, seat: Watching, person_id: str) -> Response:
    """Look for a moment, and take a picture if there is a good one. The third enrols."""
    person = _adult(seat, person_id).person
    with seat.lock:
        enrolment = seat.enrolment(person.person_id)
        if enrolment is None:
            raise Refused(
                "no_consent",
                N_("She has not consented yet."),
                N_("Read the notice to her and ask."),
                to=f"/faces/{person_id}",
            )
        try:
            hint = look_for_enrolment(desk.viewfinder, enrolment)
        except CameraError:
            hint = "camera"
        known = _known_as(desk, seat, person.person_id, enrolment) if enrolment.done else None
        if known is not None:
            return _not_hers(request, desk, seat, person.person_id, known)
        accepted = _enrol(desk, seat, person_id, enrolment) if enrolment.done else []
    data = {"taken": enrolment.taken, "needed": FRAMES, "hint": hint, "done": enrolment.done}
    if wants_json(request):
        return JSONResponse(data, headers=accepted_header(accepted))
    if enrolment.done or not is_htmx(request):
        to = f"/faces/{person_id}?done=enrolled" if enrolment.done else f"/faces/{person_id}"
        return done(request, data, to=to, accepted=accepted)
    return page(
        request, "faces_progress.html", entry=seat.session.people[person.person_id], needed=FRAMES,
        taken=enrolment.taken, hint=hint,
    )  # fmt: skip


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
    return done(request, {"enrolled": False}, to=f"/faces/{person_id}?done=withdrawn", accepted=accepted)


def _enrol(desk: Desk, seat: Seat, person_id: str, enrolment: Enrolling) -> list[Accepted]:
    person = _adult(seat, person_id).person
    template = enrolment.pictures.template()
    accepted = seat.session.record(
        FaceEnrolled(person.person_id, template.model, FRAMES),
        PersonRecord(person_id=person.person_id, template=to_record(template)),
    )
    del seat.enrolments[person.person_id]
    desk.viewfinder.off()
    return accepted


def _known_as(desk: Desk, seat: Seat, person_id: PersonId, enrolment: Enrolling) -> RosterEntry | None:
    """Who of the centre's other people is enrolled with this face."""
    centre = enrolment.pictures.template().centre()
    for entry in list(seat.session.people.values()):
        if entry.person.person_id == person_id or entry.template is None or not comparable(entry, desk.model):
            continue
        if float(from_record(entry.template).centre() @ centre) >= desk.threshold:
            return entry
    return None


def _not_hers(request: Request, desk: Desk, seat: Seat, person_id: PersonId, known: RosterEntry) -> Response:
    """Drop the pictures: they are of somebody who is enrolled under her own name."""
    del seat.enrolments[person_id]
    desk.viewfinder.off()
    to = f"/faces/{person_id}?done=known&of={known.person.person_id}"
    if wants_json(request):
        raise Refused(
            "already_enrolled",
            N_("This face is already enrolled for somebody else."),
            N_("Read the notice to her and ask."),
            to=to,
        )
    return done(request, {}, to=to)


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
