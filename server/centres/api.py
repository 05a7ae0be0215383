"""The JSON API: what the pages show, for programs. Its description is at `/api/v1/openapi.json`.

People are ids here, never names. Days are Indian calendar days, times UTC milliseconds since 1970.
"""

import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict

from anganwadi.verification import Rung
from server.accounts.gate import AppServices, CurrentOfficer
from server.accounts.scope import Role
from server.centres import queries
from server.centres.day import CentreDay, centre_day
from server.centres.freshness import Freshness
from server.centres.today import State, district_today
from server.web.problems import problem_responses
from server.web.times import india_day

router = APIRouter(prefix="/api/v1", tags=["centres"], responses=problem_responses(401))

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_only(value: object) -> object:
    if isinstance(value, str) and not _ISO.fullmatch(value):
        raise ValueError("give the day as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_iso_only)]
CentreCode = Annotated[str, Path(pattern=r"^[0-9]{11}$", description="The AWC code.")]


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Me(_Answer):
    """Who is logged in, and what she sees."""

    officer_id: str
    name: str
    role: Role
    scope: str
    language: str
    district: str


class KioskRecords(_Answer):
    """How far a kiosk's records have come, and what is wrong with it. `unreceipted_since_ms`: when the oldest event
    was recorded that is not here; `unsafe_since_ms`: when the oldest came that is in no backup."""

    recorded: int
    missing: int
    unreceipted_since_ms: int | None
    unsafe_since_ms: int | None
    lost: int
    quarantined: int
    forks: int
    notices: list[str]


class Centre(_Answer):
    """One centre's day in numbers. `rations` are those handed out, by the evidence they stand on."""

    centre_id: str
    names: dict[str, str]
    sector_id: str
    state: State
    opened_ms: int | None
    closed_ms: int | None
    present: int
    enrolled: int
    rations: dict[Rung, int]
    refused: int
    weighed: int
    flagged: int
    severe: int
    meals: dict[str, int]
    last_heard_ms: int | None
    freshness: Freshness
    stored: int
    safe: int
    attention: bool
    kiosk: KioskRecords


class Centres(_Answer):
    day: date
    centres: list[Centre]


class ChildPresent(_Answer):
    """`present` is null where an enrolled child was not marked."""

    person_id: str
    present: bool | None


class Weighing(_Answer):
    """A child's last weight of the day; `by_hand` where it was typed in, not read from the scale."""

    person_id: str
    at_ms: int
    grams: int
    by_hand: bool
    waz: float | None
    weight_class: str | None


class RationGiven(_Answer):
    """`rung` is null where the ration was refused."""

    person_id: str
    collected_by: str | None
    at_ms: int
    rung: Rung | None
    reason: str | None


class CentreOnDay(_Answer):
    day: date
    centre: Centre
    children: list[ChildPresent]
    weighings: list[Weighing]
    rations: list[RationGiven]
    rations_owed: int


class Counts(_Answer):
    """How many events of each type the log holds."""

    counts: dict[str, int]


@router.get("/me")
def me(services: AppServices, officer: CurrentOfficer) -> Me:
    """Who is logged in."""
    return Me(
        officer_id=officer.officer_id,
        name=officer.name,
        role=officer.role,
        scope=officer.scope,
        language=officer.language,
        district=services.settings.district,
    )


@router.get("/centres")
def centres_today(request: Request, services: AppServices, officer: CurrentOfficer) -> Centres:
    """Every centre of the officer's area, today."""
    day = india_day(services.clock())
    with services.engine.connect() as connection:
        found = district_today(connection, officer, day, services.now_ms(), request.app.state.enrolment)
    return Centres(day=day, centres=[Centre.model_validate(centre) for centre in found])


@router.get("/centres/{centre_id}/days/{day}", responses=problem_responses(404, 422))
def centre_on_day(
    request: Request, services: AppServices, officer: CurrentOfficer, centre_id: CentreCode, day: Day
) -> CentreOnDay:
    """One centre's day. `last_heard_ms`, `stored` and `safe` are as of now."""
    with services.engine.connect() as connection:
        found = centre_day(connection, officer, centre_id, day, services.now_ms())
    if found is None:
        raise HTTPException(404, "No such centre, or outside your area.")
    request.app.state.access_log.viewed(officer, "centre_api", centre_id)
    return _without_names(found)


@router.get("/counts", tags=["checks"], responses=problem_responses(403))
def event_counts(services: AppServices, officer: CurrentOfficer) -> Counts:
    """How many events of each type are stored, in the whole district; for the DPO."""
    if officer.role is not Role.DPO or officer.scope != officer.district_id:
        raise HTTPException(403, "Only the DPO may count the district's events.")
    with services.engine.connect() as connection:
        rows = queries.event_counts(connection, officer.district_id)
    return Counts(counts={row.type: row.number for row in rows})


def _without_names(found: CentreDay) -> CentreOnDay:
    return CentreOnDay(
        day=found.day,
        centre=Centre.model_validate(found.centre),
        children=[ChildPresent(person_id=c.who.person_id, present=c.present) for c in found.children],
        weighings=[
            Weighing(
                person_id=w.who.person_id,
                at_ms=w.at_ms,
                grams=w.grams,
                by_hand=w.by_hand,
                waz=w.waz,
                weight_class=w.weight_class,
            )
            for w in found.weights
        ],
        rations=[
            RationGiven(
                person_id=r.who.person_id,
                collected_by=r.collected_by.person_id if r.collected_by else None,
                at_ms=r.at_ms,
                rung=r.rung,
                reason=r.reason,
            )
            for r in found.rations
        ],
        rations_owed=found.owed,
    )
