"""Every centre of a scope on one day, in numbers: what the district page lists and the API gives.

No personal data: counts alone.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_

from anganwadi.growth import NutritionClass
from anganwadi.verification import Rung
from server.accounts.scope import Officer, in_scope
from server.centres import queries
from server.centres.enrolment import Enrolment, count_enrolled
from server.centres.freshness import Freshness, freshness
from server.centres.kiosks import Kiosk, kiosks
from server.storage.tables import centres

FLAGGED = frozenset({NutritionClass.MODERATE.value, NutritionClass.SEVERE.value})


class State(StrEnum):
    NOT_OPENED = "not_opened"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(kw_only=True)
class CentreToday:
    """One centre's day. `rations` are those handed out, by the evidence they stand on; `flagged` the children weighed
    whose weight for age is low; `stored` and `safe` count events of all days; `attention` says that something is wrong
    with its kiosk's records."""

    centre_id: str
    names: dict[str, str]
    sector_id: str
    sector_names: dict[str, str]
    opened_ms: int | None = None
    closed_ms: int | None = None
    present: int = 0
    enrolled: int = 0
    rations: dict[Rung, int] = field(default_factory=dict)
    refused: int = 0
    weighed: int = 0
    flagged: int = 0
    severe: int = 0
    meals: dict[str, int] = field(default_factory=dict)
    freshness: Freshness = Freshness.NEVER
    kiosk: Kiosk = field(default_factory=Kiosk)
    attention: bool = False

    @property
    def last_heard_ms(self) -> int | None:
        return self.kiosk.last_heard_ms

    @property
    def stored(self) -> int:
        return self.kiosk.stored

    @property
    def safe(self) -> int:
        return self.kiosk.safe

    @property
    def state(self) -> State:
        if self.opened_ms is None:
            return State.NOT_OPENED
        return State.OPEN if self.closed_ms is None or self.closed_ms < self.opened_ms else State.CLOSED

    @property
    def handed_out(self) -> int:
        return sum(self.rations.values())


def district_today(
    connection: Connection, officer: Officer, day: date, now_ms: int, enrolment: Enrolment
) -> list[CentreToday]:
    """The centres `officer` sees: silent ones and those in need of attention first, then those not opened,
    open, closed; by sector and name."""
    scope = in_scope(officer)
    counts = enrolment.counts(connection, scope, f"{officer.role}:{officer.scope}", day, now_ms)
    found = _read(connection, scope, counts, day, now_ms)
    return sorted(found, key=_urgency)


def centre_on(
    connection: Connection, officer: Officer, centre_id: str, day: date, now_ms: int
) -> CentreToday | None:
    """One centre, if `officer` sees it."""
    scope = and_(in_scope(officer), centres.c.centre_id == centre_id)
    found = _read(connection, scope, count_enrolled(connection, scope, day), day, now_ms)
    return found[0] if found else None


_ORDER = {State.NOT_OPENED: 1, State.OPEN: 2, State.CLOSED: 3}


def _urgency(centre: CentreToday) -> int:
    """Python's sort is stable: the order by sector and name stays within each."""
    return 0 if centre.freshness is Freshness.QUIET or centre.attention else _ORDER[centre.state]


def _read(
    connection: Connection, scope: ColumnElement[bool], enrolled: dict[str, int], day: date, now_ms: int
) -> list[CentreToday]:
    iso = day.isoformat()
    found = {
        row.centre_id: CentreToday(
            centre_id=row.centre_id,
            names={"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
            sector_id=row.sector_id,
            sector_names={
                "en": row.sector_en or row.sector_id,
                "hi": row.sector_hi or row.sector_id,
                "ur": row.sector_ur or row.sector_id,
            },
            enrolled=enrolled.get(row.centre_id, 0),
        )
        for row in queries.centres_where(connection, scope)
    }
    for row in queries.opening_times(connection, scope, iso):
        found[row.centre_id].opened_ms, found[row.centre_id].closed_ms = row.opened_ms, row.closed_ms
    for row in queries.presence(connection, scope, iso):
        found[row.centre_id].present = row.present
    for row in queries.rations_by_rung(connection, scope, iso):
        _add_rations(found[row.centre_id], row.rung, row.number)
    for row in queries.classes_weighed(connection, scope, iso):
        _add_weighed(found[row.centre_id], row.weight_class, row.number)
    for row in queries.meals_served(connection, scope, iso):
        found[row.centre_id].meals[row.meal] = row.served
    for centre_id, kiosk in kiosks(connection, scope).items():
        found[centre_id].kiosk, found[centre_id].attention = kiosk, kiosk.needs_attention(now_ms)
    for centre in found.values():
        closed = centre.state is State.CLOSED
        centre.freshness = freshness(centre.last_heard_ms, now_ms, closed=closed)
    return list(found.values())


def _add_rations(centre: CentreToday, rung: str | None, number: int) -> None:
    if rung is None:
        centre.refused += number
    else:
        centre.rations[Rung(rung)] = number


def _add_weighed(centre: CentreToday, weight_class: str | None, number: int) -> None:
    centre.weighed += number
    if weight_class in FLAGGED:
        centre.flagged += number
    if weight_class == NutritionClass.SEVERE.value:
        centre.severe += number


@dataclass(frozen=True)
class Totals:
    """The same numbers over several centres; `quiet` kiosks were heard once, `never_heard` are centres without any;
    `attention` counts centres with something wrong."""

    centres: int
    opened: int
    present: int
    enrolled: int
    rations: int
    refused: int
    weighed: int
    flagged: int
    quiet: int
    never_heard: int
    attention: int


def totals(of: list[CentreToday]) -> Totals:
    states: dict[State, int] = defaultdict(int)
    for centre in of:
        states[centre.state] += 1
    return Totals(
        centres=len(of),
        opened=len(of) - states[State.NOT_OPENED],
        present=sum(c.present for c in of),
        enrolled=sum(c.enrolled for c in of),
        rations=sum(c.handed_out for c in of),
        refused=sum(c.refused for c in of),
        weighed=sum(c.weighed for c in of),
        flagged=sum(c.flagged for c in of),
        quiet=sum(c.freshness is Freshness.QUIET for c in of),
        never_heard=sum(c.freshness is Freshness.NEVER for c in of),
        attention=sum(c.attention for c in of),
    )
