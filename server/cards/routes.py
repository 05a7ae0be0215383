"""Printing ration cards from a centre's page."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from anganwadi.ids import CentreId, DistrictId, PersonId, WorkerId
from anganwadi.people import Person
from server.accounts.access import AccessLog
from server.accounts.gate import AppServices, CurrentOfficer
from server.accounts.scope import Officer, Role
from server.cards import issuing, sheet
from server.centres.today import centre_on
from server.services import Services
from server.storage import vault
from server.web.times import india_day

router = APIRouter(include_in_schema=False)

MAY_PRINT = frozenset({Role.CDPO, Role.DPO})
"""The offices: a sheet holds names and PINs, and cards are handed out against a signature there."""


def offered(
    connection: Connection, officer: Officer, centre_id: str, day: date
) -> tuple[Sequence[Person], int] | None:
    """Who comes for rations at a centre, and how many of them have no card; None where the officer prints none."""
    if officer.role not in MAY_PRINT:
        return None
    district, centre = DistrictId(officer.district_id), CentreId(centre_id)
    people = issuing.holders((kept.person for kept in vault.of_centre(connection, district, centre)), day)
    return people, len(issuing.without_card(connection, district, centre, day))


@router.post("/centres/{centre_id}/cards")
def print_cards(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    centre_id: str,
    person_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """The sheet of new cards: for everybody who has none, or for one person, whose old card ends."""
    if officer.role not in MAY_PRINT:
        raise HTTPException(403, "Cards are printed by the project's or the district's office.")
    if not _sees(services, officer, centre_id):
        raise HTTPException(404)
    district, now = DistrictId(officer.district_id), services.clock()
    only = {PersonId(person_id)} if person_id else set[PersonId]()
    try:
        names, new = issuing.draw(
            services.engine,
            district,
            CentreId(centre_id),
            india_day(now),
            only=only,
            anew=bool(only),
        )
        if not new:
            return RedirectResponse(f"/centres/{centre_id}", 303)
        content = sheet.render(new, names)
        issuing.issue(
            services.engine,
            district,
            new,
            by=WorkerId(officer.officer_id),
            now=now,
            simulated=services.settings.demo,
        )
    except (issuing.NotOfCentre, vault.UnknownPerson) as error:
        raise HTTPException(404) from error
    except issuing.Overtaken as error:  # pressed twice: the other answer is the sheet
        raise HTTPException(409) from error
    access_log: AccessLog = request.app.state.access_log
    access_log.viewed(officer, "cards_printed", person_id or centre_id)
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="cards-{centre_id}.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _sees(services: Services, officer: Officer, centre_id: str) -> bool:
    with services.engine.connect() as connection:
        today = india_day(services.clock())
        return centre_on(connection, officer, centre_id, today, services.now_ms()) is not None
