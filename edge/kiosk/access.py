"""What a route needs to begin: the desk, the seat of whoever is logged in, the open centre, the person in question."""

from typing import Annotated

from fastapi import Depends, Request

from anganwadi.ids import PersonId
from anganwadi.wire.login import RosterEntry
from edge.kiosk.answers import Refused, no_such_person
from edge.kiosk.desk import COOKIE, Desk, Seat
from edge.kiosk.i18n import N_
from edge.kiosk.problems import NotSeated


def desk_of(request: Request) -> Desk:
    return request.app.state.desk


def anybody(request: Request) -> Desk:
    """The desk, for whoever stands at the screen, logged in or not: what nobody's log-in may be needed for."""
    return desk_of(request)


def watching(request: Request) -> Seat:
    """The seat, for what a page asks by itself: it does not count as somebody using the screen."""
    seat = desk_of(request).seat(request.cookies.get(COOKIE))
    if seat is None:
        raise NotSeated
    return seat


def seated(request: Request) -> Seat:
    """The seat of whoever is logged in, who is using the screen now."""
    seat = watching(request)
    desk_of(request).kiosk.touch()
    if request.method == "GET":
        seat.end_enrolments(but=_stays_with(request))
    return seat


def _stays_with(request: Request) -> PersonId | None:
    """Whose enrolment this page belongs to; any other page leaves it."""
    at_faces = request.url.path.startswith("/faces/")
    return PersonId(request.path_params.get("person_id", "")) if at_faces else None


def in_open_centre(request: Request) -> Seat:
    """The seat, while the centre is open."""
    return _where_open(seated(request))


def watching_open_centre(request: Request) -> Seat:
    """The same, for what a page asks by itself."""
    return _where_open(watching(request))


def _where_open(seat: Seat) -> Seat:
    """This seat.

    Raises:
        Refused: the centre is closed.
    """
    if not seat.session.day().is_open:
        raise Refused(
            "not_open",
            N_("The centre is not open."),
            N_("Open the centre on the start page first."),
            to="/home",
        )
    return seat


AtDesk = Annotated[Desk, Depends(desk_of)]
Anybody = Annotated[Desk, Depends(anybody)]
Watching = Annotated[Seat, Depends(watching)]
Seated = Annotated[Seat, Depends(seated)]
AtWork = Annotated[Seat, Depends(in_open_centre)]
WatchingWork = Annotated[Seat, Depends(watching_open_centre)]


def entry_of(seat: Seat, person_id: str) -> RosterEntry:
    """Somebody on the roster.

    Raises:
        Refused: there is no such person at this centre.
    """
    entry = seat.session.people.get(PersonId(person_id))
    if entry is None:
        raise no_such_person()
    return entry
