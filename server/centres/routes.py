"""The district page and the centre page, each with the part of it that brings itself up to date."""

import hashlib
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from server.accounts.access import AccessLog
from server.accounts.gate import AppServices, CurrentOfficer
from server.accounts.scope import Officer
from server.cards import routes as cards
from server.centres import messages, queries, unmatched, wording
from server.centres.day import VISITS_SHOWN, CentreDay, centre_day
from server.centres.today import CentreToday, district_today, totals
from server.grievances import grievance
from server.services import Services
from server.storage.engine import writing
from server.supervision.queries import open_visit
from server.verification.routes import may_call
from server.web.pages import render, render_text
from server.web.times import india_day

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
REFRESH_S = 2
MANY_CENTRES = 200
"""An area of more centres than this is a district's; counting it takes a quarter of a second, so its page asks for
news less often."""
REFRESH_MANY_S = 10

Search = Annotated[str, Query(max_length=100)]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]
Shown = Annotated[str | None, Header(alias="X-Shown")]


@router.get("/")
def district_page(
    request: Request, services: AppServices, officer: CurrentOfficer, q: Search = "", page: PageNumber = 1
) -> HTMLResponse:
    """All centres of the officer's area today."""
    live = _district_live(request, services, officer, q, page)
    with services.engine.connect() as connection:
        open_ones, overdue = grievance.count_open(connection, officer, services.now_ms())
    return render(
        request,
        "centres/district.html",
        live=live,
        q=q,
        role=wording.ROLES[officer.role],
        grievances_open=open_ones,
        grievances_overdue=overdue,
        calls=may_call(officer),
    )


@router.get("/live")
def district_live(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    q: Search = "",
    page: PageNumber = 1,
    shown: Shown = None,
) -> Response:
    """The district page's live part; 204 while it would be the one that the browser shows already."""
    return _if_changed(_district_live(request, services, officer, q, page), shown)


@router.get("/centres/{centre_id}")
def centre_page(
    request: Request, services: AppServices, officer: CurrentOfficer, centre_id: str
) -> HTMLResponse:
    """One centre's day."""
    day = _day_of(services, officer, centre_id)
    _access_log(request).viewed(officer, "centre_page", centre_id)
    with services.engine.connect() as connection:
        visit = open_visit(connection, officer, centre_id, day.day.isoformat())
        waiting = unmatched.of_centre(connection, officer.district_id, centre_id)
        people = unmatched.candidates(connection, officer.district_id, centre_id, day.day) if waiting else []
        offered = cards.offered(connection, officer, centre_id, day.day)
        grievances = grievance.open_ones(connection, officer, centre_id)
    live = _centre_live(request, services, officer, day)
    return render(
        request,
        "centres/centre.html",
        live=live,
        centre=day.centre,
        visit_open=visit is not None,
        longest=messages.LONGEST,
        wording=wording,
        waiting=waiting,
        candidates=people,
        cards_offered=offered,
        grievances=grievances,
        now_ms=services.now_ms(),
    )


@router.get("/centres/{centre_id}/live")
def centre_live(
    request: Request, services: AppServices, officer: CurrentOfficer, centre_id: str, shown: Shown = None
) -> Response:
    """The centre page's live part; 204 while it would be the one that the browser shows already."""
    day = _day_of(services, officer, centre_id)
    _access_log(request).still_viewing(officer, "centre_page", centre_id)
    return _if_changed(_centre_live(request, services, officer, day), shown)


@router.post("/centres/{centre_id}/messages")
def write_message(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    centre_id: str,
    text: Annotated[str, Form(max_length=4 * messages.LONGEST)] = "",
) -> Response:
    """Write to a centre of the officer's area."""
    _day_of(services, officer, centre_id)
    try:
        with writing(services.engine) as connection:
            messages.write(connection, officer, centre_id, text, services.now_ms())
    except messages.BadMessage as error:
        raise HTTPException(422, str(error)) from error
    _access_log(request).viewed(officer, "message_written", centre_id)
    return RedirectResponse(f"/centres/{centre_id}", 303)


@router.post("/centres/{centre_id}/unmatched/{place}")
def match_ration(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    centre_id: str,
    place: str,
    person_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Say who received a ration that was handed out without the list."""
    _day_of(services, officer, centre_id)
    try:
        with writing(services.engine) as connection:
            unmatched.match(
                connection,
                officer.district_id,
                centre_id,
                place,
                person_id,
                services.now_ms(),
                simulated=services.settings.demo,
            )
    except unmatched.NotThere as error:
        raise HTTPException(404) from error
    _access_log(request).viewed(officer, "ration_matched", person_id)
    return RedirectResponse(f"/centres/{centre_id}", 303)


def _access_log(request: Request) -> AccessLog:
    return request.app.state.access_log


def _today(services: Services) -> date:
    return india_day(services.clock())


def _day_of(services: Services, officer: Officer, centre_id: str) -> CentreDay:
    with services.engine.connect() as connection:
        found = centre_day(connection, officer, centre_id, _today(services), services.now_ms())
    if found is None:
        raise HTTPException(404)
    return found


def _district_live(request: Request, services: Services, officer: Officer, q: str, page: int) -> str:
    day, now_ms = _today(services), services.now_ms()
    with services.engine.connect() as connection:
        every = district_today(connection, officer, day, now_ms, request.app.state.enrolment)
    found = [centre for centre in every if _is_asked_for(centre, q)]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page, pages)
    return _versioned(
        request,
        "centres/district_live.html",
        centres=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        totals=totals(every),
        now_ms=now_ms,
        refresh_s=REFRESH_S if len(every) <= MANY_CENTRES else REFRESH_MANY_S,
        q=q,
        page=page,
        pages=pages,
    )


def _centre_live(request: Request, services: Services, officer: Officer, day: CentreDay) -> str:
    with services.engine.connect() as connection:
        visits = queries.visits_of(connection, officer.district_id, day.centre.centre_id, VISITS_SHOWN)
        written = messages.of_centre(connection, officer.district_id, day.centre.centre_id)
    return _versioned(
        request,
        "centres/centre_live.html",
        refresh_s=REFRESH_S,
        day=day,
        centre=day.centre,
        visits=visits,
        messages=written,
        now_ms=services.now_ms(),
    )


def _is_asked_for(centre: CentreToday, q: str) -> bool:
    wanted = q.strip().casefold()
    texts = (centre.centre_id, *centre.names.values(), *centre.sector_names.values())
    return not wanted or any(wanted in text.casefold() for text in texts)


_VERSION = "{version}"
"""Stands in a live part where its own hash goes."""


def _versioned(request: Request, template: str, **context: object) -> str:
    text = render_text(request, template, wording=wording, version=_VERSION, **context)
    return text.replace(_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16], 1)


def _if_changed(live: str, shown: str | None) -> Response:
    if shown is not None and f'"X-Shown": "{shown}"' in live:
        return Response(status_code=204)
    return HTMLResponse(live)
