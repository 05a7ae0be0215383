"""One centre's day with the people in it: what the centre page shows an officer of its sector."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from anganwadi.entitlements import owed_ration
from anganwadi.growth import AcuteMalnutrition, NutritionClass
from anganwadi.people import Person, attends_preschool
from anganwadi.verification import Rung
from server.accounts.scope import Officer
from server.centres import queries
from server.centres.names import Named, Names, people_of
from server.centres.today import FLAGGED, CentreToday, centre_on

VISITS_SHOWN = 10


@dataclass(frozen=True)
class Child:
    """One of the 3-6 year-olds; `present` is None until she is marked."""

    who: Named
    present: bool | None


@dataclass(frozen=True)
class Weight:
    """A child's last weight of the day. `weight_class` is None where her weight for age could not be judged; `acute` is
    SAM or MAM where the day's last decision on her care says so."""

    who: Named
    at_ms: int
    grams: int
    by_hand: bool
    waz: float | None
    weight_class: str | None
    acute: str | None = None

    @property
    def flagged(self) -> bool:
        return self.weight_class in FLAGGED


@dataclass(frozen=True)
class Ration:
    """A ration handed out on the evidence of `rung`, or refused (`rung` None) for `reason`."""

    who: Named
    collected_by: Named | None
    at_ms: int
    rung: Rung | None
    reason: str | None


@dataclass(frozen=True)
class Heads:
    """A picture of the group, not kept: the faces `counted` in it, and the children `marked` as present just then."""

    counted: int
    marked: int


@dataclass(frozen=True)
class AtHome:
    """Whose ration is to be brought home, since `day`."""

    who: Named
    reason: str
    day: str


@dataclass(frozen=True)
class CentreDay:
    """`owed` counts the people to whom a take-home ration is due this month; `heads` is the last head count."""

    day: date
    centre: CentreToday
    children: list[Child]
    weights: list[Weight]
    rations: list[Ration]
    owed: int
    heads: Heads | None
    doorstep: list[AtHome]


def centre_day(
    connection: Connection, officer: Officer, centre_id: str, day: date, now_ms: int
) -> CentreDay | None:
    """The day of one centre, if `officer` sees it."""
    centre = centre_on(connection, officer, centre_id, day, now_ms)
    if centre is None:
        return None
    district, iso = officer.district_id, day.isoformat()
    people = people_of(connection, district, centre_id)
    names = Names(people, day)
    return CentreDay(
        day=day,
        centre=centre,
        children=_children(queries.attendance_of(connection, district, centre_id, iso), people, names, day),
        weights=_weights(
            queries.weighings_of(connection, district, centre_id, iso),
            queries.care_of(connection, district, centre_id, iso),
            names,
        ),
        rations=_rations(queries.rations_of(connection, district, centre_id, iso), names),
        owed=sum(owed_ration(person, day) for person in people.values()),
        heads=_heads(queries.head_count_of(connection, district, centre_id, iso)),
        doorstep=_at_home(queries.doorstep_of(connection, district, centre_id), names),
    )


def _children(marks: queries.Rows, people: dict[str, Person], names: Names, day: date) -> list[Child]:
    """Present first, then absent, then not marked; by name. A child marked though not enrolled is there too."""
    marked: dict[str, bool] = {row.person_id: row.present for row in marks}
    enrolled = {person_id for person_id, person in people.items() if attends_preschool(person, day)}
    found = [Child(names.of(person_id), marked.get(person_id)) for person_id in enrolled | set(marked)]
    order = {True: 0, False: 1, None: 2}
    return sorted(found, key=lambda child: (order[child.present], child.who.latin, child.who.person_id))


_ACUTE = {AcuteMalnutrition.SAM.value: 0, AcuteMalnutrition.MAM.value: 1}
_SEVERITY = {NutritionClass.SEVERE.value: 0, NutritionClass.MODERATE.value: 1}


def _weights(rows: queries.Rows, care: queries.Rows, names: Names) -> list[Weight]:
    """Acute malnutrition first, then the lightest for their age."""
    acute = {row.person_id: row.acute for row in care}
    last: dict[str, Row[*tuple[Any, ...]]] = {row.person_id: row for row in rows}
    found = [
        Weight(
            who=names.of(row.person_id),
            at_ms=row.at_ms,
            grams=row.grams,
            by_hand=row.source == "manual",
            waz=row.waz,
            weight_class=row.weight_class,
            acute=acute.get(row.person_id),
        )
        for row in last.values()
    ]
    return sorted(found, key=_urgency)


def _urgency(weight: Weight) -> tuple[int, int, int]:
    return _ACUTE.get(weight.acute or "", 2), _SEVERITY.get(weight.weight_class or "", 2), -weight.at_ms


def _rations(rows: queries.Rows, names: Names) -> list[Ration]:
    """Newest first."""
    return [
        Ration(
            who=names.of(row.person_id),
            collected_by=names.of(row.collected_by)
            if row.collected_by and row.collected_by != row.person_id
            else None,
            at_ms=row.at_ms,
            rung=Rung(row.rung) if row.rung else None,
            reason=row.reason,
        )
        for row in reversed(rows)
    ]


def _heads(row: queries.AnyRow | None) -> Heads | None:
    return None if row is None else Heads(row.counted, row.marked)


def _at_home(rows: queries.Rows, names: Names) -> list[AtHome]:
    """Those whose last word was that they are listed, by name."""
    last = {row.person_id: row for row in rows}
    found = [AtHome(names.of(row.person_id), row.reason, row.day) for row in last.values() if row.listed]
    return sorted(found, key=lambda each: (each.who.latin, each.who.person_id))
