"""Grievances as a page: which are open, for how long, and closing one."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from anganwadi.bodies import GrievanceOutcome
from anganwadi.ids import DistrictId
from server.accounts.gate import AppServices, CurrentOfficer
from server.centres import wording as centre_wording
from server.grievances import grievance, wording
from server.storage import projector
from server.storage.engine import writing
from server.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/grievances")
def grievances_page(
    request: Request, services: AppServices, officer: CurrentOfficer, unclosed: str = ""
) -> HTMLResponse:
    """The grievances of the officer's area, the oldest open one first. `unclosed` names one that was to be closed
    without the words it needs."""
    with services.engine.connect() as connection:
        open_ones = grievance.open_ones(connection, officer)
        closed_ones = grievance.closed_ones(connection, officer)
    for centre_id in sorted({each.centre_id for each in (*open_ones, *closed_ones)}):
        request.app.state.access_log.still_viewing(officer, "grievances_page", centre_id)
    return render(
        request,
        "grievances/grievances.html",
        open_ones=open_ones,
        closed_ones=closed_ones,
        may_close=grievance.may_close(officer),
        longest=grievance.LONGEST_NOTE,
        unclosed=unclosed,
        now_ms=services.now_ms(),
        wording=wording,
        centre_wording=centre_wording,
    )


@router.post("/grievances/{place}")
def close_grievance(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    place: str,
    outcome: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=4 * grievance.LONGEST_NOTE)] = "",
) -> Response:
    """Say what came of it. For the CDPO alone."""
    try:
        with writing(services.engine) as connection:
            grievance.close(
                connection,
                officer,
                place,
                GrievanceOutcome(outcome),
                note,
                services.clock(),
                simulated=services.settings.demo,
            )
    except grievance.NotYours as error:
        raise HTTPException(403) from error
    except grievance.NotThere as error:
        raise HTTPException(404) from error
    except grievance.NoWords:
        return RedirectResponse(f"/grievances?unclosed={place}#g-{place}", 303)
    except grievance.ClosedAlready:
        return RedirectResponse("/grievances", 303)
    except ValueError as error:  # no such outcome
        raise HTTPException(422) from error
    projector.step(
        services.engine, DistrictId(officer.district_id)
    )  # so that the page shows it closed at once
    request.app.state.access_log.viewed(officer, "grievance_closed", place)
    return RedirectResponse("/grievances", 303)
