"""Weighing a child: readings from the scale, alone or in an adult's arms; by hand where there is no scale.

Which child is for `weigh_choose`, what else is measured for `weigh_measures`, what it all says and saving it for
`weigh_result`, what follows for `weigh_care`.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.anthropometry import Way
from anganwadi.ids import Grams
from anganwadi.people import is_weighed
from anganwadi.weighing import NoChildInArms
from anganwadi.wire.login import RosterEntry
from edge.devices.scale import Reason, Scale, ScaleDisconnected, ScaleState
from edge.kiosk import words
from edge.kiosk.access import AtDesk, AtWork, Watching, entry_of
from edge.kiosk.answers import Refused, done, language_of, page
from edge.kiosk.desk import Seat
from edge.kiosk.i18n import N_, say
from edge.kiosk.weighing import AlreadyWeighed, NotLifted, OtherScale, Weighing

READING_LIMIT_S = 5.0
LIGHTEST, HEAVIEST = Grams(500), Grams(40_000)
"""What can be typed in by hand for a child of 0-6 years."""

router = APIRouter(prefix="/weigh")


@router.get("/live")
def live(request: Request, desk: AtDesk, seat: Watching) -> Response:
    """What the scale says at this moment. Seeing it empty is what makes a next reading a new one."""
    reading = desk.scale.live()
    if reading.state is ScaleState.EMPTY:
        _saw_empty(seat)
    # Beyond the sensor's range is a broken wire far more often than a heavy load.
    state = ScaleState.ERROR if reading.reason is Reason.SATURATED else reading.state
    shown = reading.grams if reading.state in {ScaleState.SETTLING, ScaleState.STABLE} else None
    return JSONResponse(
        {
            "state": state,
            "grams": shown,
            "kg": "" if shown is None else f"{shown / 1000:.2f}",
            "help": say(language_of(request), reading.help) if reading.help else "",
            "simulated": is_simulated(desk.scale),
        }
    )


@router.post("/scale/{action}")
def mend(
    request: Request, desk: AtDesk, _: AtWork, action: str, back: Annotated[str, Form()] = ""
) -> Response:
    """Zero the scale, or start it again after a fault."""
    if action == "zero":
        desk.scale.zero()
    elif action == "restart":
        desk.scale.restart()
    else:
        raise Refused("not_found", N_("There is no such page."), N_("Go back to the start page."), status=404)
    return done(request, {"done": action}, to=f"/weigh/{back}/scale" if back else "/weigh")


@router.get("/{person_id}/scale")
def measuring(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """The scale's page: what it says now, the readings so far, the next step."""
    entry = child_of(seat, person_id)
    return page(
        request, "weigh_measure.html", entry=entry, weighing=seat.weighing(entry.person.person_id),
        today=seat.session.today(), simulated=is_simulated(desk.scale),
        last=max(entry.weights, key=lambda weight: weight.day, default=None),
    )  # fmt: skip


@router.post("/{person_id}/way")
def choose_way(request: Request, seat: AtWork, person_id: str, way: Annotated[Way, Form()]) -> Response:
    """Weigh this child alone, or in an adult's arms; readings taken the other way are dropped."""
    weighing = seat.weighing(child_of(seat, person_id).person.person_id)
    with seat.lock:
        if weighing.way is not way:
            weighing.restart(way)
    return done(request, {"way": way, "next": weighing.next}, to=f"/weigh/{person_id}/scale")


@router.post("/{person_id}/reading")
def take_reading(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """Wait up to five seconds for a still load and take it as one reading."""
    weighing = seat.weighing(child_of(seat, person_id).person.person_id)
    if desk.scale.live().state is ScaleState.EMPTY:
        _saw_empty(seat)
    try:
        weighing.check_ready()
        load = desk.scale.weigh(READING_LIMIT_S, held_child=weighing.way is Way.IN_ARMS)
        with seat.lock:
            weighing.take(load)
    except NotLifted:
        raise Refused(
            "lift_first",
            N_("The child was not taken off the scale since the last reading."),
            N_("Take the child off, wait until the scale shows empty, then put the child back."),
            to=f"/weigh/{person_id}/scale",
        ) from None
    except OtherScale:
        raise Refused(
            "other_scale",
            N_("This is another scale than the one of the reading before."),
            N_("Begin again: take every reading of this child on one scale."),
            to=f"/weigh/{person_id}/scale",
        ) from None
    except NoChildInArms:
        raise Refused(
            "no_child_in_arms",
            N_("The scale reads hardly more than without the child."),
            N_("Give her the child, let her stand still, then take the reading again."),
            to=f"/weigh/{person_id}/scale",
        ) from None
    except AlreadyWeighed:
        pass
    return done(
        request,
        _as_data(weighing),
        to=f"/weigh/{person_id}" if weighing.grams else f"/weigh/{person_id}/scale",
    )


@router.post("/{person_id}/restart")
def restart(request: Request, seat: AtWork, person_id: str) -> Response:
    """Drop the readings so far; what was measured besides stays."""
    with seat.lock:
        seat.weighing(child_of(seat, person_id).person.person_id).restart()
    return done(request, {"readings": []}, to=f"/weigh/{person_id}/scale")


@router.get("/{person_id}/manual")
def manual_form(request: Request, seat: AtWork, person_id: str) -> Response:
    return page(
        request, "weigh_manual.html", entry=child_of(seat, person_id), reasons=words.MANUAL_WEIGHT,
        today=seat.session.today(),
    )  # fmt: skip


@router.post("/{person_id}/manual")
def type_in(
    request: Request,
    seat: AtWork,
    person_id: str,
    kg: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A weight typed in, which is marked as such and needs a reason; it is saved like one from the scale."""
    weighing = seat.weighing(child_of(seat, person_id).person.person_id)
    grams = _grams(kg, person_id)
    if reason not in words.MANUAL_WEIGHT:
        raise Refused(
            "no_reason",
            N_("A weight typed in by hand needs a reason."),
            N_("Choose why it does not come from the scale."),
            status=422,
            to=f"/weigh/{person_id}/manual",
        )
    with seat.lock:
        weighing.type_in(grams, reason)
    return done(request, _as_data(weighing), to=f"/weigh/{person_id}")


def child_of(seat: Seat, person_id: str) -> RosterEntry:
    """The child of that id.

    Raises:
        Refused: nobody of this centre, or no child of 0-6 years.
    """
    entry = entry_of(seat, person_id)
    if not is_weighed(entry.person, seat.session.today()):
        raise Refused(
            "not_weighed",
            N_("Children of 0 to 6 years are weighed here."),
            N_("Go back to the list and choose again."),
            to="/weigh",
        )
    return entry


def _as_data(weighing: Weighing) -> dict[str, object]:
    return {"readings": weighing.readings, "weight": weighing.grams, "next": weighing.next}


def _saw_empty(seat: Seat) -> None:
    with seat.lock:
        for weighing in seat.weighings.values():
            weighing.saw_empty()


def _grams(kg: str, person_id: str) -> Grams:
    try:
        grams = Grams(round(float(kg.replace(",", ".")) * 1000))
    except (ValueError, OverflowError):
        grams = Grams(0)
    if not LIGHTEST <= grams <= HEAVIEST:
        raise Refused(
            "bad_weight",
            N_("This weight cannot be right for a child."),
            N_("Give the weight in kg, such as 9.12."),
            status=422,
            to=f"/weigh/{person_id}/manual",
        )
    return grams


def is_simulated(scale: Scale) -> bool:
    """Whether this is no real scale; a scale that is not there is none either."""
    try:
        return scale.identity().simulated
    except ScaleDisconnected:
        return False
