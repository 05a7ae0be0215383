"""Attendance of the 3-6 year-olds: everybody present with one tap, then one tap for each child who is not."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.events import AttendanceMarked
from anganwadi.people import Person, attends_preschool
from edge.kiosk.access import AtWork, entry_of
from edge.kiosk.answers import Refused, done, is_htmx, page
from edge.kiosk.i18n import N_
from edge.kiosk.session import CentreSession

router = APIRouter(prefix="/attendance")


class Mark(msgspec.Struct, frozen=True):
    """One child on the page; `present` is None where she was not marked yet."""

    person: Person
    present: bool | None


class Register(msgspec.Struct, frozen=True):
    """The page's children in order of name, and how many are there."""

    marks: list[Mark]
    present: int
    absent: int

    @property
    def total(self) -> int:
        return len(self.marks)

    @property
    def unmarked(self) -> int:
        return self.total - self.present - self.absent


def register(session: CentreSession) -> Register:
    """Today's register."""
    today, day = session.today(), session.day()
    children = [
        entry.person for entry in list(session.people.values()) if attends_preschool(entry.person, today)
    ]
    children.sort(key=lambda child: (child.name_latin, child.person_id))

    def mark(child: Person) -> bool | None:
        return True if child.person_id in day.present else False if child.person_id in day.absent else None

    marks = [Mark(child, mark(child)) for child in children]
    return Register(marks, sum(m.present is True for m in marks), sum(m.present is False for m in marks))


@router.get("")
def show(request: Request, seat: AtWork) -> Response:
    session = seat.session
    return page(request, "attendance.html", register=register(session), head_count=session.day().head_count)


@router.post("/all")
def mark_all(request: Request, seat: AtWork) -> Response:
    """Everybody who is not marked yet, in one go; a child marked absent stays so."""
    session = seat.session
    with seat.lock:
        missing = [mark.person for mark in register(session).marks if mark.present is None]
        accepted = session.record(
            *(AttendanceMarked(session.today(), child.person_id, present=True) for child in missing)
        )
    now = register(session)
    if is_htmx(request):
        return page(request, "attendance_piece.html", accepted=accepted, register=now)
    return done(request, {"present": now.present, "total": now.total}, to="/attendance", accepted=accepted)


@router.post("/{person_id}")
def mark_one(request: Request, seat: AtWork, person_id: str, present: Annotated[bool, Form()]) -> Response:
    session = seat.session
    child = entry_of(seat, person_id).person
    if not attends_preschool(child, session.today()):
        raise Refused(
            "not_preschool",
            N_("Attendance is marked for children of 3 to 6 years."),
            N_("Go back to the list and choose again."),
            to="/attendance",
        )
    accepted = session.record(AttendanceMarked(session.today(), child.person_id, present))
    now = register(session)
    if is_htmx(request):
        mark = Mark(child, present)
        return page(request, "attendance_tile.html", accepted=accepted, mark=mark, register=now, alone=True)
    return done(request, {"present": now.present, "total": now.total}, to="/attendance", accepted=accepted)
