"""Weighing a child: two readings from the scale, z-score and chart, save; by hand where there is no scale."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from anganwadi.events import Weighed, WeightSource
from anganwadi.ids import Grams
from anganwadi.people import is_weighed
from anganwadi.wire.login import RosterEntry
from edge.devices.scale import Reason, Scale, ScaleDisconnected, ScaleState
from edge.kiosk import words
from edge.kiosk.access import AtDesk, AtWork, Watching, entry_of
from edge.kiosk.answers import Refused, done, language_of, page
from edge.kiosk.desk import Seat
from edge.kiosk.growth_view import Growth, chart_of, growth_of
from edge.kiosk.i18n import N_, say
from edge.kiosk.weighing import AlreadyWeighed, NotLifted

READING_LIMIT_S = 5.0
LIGHTEST, HEAVIEST = Grams(500), Grams(40_000)
"""What can be typed in by hand for a child of 0-6 years."""

CHART_SIZE = {"width": 560, "height": 400}

router = APIRouter(prefix="/weigh")


@router.get("")
def choose(request: Request, seat: AtWork) -> Response:
    """The children of 0-6 years, those not weighed today first."""
    today, weights = seat.session.today(), seat.session.day().weights
    children = [entry for entry in list(seat.session.people.values()) if is_weighed(entry.person, today)]
    children.sort(key=lambda entry: (entry.person.person_id in weights, entry.person.name_latin))
    return page(request, "weigh_choose.html", children=children, weights=weights, today=today)


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
            "simulated": _simulated(desk.scale),
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
    return done(request, {"done": action}, to=f"/weigh/{back}" if back else "/weigh")


@router.get("/{person_id}")
def weigh(request: Request, desk: AtDesk, seat: AtWork, person_id: str, again: bool = False) -> Response:
    """Measuring, then the result to save, then the saved result: whichever holds for this child."""
    entry = _child(seat, person_id)
    weighing = seat.weighing(entry.person.person_id)
    saved = seat.session.day().weights.get(entry.person.person_id)
    if weighing.grams is not None:
        return _result(request, seat, entry, weighing.grams, saved=False)
    if saved is not None and not again and not weighing.readings:
        return _result(request, seat, entry, saved.grams, saved=True)
    return page(
        request, "weigh_measure.html", entry=entry, weighing=weighing, today=seat.session.today(),
        last=max(entry.weights, key=lambda weight: weight.day, default=None), simulated=_simulated(desk.scale),
    )  # fmt: skip


@router.post("/{person_id}/reading")
def take_reading(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """Wait up to five seconds for a still load and take it as one reading."""
    entry = _child(seat, person_id)
    weighing = seat.weighing(entry.person.person_id)
    if desk.scale.live().state is ScaleState.EMPTY:
        _saw_empty(seat)
    try:
        weighing.check_ready()
        reading = desk.scale.weigh(READING_LIMIT_S)
        with seat.lock:
            weighing.take(reading)
    except NotLifted:
        raise Refused(
            "lift_first",
            N_("The child was not taken off the scale since the last reading."),
            N_("Take the child off, wait until the scale shows empty, then put the child back."),
            to=f"/weigh/{person_id}?again=1",
        ) from None
    except AlreadyWeighed:
        pass
    data = {
        "readings": [reading.grams for reading in weighing.readings],
        "weight": weighing.grams,
        "next": weighing.next,
    }
    return done(request, data, to=f"/weigh/{person_id}?again=1")


@router.post("/{person_id}/restart")
def restart(request: Request, seat: AtWork, person_id: str) -> Response:
    """Drop the readings so far."""
    seat.weighing(_child(seat, person_id).person.person_id).restart()
    return done(request, {"readings": []}, to=f"/weigh/{person_id}?again=1")


@router.post("/{person_id}/save")
def save(request: Request, seat: AtWork, person_id: str) -> Response:
    entry = _child(seat, person_id)
    with seat.lock:
        weighing = seat.weighing(entry.person.person_id)
        grams = weighing.grams
        if grams is None:
            raise Refused(
                "no_weight",
                N_("There is no weight to save yet."),
                N_("Take two readings first."),
                to=f"/weigh/{person_id}",
            )
        last = weighing.readings[-1]
        growth = growth_of(seat.session, entry, grams)
        accepted = seat.session.record(
            Weighed(
                day=seat.session.today(),
                person_id=entry.person.person_id,
                grams=grams,
                source=WeightSource.SCALE,
                readings=tuple(reading.grams for reading in weighing.readings),
                device=last.device_id,
                firmware=last.firmware,
                calibrated=last.calibration_date,
                waz=growth.waz,
                weight_class=growth.grade,
            )
        )
        weighing.restart()
    return done(request, _as_data(growth), to=f"/weigh/{person_id}", accepted=accepted)


@router.get("/{person_id}/manual")
def manual_form(request: Request, seat: AtWork, person_id: str) -> Response:
    return page(
        request, "weigh_manual.html", entry=_child(seat, person_id), reasons=words.MANUAL_WEIGHT,
        today=seat.session.today(),
    )  # fmt: skip


@router.post("/{person_id}/manual")
def save_manual(
    request: Request,
    seat: AtWork,
    person_id: str,
    kg: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A weight typed in, which is marked as such and needs a reason."""
    entry = _child(seat, person_id)
    grams = _grams(kg, person_id)
    if reason not in words.MANUAL_WEIGHT:
        raise Refused(
            "no_reason",
            N_("A weight typed in by hand needs a reason."),
            N_("Choose why it does not come from the scale."),
            status=422,
            to=f"/weigh/{person_id}/manual",
        )
    growth = growth_of(seat.session, entry, grams)
    accepted = seat.session.record(
        Weighed(
            day=seat.session.today(),
            person_id=entry.person.person_id,
            grams=grams,
            source=WeightSource.MANUAL,
            reason=reason,
            waz=growth.waz,
            weight_class=growth.grade,
        )
    )
    seat.weighing(entry.person.person_id).restart()
    return done(request, _as_data(growth), to=f"/weigh/{person_id}", accepted=accepted)


def _result(request: Request, seat: Seat, entry: RosterEntry, grams: Grams, *, saved: bool) -> Response:
    growth = growth_of(seat.session, entry, grams)
    chart = chart_of(seat.session, entry, growth, language_of(request), **CHART_SIZE)
    readings = seat.weighing(entry.person.person_id).readings
    return page(
        request, "weigh_result.html", entry=entry, growth=growth, chart=chart, saved=saved, readings=readings,
        event=seat.session.day().weights.get(entry.person.person_id) if saved else None,
        today=seat.session.today(),
    )  # fmt: skip


def _as_data(growth: Growth) -> dict[str, object]:
    return {
        "grams": growth.grams,
        "waz": growth.waz,
        "weight_class": growth.grade,
        "flagged": growth.flagged,
    }


def _child(seat: Seat, person_id: str) -> RosterEntry:
    entry = entry_of(seat, person_id)
    if not is_weighed(entry.person, seat.session.today()):
        raise Refused(
            "not_weighed",
            N_("Children of 0 to 6 years are weighed here."),
            N_("Go back to the list and choose again."),
            to="/weigh",
        )
    return entry


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


def _simulated(scale: Scale) -> bool:
    try:
        return scale.identity().simulated
    except ScaleDisconnected:
        return False
