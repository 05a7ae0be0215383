"""Closing the day: what was done, what still waits to be sent; then the log-in ends."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.events import CentreClosed
from edge.kiosk.access import AtDesk, Seated
from edge.kiosk.answers import accepted_header, done, wants_json
from edge.kiosk.answers import page as show_page
from edge.kiosk.desk import COOKIE
from edge.kiosk.home import progress

router = APIRouter()


@router.get("/close")
def show(request: Request, desk: AtDesk, seat: Seated) -> Response:
    if not seat.session.day().is_open:
        return RedirectResponse("/home", status_code=303)
    return show_page(
        request,
        "close.html",
        progress=progress(seat.session),
        link=desk.kiosk.link(),
        today=seat.session.today(),
    )


@router.post("/centre/close")
def close_centre(request: Request, desk: AtDesk, seat: Seated) -> Response:
    """A page logs out with it; a script goes on until it says so."""
    session = seat.session
    with seat.lock:
        accepted = session.record(CentreClosed(session.today())) if session.day().is_open else []
    if wants_json(request):
        return done(request, {"closed": True}, to="/login", accepted=accepted)
    desk.leave()
    answer = RedirectResponse("/login?why=closed", status_code=303, headers=accepted_header(accepted))
    answer.delete_cookie(COOKIE, path="/")
    return answer
