"""Which children to see first, why, and since when: what the last visit found, and what was to follow and did not.

Care is what the kiosk decided by the protocol of 2023 (`anganwadi.cmam`); classes are those of the child's last weight
and last measures that could be judged. Only what is known on the day counts: a finding older than `FOUND_WITHIN` says
nothing of today.
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

import msgspec
import numpy as np
from sqlalchemy import ColumnElement, Connection

from anganwadi.cmam import Step, visit_due
from anganwadi.faltering import Faltering
from anganwadi.growth import MUAC_SEVERE_MM, NutritionClass
from server.centres.queries import AnyRow, Rows
from server.growth import queries
from server.growth.children import Children, arm_counts, is_below_five
from server.storage.tables import measurings, weighings

FOUND_WITHIN = timedelta(days=92)
"""Classes and faltering of older visits are left out (default): the child was not measured for three months, which is
said by itself."""

DECIDED_WITHIN = timedelta(days=366)
"""Care decided longer ago is left out (default)."""


class Why(StrEnum):
    """In order of urgency."""

    NRC = "nrc"
    """Sent to the Nutrition Rehabilitation Centre and not weighed or measured since."""
    SEEN_BY = "seen_by"
    """The last day on which the medical officer should have seen the child has passed."""
    OEDEMA = "oedema"
    SAM = "sam"
    UNDERWEIGHT = "underweight"
    LOST = "lost"
    NO_GAIN = "no_gain"
    FELL = "fell"
    VISIT = "visit"
    """A visit is overdue."""


_FALTERING = {Faltering.LOST: Why.LOST, Faltering.NO_GAIN: Why.NO_GAIN, Faltering.FELL: Why.FELL}
_ORDER = list(Why)


class Reason(msgspec.Struct, frozen=True):
    why: Why
    since: date


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """The care that was last decided for a child; whether she was weighed again after it, on the day itself too; when
    she was last weighed or measured, if ever."""

    day: date
    step: str
    faltering: str | None = None
    seen_by: date | None = None
    visits: tuple[date, ...] = ()
    weighed_again: bool = False
    seen: date | None = None


class ToSee(msgspec.Struct, frozen=True):
    """A child to see, with the reasons in order of urgency."""

    person_id: str
    centre_id: str
    reasons: tuple[Reason, ...]


def to_see(connection: Connection, scope: ColumnElement[bool], children: Children, day: date) -> list[ToSee]:
    """The children to see as of `day`: the most urgent first, of those the longest waiting."""
    reasons: dict[str, list[Reason]] = {}
    since = (day - FOUND_WITHIN).isoformat()
    weights = queries.weighed_once_severe(connection, scope, since, day.isoformat())
    measures = queries.measured_once_severe(connection, scope, since, day.isoformat())
    for person, found in (*_underweight(weights), *_wasted(measures, children)):
        reasons.setdefault(person, []).append(found)
    for person, care in _care(connection, scope, day).items():
        reasons.setdefault(person, []).extend(reasons_of_care(care, day))
    found = [
        ToSee(
            person, children.centre_ids[children.centre[children.rows[person]]], tuple(sorted(why, key=_rank))
        )
        for person, why in reasons.items()
        if why and person in children.rows
    ]
    return sorted(found, key=lambda child: (*_rank(child.reasons[0]), child.person_id))


def reasons_of_care(care: Decided, today: date) -> list[Reason]:
    """What should have followed on the care decided and did not, or how the growth failed then."""
    found: list[Reason] = []
    if care.step == Step.NRC and (care.seen is None or care.seen <= care.day):
        found.append(Reason(Why.NRC, care.day))
    if care.seen_by is not None and care.seen_by < today:
        found.append(Reason(Why.SEEN_BY, care.seen_by))
    holds = care.day >= today - FOUND_WITHIN and not care.weighed_again
    if care.faltering in _FALTERING and holds:
        found.append(Reason(_FALTERING[Faltering(care.faltering)], care.day))
    due = visit_due(care.visits, () if care.seen is None else (care.seen,), today)
    if due is not None and due < today:
        found.append(Reason(Why.VISIT, due))
    return found


def _rank(reason: Reason) -> tuple[int, date]:
    return _ORDER.index(reason.why), reason.since


def _underweight(rows: Rows) -> Iterable[tuple[str, Reason]]:
    judged = (row for row in _last_of_days(rows) if row.weight_class is not None)
    since = _since((row.person_id, row.day, row.weight_class == NutritionClass.SEVERE) for row in judged)
    for person, day in since.items():
        yield person, Reason(Why.UNDERWEIGHT, date.fromisoformat(day))


def _wasted(rows: Rows, children: Children) -> Iterable[tuple[str, Reason]]:
    """Oedema, and SAM by arm or by weight for height, at the age that the child had on the day."""
    known = [row for row in _last_of_days(rows) if row.person_id in children.rows]
    ages = children.ages_on(
        np.array([children.rows[row.person_id] for row in known], np.int64),
        np.array([date.fromisoformat(row.day).toordinal() for row in known], np.int64),
    )
    below_five, arm = is_below_five(ages), arm_counts(ages)
    by_arm = _since(
        (row.person_id, row.day, bool(counts) and row.muac < MUAC_SEVERE_MM)
        for row, counts in zip(known, arm, strict=True)
        if row.muac is not None
    )
    by_height = _since(
        (row.person_id, row.day, bool(five) and row.wasting == NutritionClass.SEVERE)
        for row, five in zip(known, below_five, strict=True)
        if row.wasting is not None
    )
    for person in {**by_arm, **by_height}:
        day = min(found[person] for found in (by_arm, by_height) if person in found)
        yield person, Reason(Why.SAM, date.fromisoformat(day))
    swollen = _since((row.person_id, row.day, row.oedema) for row in known if row.oedema is not None)
    for person, day in swollen.items():
        yield person, Reason(Why.OEDEMA, date.fromisoformat(day))


def _last_of_days(rows: Rows) -> Iterable[AnyRow]:
    """Of the rows of a child's day, which are in order, the last."""
    return {(row.person_id, row.day): row for row in rows}.values()


def _since(findings: Iterable[tuple[str, str, bool]]) -> dict[str, str]:
    """Of those whose last finding is so: the day of the first of the findings in a row that are so. They are in order;
    what could not be judged is no finding, and makes nobody well."""
    since: dict[str, str] = {}
    for person, day, is_so in findings:
        if is_so:
            since.setdefault(person, day)
        else:
            since.pop(person, None)
    return since


def _care(connection: Connection, scope: ColumnElement[bool], day: date) -> dict[str, Decided]:
    within = (day - DECIDED_WITHIN).isoformat(), day.isoformat()
    weighed, measured = (
        queries.last_of_those_in_care(connection, table, scope, *within) for table in (weighings, measurings)
    )
    last = {row.person_id: row for row in queries.decided(connection, scope, *within)}
    return {person: _decided(row, weighed.get(person), measured.get(person)) for person, row in last.items()}


def _decided(row: AnyRow, weighed: tuple[str, int] | None, measured: tuple[str, int] | None) -> Decided:
    seen = max((each[0] for each in (weighed, measured) if each is not None), default=None)
    return Decided(
        day=date.fromisoformat(row.day),
        step=row.step,
        faltering=row.faltering,
        seen_by=None if row.seen_by is None else date.fromisoformat(row.seen_by),
        visits=tuple(date.fromisoformat(each) for each in json.loads(row.visits)),
        weighed_again=weighed is not None and weighed > (row.day, row.at_ms),
        seen=None if seen is None else date.fromisoformat(seen),
    )
