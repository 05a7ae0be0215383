"""The scale's daily check: a known mass is weighed, and the log of `scale_checks` keeps what the scale said."""

from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from anganwadi.ids import Grams
from edge.devices import scale_checks
from edge.devices.scale_checks import ScaleCheck
from edge.kiosk.access import AtDesk, AtWork
from edge.kiosk.answers import Refused, done, page
from edge.kiosk.desk import Desk
from edge.kiosk.i18n import N_
from edge.kiosk.session import IST, StoreError
from edge.kiosk.weigh import READING_LIMIT_S, is_simulated

LIGHTEST, HEAVIEST = Grams(1_000), Grams(50_000)
"""What can serve as a check mass: a sealed bag of rice, a water can, a cast weight."""
USUAL = Grams(5_000)
SHOWN = 4

router = APIRouter(prefix="/weigh/check")
log = structlog.get_logger(__name__)


@router.get("")
def check_page(request: Request, desk: AtDesk, seat: AtWork) -> Response:
    checks = _checks(desk)
    return page(
        request, "weigh_check.html", checks=checks[-SHOWN:][::-1], simulated=is_simulated(desk.scale),
        mass=checks[-1].mass if checks else USUAL, last=_of_today(seat, checks), ist=IST,
        limit=scale_checks.limit,
    )  # fmt: skip


@router.post("")
def check(request: Request, desk: AtDesk, seat: AtWork, kg: Annotated[str, Form()]) -> Response:
    """Weigh the mass of so many kilograms, and log it, right or wrong."""
    mass = _mass(kg)
    found = ScaleCheck.of(desk.scale.weigh(READING_LIMIT_S), mass, seat.session.now())
    try:
        scale_checks.append(_path(desk), found)
    except OSError as error:
        raise StoreError("the check of the scale could not be written") from error
    return done(request, {"grams": found.grams, "passed": found.passed}, to="/weigh/check")


def checked_today(desk: Desk, seat: AtWork) -> ScaleCheck | None:
    """The latest check of today, if there was one."""
    return _of_today(seat, _checks(desk))


def _of_today(seat: AtWork, checks: list[ScaleCheck]) -> ScaleCheck | None:
    today = seat.session.today()
    return next((each for each in reversed(checks) if each.at.astimezone(IST).date() == today), None)


def _checks(desk: Desk) -> list[ScaleCheck]:
    """All checks; none where the log cannot be read, which must not keep a child from being weighed."""
    try:
        return scale_checks.read(_path(desk))
    except OSError:
        log.exception("scale_checks_unreadable")
        return []


def _path(desk: Desk) -> Path:
    return scale_checks.log_path(desk.kiosk.settings.state_dir)


def _mass(kg: str) -> Grams:
    try:
        mass = Grams(round(float(kg.replace(",", ".")) * 1000))
    except (ValueError, OverflowError):
        mass = Grams(0)
    if not LIGHTEST <= mass <= HEAVIEST:
        raise Refused(
            "bad_mass",
            N_("A check mass has between 1 and 50 kg."),
            N_("Type in what is written on it, such as 5.00."),
            status=422,
            to="/weigh/check",
        )
    return mass
