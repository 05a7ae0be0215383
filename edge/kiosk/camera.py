"""The live picture: frames from RAM to the screen, never to the disk or a cache."""

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from edge.kiosk.access import AtDesk, Seated, Watching
from edge.kiosk.answers import done
from edge.kiosk.viewfinder import BOUNDARY, jpeg_stream

router = APIRouter(prefix="/camera")


@router.get("/stream")
def stream(desk: AtDesk, seat: Watching) -> Response:
    """Motion JPEG for an `<img>`, as long as the log-in lasts."""
    pictures = jpeg_stream(desk.viewfinder, lambda: desk.seat(seat.token) is not None)
    return StreamingResponse(pictures, media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}")


@router.post("/restart")
def restart(request: Request, desk: AtDesk, _: Seated, back: str = "/home") -> Response:
    """Start the camera again after its cable was put right."""
    desk.viewfinder.try_again()
    works = desk.viewfinder.works()
    return done(
        request, {"works": works}, to=back if back.startswith("/") and not back.startswith("//") else "/home"
    )
