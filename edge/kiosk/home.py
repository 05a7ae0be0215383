"""The start page: today, what is done and what comes next, and how far the records have come; opening the centre."""

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.events import CentreOpened
from anganwadi.people import attends_preschool, category_on, is_weighed, may_enrol_face
from edge.kiosk.access import AtDesk, Seated, Watching
from edge.kiosk.answers import done, page
from edge.kiosk.claim import claim_of
from edge.kiosk.desk import COOKIE
from edge.kiosk.messages import unread
from edge.kiosk.session import CentreSession

router = APIRouter()


class Progress(msgspec.Struct, frozen=True):
    """The day in numbers."""

    opened: bool
    closed: bool
    preschool: int
    present: int
    meals: dict[str, int]
    weighable: int
    weighed: int
    enrolled: int
    rations_owed: int
    rations_collected: int
    """of those owed, in this cycle"""
    rations: dict[str, int]
    """handed out today, by evidence"""
    refusals: int

    @property
    def next_task(self) -> str:
        """The task to point at: the first of the day's order that has not begun."""
        if not self.opened or self.closed:
            return "open"
        if not self.present:
            return "attendance"
        return "ration" if self.meals else "meals"


def progress(session: CentreSession) -> Progress:
    """Where the day stands."""
    today, day = session.today(), session.day()
    people = list(session.people.values())
    claims = [claim for entry in people if (claim := claim_of(session, entry.person.person_id)) is not None]
    rations: dict[str, int] = {}
    for ration in list(day.rations.values()):
        rations[ration.rung] = rations.get(ration.rung, 0) + 1
    return Progress(
        opened=day.opened_at is not None,
        closed=day.closed_at is not None,
        preschool=sum(attends_preschool(entry.person, today) for entry in people),
        present=len(day.present),
        meals={str(meal): count for meal, count in day.meals.items()},
        weighable=sum(is_weighed(entry.person, today) for entry in people),
        weighed=len(day.weights),
        enrolled=sum(entry.template is not None for entry in people),
        rations_owed=len(claims),
        rations_collected=sum(claim.collected for claim in claims),
        rations=rations,
        refusals=len(day.refusals),
    )


@router.get("/home")
def home(request: Request, desk: AtDesk, seat: Seated) -> Response:
    session = seat.session
    return page(
        request, "home.html", today=session.today(), progress=progress(session), link=desk.kiosk.link(),
        waiting_for_people=not session.people, unread=unread(session), has_checklist=bool(desk.kiosk.forms().forms),
    )  # fmt: skip


@router.get("/home/list")
def wait_for_list(seat: Watching) -> Response:
    """Asked by the start page while the centre's list is on its way: load anew once it is there."""
    return Response(status_code=204, headers={"HX-Refresh": "true"} if seat.session.people else {})


@router.get("/status")
def status_strip(request: Request, desk: AtDesk, _: Watching) -> Response:
    """The strip that keeps itself fresh."""
    return page(request, "link_piece.html", link=desk.kiosk.link())


@router.get("/link")
def link(request: Request, desk: AtDesk) -> Response:
    """The same before anybody has logged in: numbers only, nothing of the centre."""
    return page(request, "link_piece.html", link=desk.kiosk.link())


@router.get("/pulse")
def pulse(_: Watching) -> Response:
    """Asked by every page now and then, so that the screen leaves a log-in that has ended."""
    return Response(status_code=204)


@router.post("/centre/open")
def open_centre(request: Request, seat: Seated) -> Response:
    session = seat.session
    with seat.lock:
        accepted = [] if session.day().is_open else session.record(CentreOpened(session.today()))
    return done(request, {"opened": True}, to="/home", accepted=accepted)


@router.get("/api/status")
def status(request: Request, desk: AtDesk) -> Response:
    seat = desk.seat(request.cookies.get(COOKIE))
    day = None
    if seat is not None:
        now = progress(seat.session)
        day = msgspec.to_builtins(now)
    return JSONResponse(
        {"logged_in": seat is not None, "link": msgspec.to_builtins(desk.kiosk.link()), "day": day}
    )


@router.get("/api/people")
def people(seat: Watching) -> Response:
    """The roster, for scripts on this machine."""
    session = seat.session
    today = session.today()
    rows = []
    for entry in list(session.people.values()):
        person = entry.person
        claim = claim_of(session, person.person_id)
        rows.append(
            {
                "person_id": person.person_id,
                "name": person.name,
                "name_latin": person.name_latin,
                "household": person.household,
                "category": category_on(person, today),
                "guardian": person.guardian,
                "nominees": list(person.nominees),
                "card": person.card if entry.card_issued else None,
                "phone": bool(person.phone),
                "doorstep": entry.doorstep,
                "attends_preschool": attends_preschool(person, today),
                "is_weighed": is_weighed(person, today),
                "may_enrol_face": may_enrol_face(person, today),
                "owed_ration": claim is not None,
                "enrolled": entry.template is not None,
                "collected": claim is not None and claim.collected,
            }
        )
    return JSONResponse(rows)
