"""Meals served: which meal, to how many; the children present are the proposal."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.events import Meal, MealServed
from edge.kiosk.access import AtWork
from edge.kiosk.answers import Refused, done, page, wants_json
from edge.kiosk.attendance import register
from edge.kiosk.i18n import N_

MOST_MEALS = 300
"""More at one centre is a slip of the finger."""

router = APIRouter(prefix="/meals")


@router.get("")
def show(request: Request, seat: AtWork, saved: str = "") -> Response:
    day = seat.session.day()
    return page(
        request, "meals.html", meals=list(Meal), served=day.meals, saved=saved, most=MOST_MEALS,
        present=register(seat.session).present,
    )  # fmt: skip


@router.post("")
def serve(
    request: Request,
    seat: AtWork,
    meal: Annotated[Meal, Form()],
    count: Annotated[int, Form()],
    confirm: Annotated[bool, Form()] = False,
) -> Response:
    """Record a meal. A page that gives more than the children present is asked once whether that is so."""
    check_count(count, to="/meals")
    present = register(seat.session).present
    if count > present and not confirm and not wants_json(request):
        return page(request, "meals_more.html", meal=meal, count=count, present=present)
    accepted = seat.session.record(MealServed(seat.session.today(), meal, count))
    return done(request, {"meal": meal, "count": count}, to=f"/meals?saved={meal}", accepted=accepted)


def check_count(count: int, *, to: str) -> None:
    """Raise where so many meals cannot have been served; `to` is the form to fill in again.

    Raises:
        Refused: it is a slip of the finger.
    """
    if not 0 <= count <= MOST_MEALS:
        raise Refused(
            "bad_count",
            N_("This number of meals cannot be right."),
            N_("Give the number of children who ate."),
            status=422,
            to=to,
        )
