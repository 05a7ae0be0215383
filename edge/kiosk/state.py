"""Where she stands: who is logged in and until when, how far the records have come, what is wrong with the kiosk.

A line in the corner of every page says it in two words, the page `/state` in whole sentences. Anybody may see both:
they hold numbers and times, and nothing of the centre.
"""

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from edge.kiosk.access import Anybody
from edge.kiosk.answers import is_htmx, page, wants_json
from edge.kiosk.standing import standing_of

router = APIRouter(prefix="/state")


@router.get("")
def state(request: Request, desk: Anybody) -> Response:
    """The page; for htmx the part of it that keeps itself fresh."""
    standing = standing_of(desk.kiosk)
    if wants_json(request):
        return JSONResponse(msgspec.to_builtins(standing))
    return page(request, "state_piece.html" if is_htmx(request) else "state.html", standing=standing)


@router.get("/line")
def line(request: Request, _: Anybody) -> Response:
    """The line in the corner."""
    return page(request, "state_line.html")
