"""What the district writes to the centre, until somebody here has read it."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.events import MessageSeen
from anganwadi.wire.downlink import Message
from edge.kiosk.access import Seated
from edge.kiosk.answers import done, page
from edge.kiosk.session import CentreSession

router = APIRouter(prefix="/messages")


def unread(session: CentreSession) -> list[Message]:
    """The messages nobody has read yet, the oldest first."""
    return sorted(session.messages, key=lambda message: message.sent)


@router.get("")
def show(request: Request, seat: Seated) -> Response:
    """The oldest unread one, in full."""
    waiting = unread(seat.session)
    if not waiting:
        return RedirectResponse("/home", status_code=303)
    return page(request, "messages.html", message=waiting[0], count=len(waiting))


@router.post("/{message_id}/seen")
def seen(request: Request, seat: Seated, message_id: str) -> Response:
    """She has read it. A second tap, or a tap on one that the district took back meanwhile, records nothing."""
    with seat.lock:
        waiting = {message.message_id for message in unread(seat.session)}
        accepted = seat.session.record(MessageSeen(message_id)) if message_id in waiting else []
    left = len(waiting - {message_id})
    data = {"seen": message_id, "unread": left}
    return done(request, data, to="/messages" if left else "/home", accepted=accepted)
