"""What the kiosk says on an item of the checklist, to stand beside what the supervisor saw.

`EVIDENCE` is the table: an item's code and how its figure is read from a `KioskDay`. The checklist names more evidence
than kiosks report so far (check-in of staff, power, stock, case lists); an item joins the table with its events.

Nothing here says who is right. A late upload of the kiosk can end a difference, a miscount explain it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

import msgspec
from sqlalchemy import Connection

from anganwadi.events import Meal
from anganwadi.people import is_weighed
from anganwadi.verification import Rung
from server.centres.enrolment import person_of
from server.supervision import queries
from server.supervision.visits import Visit
from server.web.times import clock_time

BY_FACE = frozenset({Rung.FACE, Rung.FACE_RETRY, Rung.NOMINEE_FACE})
SAME_TIME_MINUTES = 15
"""Two clocks and a remembered time may be so far apart and still mean the same opening."""


class KioskDay(msgspec.Struct, frozen=True, kw_only=True):
    """What one centre's kiosk reported on the day of a visit and, up to it, in that month.

    `heard` is whether it reported anything that day, `heard_in_month` in the month; `present` is None where no child
    was marked. `weighed` and `due` are children of 0-6 years weighed this month and not. `rations` are
    this month's people served, by the evidence of their ration; `went_without` those refused and not served since.
    """

    heard: bool
    heard_in_month: bool
    opened_ms: int | None
    closed_ms: int | None
    present: int | None
    meals: dict[str, int]
    weighed: int
    due: int
    rations: dict[Rung, int]
    went_without: int


class Reading(msgspec.Struct, frozen=True):
    """The kiosk's answer to an item, written as the form writes answers; what it rests on beside it."""

    answer: str
    at_ms: int | None = None
    rations: dict[Rung, int] = {}


class Agreement(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    NOT_REPORTED = "not_reported"


class Comparison(msgspec.Struct, frozen=True):
    """An item's answer beside the kiosk's; `by` is how far two numbers, or two times in minutes, are apart."""

    code: str
    answer: str
    reading: Reading | None
    agreement: Agreement
    by: int | None = None


def compare(answers: Mapping[str, str], day: KioskDay, arrived_ms: int) -> list[Comparison]:
    """Every answered item of `EVIDENCE`, those that differ first; `arrived_ms` is when the visit began."""
    found = [
        _compared(code, answers[code], read(day, arrived_ms))
        for code, read in EVIDENCE.items()
        if answers.get(code)
    ]
    return sorted(found, key=lambda one: one.agreement is not Agreement.DIFFERS)


def kiosk_day(connection: Connection, visit: Visit) -> KioskDay:
    """What the server holds of the visit's day and month by now."""
    district, centre = visit.district_id, visit.centre_id
    iso, first = visit.day.isoformat(), visit.day.replace(day=1).isoformat()
    opening = queries.opening_of(connection, district, centre, iso)
    marks = queries.marks_of(connection, district, centre, iso)
    meals = queries.meals_of(connection, district, centre, iso)
    weighed = queries.people_weighed(connection, district, centre, first, iso)
    children = _children(connection, visit, visit.day)
    rations, refused = _rations(queries.rations_of(connection, district, centre, first, iso))
    return KioskDay(
        heard=opening is not None or bool(marks) or bool(meals),
        heard_in_month=queries.days_open(connection, district, centre, first, iso) > 0,
        opened_ms=opening.opened_ms if opening else None,
        closed_ms=opening.closed_ms if opening else None,
        present=marks.get(True, 0) if marks else None,
        meals=meals,
        weighed=len(children & weighed),
        due=len(children - weighed),
        rations=rations,
        went_without=refused,
    )


def _children(connection: Connection, visit: Visit, day: date) -> set[str]:
    rows = queries.records_of(connection, visit.district_id, visit.centre_id)
    return {row.person_id for row in rows if is_weighed(person_of(row.record), day)}


def _rations(rows: queries.Rows) -> tuple[dict[Rung, int], int]:
    """People served by evidence (a second ration of the same month replaces the first), and people refused only."""
    served = {row.person_id: Rung(row.rung) for row in rows if row.rung}
    by_rung = {rung: number for rung in Rung if (number := sum(r is rung for r in served.values()))}
    return by_rung, len({row.person_id for row in rows} - set(served))


Read = Callable[[KioskDay, int], Reading | None]


def _open_on_arrival(day: KioskDay, arrived_ms: int) -> Reading | None:
    if not day.heard:
        return None
    if day.opened_ms is None or day.opened_ms > arrived_ms:
        return Reading("no", day.opened_ms)
    closed = day.closed_ms is not None and day.opened_ms < day.closed_ms <= arrived_ms
    return Reading("no", day.closed_ms) if closed else Reading("yes", day.opened_ms)


def _opening_time(day: KioskDay, _arrived_ms: int) -> Reading | None:
    return None if day.opened_ms is None else Reading(clock_time(day.opened_ms))


def _works(day: KioskDay, _arrived_ms: int) -> Reading | None:
    return Reading("yes") if day.heard else None


def _served(meal: Meal) -> Read:
    def read(day: KioskDay, _arrived_ms: int) -> Reading | None:
        return Reading("yes" if day.meals.get(meal.value) else "no") if day.heard else None

    return read


def _meals_counted(day: KioskDay, _arrived_ms: int) -> Reading | None:
    return Reading(str(day.meals.get(Meal.HOT_COOKED_MEAL.value, 0))) if day.heard else None


def _present(day: KioskDay, _arrived_ms: int) -> Reading | None:
    return None if day.present is None else Reading(str(day.present))


def _in_month(count: Callable[[KioskDay], int]) -> Read:
    def read(day: KioskDay, _arrived_ms: int) -> Reading | None:
        return Reading(str(count(day))) if day.heard_in_month else None

    return read


def _without_face(day: KioskDay, _arrived_ms: int) -> Reading | None:
    if not day.heard_in_month:
        return None
    return Reading(str(sum(n for rung, n in day.rations.items() if rung not in BY_FACE)), rations=day.rations)


EVIDENCE: Mapping[str, Read] = {
    "VIS01": _open_on_arrival,
    "VIS06": _opening_time,
    "EQP10": _works,
    "GRO01": _in_month(lambda day: day.weighed),
    "GRO02": _in_month(lambda day: day.due),
    "THR05": _in_month(lambda day: sum(day.rations.values())),
    "THR06": _in_month(lambda day: day.went_without),
    "THR07": _without_face,
    "HCM01": _served(Meal.HOT_COOKED_MEAL),
    "HCM03": _meals_counted,
    "HCM04": _served(Meal.MORNING_SNACK),
    "PSE01": _present,
}


def _compared(code: str, answer: str, reading: Reading | None) -> Comparison:
    if reading is None:
        return Comparison(code, answer, None, Agreement.NOT_REPORTED)
    if ":" in reading.answer:
        by = abs(_minutes(answer) - _minutes(reading.answer))
        return _judged(code, answer, reading, by <= SAME_TIME_MINUTES, by)
    if answer.isdecimal() and reading.answer.isdecimal():
        by = abs(int(answer) - int(reading.answer))
        return _judged(code, answer, reading, by == 0, by)
    return _judged(code, answer, reading, answer == reading.answer, None)


def _judged(code: str, answer: str, reading: Reading, same: bool, by: int | None) -> Comparison:
    return Comparison(code, answer, reading, Agreement.SAME if same else Agreement.DIFFERS, by or None)


def _minutes(time: str) -> int:
    """Minutes since midnight of `09:10` or `09:10:00.000+05:30`."""
    hours, minutes = time[:5].split(":")
    return int(hours) * 60 + int(minutes)
