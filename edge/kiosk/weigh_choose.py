"""Which child is weighed next: those whose visit is due first, then those not weighed today."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from anganwadi.anthropometry import Weighed
from anganwadi.ids import PersonId
from anganwadi.people import is_weighed
from anganwadi.wire.login import RosterEntry
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import page
from edge.kiosk.visit import due_since
from edge.kiosk.weigh_check import checked_today

router = APIRouter(prefix="/weigh")


@router.get("")
def choose(request: Request, desk: AtDesk, seat: AtWork) -> Response:
    """The children of 0-6 years, and whether the scale was checked today."""
    today, weights = seat.session.today(), seat.session.day().weights
    children = [entry for entry in list(seat.session.people.values()) if is_weighed(entry.person, today)]
    due = {entry.person.person_id: due_since(entry, today) for entry in children}
    children.sort(key=lambda entry: _place_in_line(entry, weights, due))
    return page(
        request, "weigh_choose.html", children=children, weights=weights, due=due, today=today,
        checked=checked_today(desk, seat),
    )  # fmt: skip


def _place_in_line(
    entry: RosterEntry, weights: dict[PersonId, Weighed], due: dict[PersonId, date | None]
) -> tuple[bool, bool, str]:
    person = entry.person
    return due[person.person_id] is None, person.person_id in weights, person.name_latin
