"""A child's visit: which page it is at, what it says before it is saved, saving it, and what it means afterwards."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.child_visit import Findings, Taken
from anganwadi.cmam import Step
from anganwadi.growth import BadMeasurement
from anganwadi.growth_chart import ChartKind
from anganwadi.wire.login import RosterEntry
from edge.kiosk import growth_view, growth_words
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import Refused, done, language_of, page
from edge.kiosk.desk import Seat
from edge.kiosk.i18n import N_, say
from edge.kiosk.speaking import tongue
from edge.kiosk.visit import (
    NothingMeasured,
    events_of,
    findings_of,
    mother_of,
    saved_today,
    standing_care,
    still_ahead,
    taken_now,
)
from edge.kiosk.weigh import child_of

CHART_SIZE = {"width": 560, "height": 356}

router = APIRouter(prefix="/weigh")


@router.get("/{person_id}")
def visit(
    request: Request, seat: AtWork, person_id: str, chart: Annotated[ChartKind | None, Query()] = None
) -> Response:
    """Where this child's visit stands: what else to measure, what it says before it is saved, what it means then; the
    scale where nothing was measured yet."""
    entry = child_of(seat, person_id)
    weighing = seat.weighing(entry.person.person_id)
    if weighing.loads and weighing.grams is None:
        return RedirectResponse(f"/weigh/{person_id}/scale", status_code=303)
    if weighing.grams is not None and weighing.measures is None:
        return RedirectResponse(f"/weigh/{person_id}/measures", status_code=303)
    saved = saved_today(seat.session, entry)
    if weighing.grams is not None or weighing.measures is not None:
        taken = taken_now(seat.session, entry, weighing)
        if taken != saved or weighing.grams is not None:
            return _shown(request, seat, entry, taken, chart, saved=False)
    if saved != Taken():
        return _shown(request, seat, entry, saved, chart, saved=True)
    return RedirectResponse(f"/weigh/{person_id}/scale", status_code=303)


@router.post("/{person_id}/save")
def save(
    request: Request, seat: AtWork, person_id: str, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Save the visit whole; a value that cannot be this child's only when the worker says that it is."""
    entry = child_of(seat, person_id)
    with seat.lock:
        weighing = seat.weighing(entry.person.person_id)
        taken = taken_now(seat.session, entry, weighing)
        found = _findings(seat, entry, taken)
        if found.doubtful and not confirmed:
            raise Refused(
                "measure_again",
                N_("This may be a mistake, so it is not saved yet."),
                N_("Check that it is this child and measure again, or say that it is right."),
                to=f"/weigh/{person_id}",
            )
        try:
            bodies = events_of(seat.session, entry, weighing, confirmed=confirmed)
        except NothingMeasured:
            raise Refused(
                "no_weight",
                N_("There is no weight to save yet."),
                N_("Take two readings first."),
                to=f"/weigh/{person_id}/scale",
            ) from None
        simulated = any(load.simulated for load in weighing.loads)
        accepted = seat.session.record(*bodies, simulated=simulated)
        weighing.restart()
        weighing.measures = None
    return done(request, _as_data(taken, found), to=f"/weigh/{person_id}", accepted=accepted)


@router.post("/{person_id}/speak")
def speak(request: Request, desk: AtDesk, seat: AtWork, person_id: str) -> Response:
    """Say aloud, in the mother's language, what she is to know."""
    entry = child_of(seat, person_id)
    found = _findings(seat, entry, taken_now(seat.session, entry, seat.weighing(entry.person.person_id)))
    step = Step(standing_care(seat.session, entry, found).step)
    mother = mother_of(seat.session, entry)
    desk.speaker.prompt(mother, growth_view.counsel(entry, seat.session.today(), found, step))
    return done(request, {"spoken": desk.speaker.can_speak}, to=f"/weigh/{person_id}")


def _shown(
    request: Request, seat: Seat, entry: RosterEntry, taken: Taken, asked: ChartKind | None, *, saved: bool
) -> Response:
    found, today, language = _findings(seat, entry, taken), seat.session.today(), language_of(request)
    spoken = tongue(mother_of(seat.session, entry))
    care, decided = (
        standing_care(seat.session, entry, found),
        seat.session.day().care.get(entry.person.person_id),
    )
    kinds = growth_view.charts_for(found.scores)
    kind = asked if asked is not None and asked in kinds else kinds[0]
    past = [weight for weight in entry.weights if weight.day < today]
    last = max(past, key=lambda weight: weight.day, default=None)
    return page(
        request, "weigh_meaning.html" if saved else "weigh_result.html", entry=entry, taken=taken, found=found,
        verdicts=growth_view.verdicts(found.scores, taken), growth_words=growth_words, today=today, last=last,
        change=None if last is None or taken.weight is None else taken.weight - last.grams,
        kind=kind,
        chart=growth_view.chart_of(kind, entry, taken, found.scores, today, language, **CHART_SIZE),
        weighing=seat.weighing(entry.person.person_id),
        event=seat.session.day().weights.get(entry.person.person_id),
        counsel=say(spoken, growth_view.counsel(entry, today, found, Step(care.step))), tongue=spoken,
        care=still_ahead(care, today), signs_asked=decided is not None and decided.appetite is not None,
        can_speak=request.app.state.desk.speaker.can_speak,
    )  # fmt: skip


def _findings(seat: Seat, entry: RosterEntry, taken: Taken) -> Findings:
    try:
        return findings_of(seat.session, entry, taken)
    except BadMeasurement:
        raise Refused(
            "born_later",
            N_("The birth date of this child is in the future."),
            N_("Check the kiosk's date, and tell the supervisor which child it is."),
            to="/weigh",
        ) from None


def _as_data(taken: Taken, found: Findings) -> dict[str, object]:
    scores = found.scores
    return {
        "grams": taken.weight,
        "waz": scores.waz,
        "weight_class": scores.underweight,
        "flagged": bool(scores.flagged),
        "haz": scores.haz,
        "whz": scores.whz,
        "acute": scores.acute,
        "stunting": scores.stunting,
        "faltering": found.faltering,
        "step": found.pathway.step,
    }
