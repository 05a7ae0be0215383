"""The fairness report and the list of families to call, as pages."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from server.accounts.gate import AppServices, CurrentOfficer
from server.accounts.scope import Officer, Role, in_scope
from server.centres import wording as centre_wording
from server.services import Services
from server.verification import follow_up, wording
from server.verification.months import BadMonth, days_of, last_months, month_of
from server.verification.report import Report
from server.verification.small_cells import FEWEST
from server.web.pages import render
from server.web.times import india_day

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
OFFICE = frozenset({Role.CDPO, Role.DPO})
"""Who calls families: the office, not the supervisor who works with the same workers every day."""

Month = Annotated[str | None, Query(max_length=7)]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


def may_call(officer: Officer) -> bool:
    return officer.role in OFFICE


@router.get("/verification")
def verification_page(
    request: Request, services: AppServices, officer: CurrentOfficer, month: Month = None
) -> HTMLResponse:
    """How people were verified in a month, in the officer's area."""
    today = india_day(services.clock())
    chosen = _month(month, today)
    return render(
        request,
        "verification/report.html",
        report=_report(request, services, officer, chosen),
        month=chosen,
        months=last_months(today),
        fewest=FEWEST,
        wording=wording,
        calls=may_call(officer),
    )


@router.get("/verification/summary")
def verification_summary(request: Request, services: AppServices, officer: CurrentOfficer) -> HTMLResponse:
    """The card of the district page: this month so far."""
    month = month_of(india_day(services.clock()))
    return render(
        request,
        "verification/summary.html",
        report=_report(request, services, officer, month),
        wording=wording,
    )


@router.get("/follow-up")
def follow_up_page(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    month: Month = None,
    page: PageNumber = 1,
) -> HTMLResponse:
    """Families to be called about a ration on weaker evidence. For the district office alone."""
    if not may_call(officer):
        raise HTTPException(403)
    today = india_day(services.clock())
    chosen = _month(month, today)
    share = services.settings.follow_up
    with services.engine.connect() as connection:
        found = follow_up.calls(connection, in_scope(officer), *days_of(chosen), share)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page, pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    for centre_id in sorted({call.centre_id for call in shown}):
        request.app.state.access_log.still_viewing(officer, "follow_up_page", centre_id)
    return render(
        request,
        "verification/follow_up.html",
        calls=shown,
        found=len(found),
        share=share,
        many=follow_up.MANY_VOUCHED,
        month=chosen,
        months=last_months(today),
        page=page,
        pages=pages,
        wording=wording,
        centre_wording=centre_wording,
    )


def _month(asked: str | None, today: date) -> str:
    month = asked or month_of(today)
    try:
        days_of(month)
    except BadMonth as error:
        raise HTTPException(404) from error
    return month


def _report(request: Request, services: Services, officer: Officer, month: str) -> Report:
    return request.app.state.reports.of_month(services.engine, officer, month, services.now_ms())
