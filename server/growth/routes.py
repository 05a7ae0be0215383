"""The growth of an area's or a centre's children, as pages, and the cards of it on the district and the centre page."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from server.accounts.gate import AppServices, CurrentOfficer
from server.accounts.scope import Officer
from server.growth import reports, wording
from server.growth.centre import centre_growth
from server.growth.quality import DIGITS
from server.growth.report import SEEN, Growth
from server.growth.shares import FEWEST_FOR_PERCENT
from server.growth.urgency import FOUND_WITHIN
from server.services import Services
from server.verification.months import BadMonth, days_of, last_months, month_of
from server.verification.small_cells import FEWEST
from server.web.pages import render
from server.web.times import india_day

router = APIRouter(include_in_schema=False)

Month = Annotated[str | None, Query(max_length=7)]


@router.get("/growth")
def growth_page(
    request: Request, services: AppServices, officer: CurrentOfficer, month: Month = None
) -> HTMLResponse:
    """How the children of the officer's area grow, in a month; nobody is named."""
    today = india_day(services.clock())
    chosen = _month(month, today)
    return _page(request, "growth/area.html", _report(request, services, officer, chosen, today), today)


@router.get("/growth/summary")
def growth_summary(request: Request, services: AppServices, officer: CurrentOfficer) -> HTMLResponse:
    """The card of the district page: this month so far."""
    today = india_day(services.clock())
    found = _report(request, services, officer, month_of(today), today)
    return _page(request, "growth/summary.html", found, today, link="/growth")


@router.get("/centres/{centre_id}/growth")
def centre_growth_page(
    request: Request, services: AppServices, officer: CurrentOfficer, centre_id: str, month: Month = None
) -> HTMLResponse:
    """How the children of one centre grow, in a month; those to see first by name."""
    today = india_day(services.clock())
    chosen = _month(month, today)
    with services.engine.connect() as connection:
        here = centre_growth(connection, officer, centre_id, chosen, today)
    if here is None:
        raise HTTPException(404)
    request.app.state.access_log.viewed(officer, "growth_page", centre_id)
    found = reports.of_centre(services.engine, officer, centre_id, chosen, today)
    return _page(request, "growth/centre.html", found, today, here=here, centre_id=centre_id)


@router.get("/centres/{centre_id}/growth/summary")
def centre_growth_summary(
    request: Request, services: AppServices, officer: CurrentOfficer, centre_id: str
) -> HTMLResponse:
    """The card of the centre page, which it is noted as: this month so far, nobody named, nothing hidden."""
    today = india_day(services.clock())
    found = reports.of_centre(services.engine, officer, centre_id, month_of(today), today)
    if not found.centres:
        raise HTTPException(404)
    request.app.state.access_log.still_viewing(officer, "centre_page", centre_id)
    return _page(request, "growth/summary.html", found, today, link=f"/centres/{centre_id}/growth")


def _page(request: Request, template: str, found: Growth, today: date, **more: Any) -> HTMLResponse:
    return render(
        request,
        template,
        report=found,
        months=last_months(today),
        wording=wording,
        seen=SEEN,
        digits=DIGITS,
        fewest=FEWEST,
        fewest_for_percent=FEWEST_FOR_PERCENT,
        found_within=FOUND_WITHIN.days,
        **more,
    )


def _month(asked: str | None, today: date) -> str:
    month = asked or month_of(today)
    try:
        days_of(month)
    except BadMonth as error:
        raise HTTPException(404) from error
    if month > month_of(today):
        raise HTTPException(404)
    return month


def _report(request: Request, services: Services, officer: Officer, month: str, today: date) -> Growth:
    return request.app.state.growth_reports.of_month(
        services.engine, officer, month, today, services.now_ms()
    )
