"""After a child's visit is saved: danger signs of a child with SAM, the slip for doctor or NRC, the charts on paper."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.child_visit import Findings, Taken, judge
from anganwadi.cmam import Appetite, Step, danger_signs
from anganwadi.growth_chart import ChartKind
from anganwadi.wire.login import RosterEntry
from edge.kiosk import growth_view, growth_words
from edge.kiosk.access import AtWork
from edge.kiosk.answers import Refused, done, language_of, page
from edge.kiosk.desk import Seat
from edge.kiosk.i18n import N_
from edge.kiosk.visit import (
    care_of,
    earlier_of,
    findings_of,
    mother_of,
    saved_today,
    standing_care,
    still_ahead,
)
from edge.kiosk.weigh import child_of

PAPER_CHART = {"width": 680, "height": 440}
REFERRED = {Step.NRC, Step.MEDICAL_OFFICER}

router = APIRouter(prefix="/weigh")


@router.get("/{person_id}/signs")
def signs_form(request: Request, seat: AtWork, person_id: str) -> Response:
    """Which danger signs a child with SAM has, and whether it eats when it is offered food."""
    entry, _, _ = _saved(seat, person_id)
    care = seat.session.day().care.get(entry.person.person_id)
    return page(
        request, "weigh_signs.html", entry=entry, today=seat.session.today(), care=care, growth_words=growth_words,
        signs=danger_signs(), appetites=Appetite,
    )  # fmt: skip


@router.post("/{person_id}/signs")
def take_signs(
    request: Request,
    seat: AtWork,
    person_id: str,
    appetite: Annotated[Appetite, Form()],
    sign: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Decide the care anew with the signs that were seen."""
    with seat.lock:
        entry, taken, _ = _saved(seat, person_id)
        seen = [code for code in danger_signs() if code in (sign or ())]
        person, today = entry.person, seat.session.today()
        found = judge(
            person.sex, person.born, today, taken, earlier_of(entry, today), signs=seen, appetite=appetite
        )
        care = care_of(seat.session, entry, taken, found, seen, appetite)
        accepted = [] if care is None else seat.session.record(care)
    return done(request, {"step": found.pathway.step}, to=f"/weigh/{person_id}", accepted=accepted)


@router.get("/{person_id}/slip")
def slip(request: Request, seat: AtWork, person_id: str) -> Response:
    """The referral slip that the mother takes to the medical officer or to the NRC."""
    entry, taken, found = _saved(seat, person_id)
    today = seat.session.today()
    care = still_ahead(standing_care(seat.session, entry, found), today)
    if care.step not in REFERRED:
        raise Refused(
            "not_referred",
            N_("This child is not sent to a doctor."),
            N_("Go back to see what comes next."),
            to=f"/weigh/{person_id}",
        )
    return page(
        request, "weigh_slip.html", entry=entry, taken=taken, found=found, care=care, today=today,
        verdicts=growth_view.verdicts(found.scores, taken), mother=mother_of(seat.session, entry),
        decided=seat.session.day().care.get(entry.person.person_id), growth_words=growth_words,
        centre_names=seat.session.centre_names, centre_id=seat.session.centre_id, worker=seat.session.worker,
    )  # fmt: skip


@router.get("/{person_id}/print")
def on_paper(request: Request, seat: AtWork, person_id: str) -> Response:
    """The child's charts and measurements, to print for the mother or the doctor."""
    entry, taken, found = _saved(seat, person_id)
    language, today = language_of(request), seat.session.today()
    drawn = [
        growth_view.chart_of(kind, entry, taken, found.scores, today, language, **PAPER_CHART)
        for kind in _with_points(found, entry)
    ]
    return page(
        request, "weigh_print.html", entry=entry, taken=taken, today=today, charts=[chart for chart in drawn if chart],
        verdicts=growth_view.verdicts(found.scores, taken), growth_words=growth_words,
        centre_names=seat.session.centre_names, weights=sorted(entry.weights, key=lambda past: past.day)[-12:],
        measures={past.day: past for past in entry.measures},
    )  # fmt: skip


def _with_points(found: Findings, entry: RosterEntry) -> list[ChartKind]:
    """The charts that have a point of this child, today's or an earlier one."""
    measured = any(past.length is not None for past in entry.measures)
    return list(growth_view.CHARTS) if measured else growth_view.charts_for(found.scores)


def _saved(seat: Seat, person_id: str) -> tuple[RosterEntry, Taken, Findings]:
    """The child, what was saved of it today, and what that says.

    Raises:
        Refused: nothing was saved today.
    """
    entry = child_of(seat, person_id)
    taken = saved_today(seat.session, entry)
    if taken == Taken():
        raise Refused(
            "not_measured_today",
            N_("This child was not measured today."),
            N_("Weigh the child first and save."),
            to=f"/weigh/{person_id}",
        )
    return entry, taken, findings_of(seat.session, entry, taken)
