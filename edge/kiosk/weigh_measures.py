"""What is measured of a child besides the weight: length or height with the position, the arm, swollen feet."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.anthropometry import Position
from anganwadi.child_visit import Taken
from anganwadi.growth import MUAC_FROM_DAY, STANDING_FROM_DAY
from anganwadi.ids import Millimetres
from anganwadi.people import Person, months_on
from edge.kiosk.access import AtWork
from edge.kiosk.answers import Refused, done, page
from edge.kiosk.i18n import N_
from edge.kiosk.visit import taken_now
from edge.kiosk.weigh import child_of

LENGTHS = range(300, 1_401)
"""Millimetres of length or height that can be typed in for a child of 0-6 years."""
ARMS = range(60, 301)
"""Millimetres of arm circumference that can be typed in."""
MUAC_UNTIL_MONTHS = 60

router = APIRouter(prefix="/weigh")


def usual_position(person: Person, day: date) -> Position:
    """Lying below 24 months, standing from there."""
    return Position.LYING if (day - person.born).days < STANDING_FROM_DAY else Position.STANDING


def arm_counts(person: Person, day: date) -> bool:
    """Whether the arm says something at this age: from 6 months to below 5 years."""
    return (day - person.born).days >= MUAC_FROM_DAY and months_on(person.born, day) < MUAC_UNTIL_MONTHS


@router.get("/{person_id}/measures")
def measures_form(request: Request, seat: AtWork, person_id: str) -> Response:
    entry, today = child_of(seat, person_id), seat.session.today()
    weighing = seat.weighing(entry.person.person_id)
    past = [each for each in entry.measures if each.length is not None and each.day < today]
    return page(
        request, "weigh_measures.html", entry=entry, weighing=weighing, today=today,
        taken=taken_now(seat.session, entry, weighing), usual=usual_position(entry.person, today),
        with_arm=arm_counts(entry.person, today), last=max(past, key=lambda each: each.day, default=None),
    )  # fmt: skip


@router.post("/{person_id}/measures")
def take_measures(
    request: Request,
    seat: AtWork,
    person_id: str,
    cm: Annotated[str, Form()] = "",
    position: Annotated[Position | None, Form()] = None,
    muac: Annotated[str, Form()] = "",
    oedema: Annotated[str, Form()] = "",
) -> Response:
    """Take what was typed in; an empty field is what was not measured."""
    entry = child_of(seat, person_id)
    length, arm = _length(cm, person_id), _arm(muac, person_id)
    taken = Taken(
        length=length,
        position=None if length is None else position or usual_position(entry.person, seat.session.today()),
        muac=arm,
        oedema={"yes": True, "no": False}.get(oedema),
    )
    with seat.lock:
        seat.weighing(entry.person.person_id).measures = taken
    data = {"length": taken.length, "position": taken.position, "muac": taken.muac, "oedema": taken.oedema}
    return done(request, data, to=f"/weigh/{person_id}")


def _length(cm: str, person_id: str) -> Millimetres | None:
    return _typed(
        cm, 10, LENGTHS, person_id, "bad_length", N_("This length cannot be right for a child."),
        N_("Give the length in cm, such as 76.4."),
    )  # fmt: skip


def _arm(mm: str, person_id: str) -> Millimetres | None:
    return _typed(
        mm, 1, ARMS, person_id, "bad_muac", N_("This arm measure cannot be right for a child."),
        N_("Give it in millimetres, such as 125."),
    )  # fmt: skip


def _typed(
    text: str, unit: int, possible: range, person_id: str, code: str, what: str, remedy: str
) -> Millimetres | None:
    """A number that was typed in, in millimetres; None where nothing was.

    Raises:
        Refused: no number, or none a child can have.
    """
    if not text.strip():
        return None
    try:
        found = Millimetres(round(float(text.replace(",", ".")) * unit))
    except (ValueError, OverflowError):
        found = Millimetres(0)
    if found not in possible:
        raise Refused(code, what, remedy, status=422, to=f"/weigh/{person_id}/measures")
    return found
