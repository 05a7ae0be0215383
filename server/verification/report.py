"""The fairness report: figures of all claims of a time, and by centre, by age, and by light.

It has no figure of a worker, and centres stand in the order of their names: a share that somebody is judged by is a
reason to turn to whatever raises it. `python -m server report verification` and the page show the same.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Connection

from anganwadi.people import Person
from anganwadi.verification import Light
from server.centres import queries as places
from server.centres.enrolment import person_of
from server.verification import queries
from server.verification.ages import AgeBand, band_of
from server.verification.claims import Claim, Look, claims_of
from server.verification.figures import Cell, Figures, Measured, by_group, cells, people_of, seconds, whole
from server.verification.small_cells import is_few

TARGET_SERVE_P95_S = 20
"""Seconds to serve 95 of 100 people: the project's target."""

TARGET_FALSE_REJECT = 0.05
"""Of those served whose own face was tried, the share not known by it: the project's target."""

NOT_MEASURED = "not_measured"


class Group(msgspec.Struct, frozen=True):
    """One group's figures; `names` by language where it is a centre."""

    key: str
    figures: Figures
    names: dict[str, str] = {}


class Liveness(msgspec.Struct, frozen=True):
    """Looks at which moves were asked for, those of them that failed, by reason, and the seconds that the moves
    took."""

    asked: Cell
    failed: Cell
    reasons: dict[str, Cell]
    challenge_p50_s: Cell
    challenge_p95_s: Cell


class Report(msgspec.Struct, frozen=True):
    """Of the days `first` to `last`. `not_accepted` are looks by why the face was not accepted; `machine_p50_s` and
    `machine_p95_s` what the kiosk itself needed for a look."""

    first: date
    last: date
    whole: Figures
    centres: tuple[Group, ...]
    ages: tuple[Group, ...]
    lights: tuple[Group, ...]
    not_accepted: dict[str, Cell]
    liveness: Liveness
    machine_p50_s: Cell
    machine_p95_s: Cell
    target_serve_p95_s: int = TARGET_SERVE_P95_S
    target_false_reject: float = TARGET_FALSE_REJECT


def report(connection: Connection, scope: ColumnElement[bool], first: date, last: date) -> Report:
    """The report on the centres that `scope` admits. The connection should be a snapshot."""
    days = first.isoformat(), last.isoformat()
    claims = claims_of(queries.handed_out(connection, scope, *days), queries.looks(connection, scope, *days))
    people = {row.person_id: person_of(row.record) for row in places.records(connection, scope)}
    looked = [(claim, look) for claim in claims for look in claim.looks]
    not_accepted = _counted(looked, lambda look: look.failure)
    return Report(
        first=first,
        last=last,
        whole=whole(claims),
        centres=_by_centre(claims, places.centres_where(connection, scope)),
        ages=_by_age(claims, people, last),
        lights=_by_light(claims),
        not_accepted=not_accepted,
        liveness=_liveness(looked, not_accepted.get("not_live")),
        machine_p50_s=_seconds(looked, lambda look: look.machine_ms, 0.5),
        machine_p95_s=_seconds(looked, lambda look: look.machine_ms, 0.95),
    )


Looked = Collection[tuple[Claim, Look]]


def _by_centre(claims: Iterable[Claim], centres: places.Rows) -> tuple[Group, ...]:
    """By name: never by a figure. Centres without a claim are left out."""
    groups = _grouped(claims, lambda claim: claim.centre_id)
    figures = by_group(groups)
    named = sorted(
        (row for row in centres if row.centre_id in groups), key=lambda row: (row.name_en, row.centre_id)
    )
    return tuple(
        Group(
            row.centre_id,
            figures[row.centre_id],
            {"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
        )
        for row in named
    )


def _by_age(claims: Iterable[Claim], people: Mapping[str, Person], day: date) -> tuple[Group, ...]:
    groups = _grouped(claims, lambda claim: band_of(claim.person_id, people, day).value)
    return _in_order(groups, [band.value for band in AgeBand])


def _by_light(claims: Iterable[Claim]) -> tuple[Group, ...]:
    """Of the claims for which a face was looked at."""
    groups = _grouped((claim for claim in claims if claim.looks), lambda claim: claim.light or NOT_MEASURED)
    return _in_order(groups, [*(light.value for light in Light), NOT_MEASURED])


def _grouped(claims: Iterable[Claim], key: Callable[[Claim], str]) -> dict[str, list[Claim]]:
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[key(claim)].append(claim)
    return groups


def _in_order(groups: Mapping[str, Collection[Claim]], order: Iterable[str]) -> tuple[Group, ...]:
    figures = by_group(groups)
    return tuple(Group(key, figures[key]) for key in order if key in figures)


def _liveness(looked: Looked, failed: Cell | None) -> Liveness:
    """`failed` is the cell of the looks not accepted for want of a live face: it is shown in one place if in the
    other, and its reasons, which add up to it, only if it is."""
    reasons = _counted(looked, lambda look: (look.why_not or "unknown") if look.live is False else None)
    if failed is not None and failed.hidden:
        reasons = dict.fromkeys(reasons, failed)
    asked = [(claim, look) for claim, look in looked if look.live is not None]
    passed = people_of(claim for claim, look in asked if look.live)
    return Liveness(
        asked=Cell(hidden=True) if is_few(passed) else _count(asked),
        failed=failed or Cell(0 if asked else None),
        reasons=reasons,
        challenge_p50_s=_seconds(asked, lambda look: look.challenge_ms, 0.5),
        challenge_p95_s=_seconds(asked, lambda look: look.challenge_ms, 0.95),
    )


def _counted(looked: Looked, code: Callable[[Look], str | None]) -> dict[str, Cell]:
    """How many looks there are of each code, those of None left out."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim, look in looked:
        found = code(look)
        if found is not None:
            groups[found].append(claim)
    return cells({key: Measured(len(of), people_of(of)) for key, of in sorted(groups.items())})


def _count(looked: Looked) -> Cell:
    people = people_of(claim for claim, _ in looked)
    return Cell(hidden=True) if is_few(people) else Cell(len(looked))


def _seconds(looked: Looked, taken: Callable[[Look], int | None], share: float) -> Cell:
    timed = [(claim, ms) for claim, look in looked if (ms := taken(look)) is not None]
    if is_few(people_of(claim for claim, _ in timed)):
        return Cell(hidden=True)
    return Cell(seconds((ms for _, ms in timed), share))
