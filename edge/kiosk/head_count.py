"""Counting heads with the camera: a number beside the tapped attendance, and nothing else.

The picture is counted in RAM and forgotten. Where the two numbers differ the page says so and accuses nobody: children
turn away, stand behind each other, or wash their hands.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from anganwadi.events import HeadCounted
from edge.devices.camera import CameraError
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import Refused, done, page
from edge.kiosk.desk import Desk
from edge.kiosk.i18n import N_

PICTURES = 3
"""The highest count of so many pictures is taken: a face turned away is missed, none is invented."""

router = APIRouter(prefix="/attendance/heads")


@router.get("")
def show(request: Request, desk: AtDesk, seat: AtWork) -> Response:
    """The camera's picture, so that everybody fits in; the last number of today beside the tapped one."""
    day = seat.session.day()
    return page(
        request, "head_count.html", simulated=desk.viewfinder.simulated, can_count=desk.heads is not None,
        works=desk.heads is not None and desk.viewfinder.works(), marked=len(day.present), counted=day.head_count,
    )  # fmt: skip


@router.post("")
def count(request: Request, desk: AtDesk, seat: AtWork) -> Response:
    """Count the faces before the camera now, and record the number."""
    counted, marked = _faces(desk), len(seat.session.day().present)
    desk.viewfinder.off()
    accepted = seat.session.record(HeadCounted(seat.session.today(), counted, marked))
    return done(request, {"counted": counted, "marked": marked}, to="/attendance/heads", accepted=accepted)


def _faces(desk: Desk) -> int:
    """The most faces that one of a few pictures shows.

    Raises:
        Refused: there is no camera, or nothing to count with.
    """
    if desk.heads is not None:
        try:
            sequence, most = desk.viewfinder.frame().sequence, 0
            for _ in range(PICTURES):
                frame = desk.viewfinder.frame(sequence)
                sequence = frame.sequence
                most = max(most, desk.heads.count(frame.rgb))
        except CameraError:
            pass
        else:
            return most
    raise Refused(
        "cannot_count",
        N_("The camera cannot count heads now."),
        N_("The tapped attendance is enough."),
        status=503,
        to="/attendance",
    )
