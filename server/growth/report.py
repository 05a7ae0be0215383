"""The growth report of a month: who was measured, how many are malnourished, how many are to be seen, how well it was
measured; of an area or of one centre.

All of it is about the children of 0-6 years who are registered on the month's last day, or today while it lasts.
`python -m server report growth` and the pages show the same figures.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Connection

from server.centres import queries as places
from server.growth import queries
from server.growth.children import Children
from server.growth.coverage import CentreCoverage, Coverage, coverage
from server.growth.measures import Latest, Measurings, Weighings
from server.growth.prevalence import GroupPrevalence, prevalence
from server.growth.quality import Quality, quality
from server.growth.shares import Counted, Share, parts, whole
from server.growth.urgency import ToSee, Why, to_see
from server.verification.months import days_of

SEEN = "children"
"""The key of all children to see, beside those of each reason."""


class CentreToSee(msgspec.Struct, frozen=True):
    """How many children of a centre are to be seen, by reason and (`SEEN`) in all; a child may have several reasons."""

    centre_id: str
    names: dict[str, str]
    counts: dict[str, Share]


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """The report on `month` as of `day`. `centres` and `to_see` stand in the order of names; a centre without a child
    to see is not in `to_see`. `hides` says that groups of one to four are hidden."""

    month: str
    day: date
    hides: bool
    registered: int
    coverage: Coverage
    centres: tuple[CentreCoverage, ...]
    prevalence: tuple[GroupPrevalence, ...]
    to_see_in_all: dict[str, Share]
    to_see: tuple[CentreToSee, ...]
    quality: Quality


def day_of(month: str, today: date) -> date:
    """The day a report on `month` is as of: its last, or today while it lasts.

    Raises:
        BadMonth: `month` is none.
    """
    return min(days_of(month)[1], today)


def growth(
    connection: Connection, scope: ColumnElement[bool], month: str, today: date, *, hide: bool
) -> Growth:
    """The report on the centres that `scope` admits; `hide` hides groups of one to four children. The connection should
    be a snapshot.

    Raises:
        BadMonth: `month` is none.
    """
    first, day = days_of(month)[0].isoformat(), day_of(month, today)
    children = Children.of(places.records(connection, scope), day)
    centres = places.centres_where(connection, scope)
    weighings = Weighings.of(queries.weighed(connection, scope, first, day.isoformat()), children)
    measurings = Measurings.of(queries.measured(connection, scope, first, day.isoformat()), children)
    latest = Latest.of(children, weighings, measurings)
    in_all, by_centre = coverage(children, latest, centres, hide=hide)
    seen_in_all, seen = _to_see(to_see(connection, scope, children, day), centres, children, hide=hide)
    no_length = Counted(int((latest.weighed & ~latest.measured).sum()), int(latest.weighed.sum()))
    return Growth(
        month=month,
        day=day,
        hides=hide,
        registered=len(children),
        coverage=in_all,
        centres=by_centre,
        prevalence=prevalence(children, latest, hide=hide),
        to_see_in_all=seen_in_all,
        to_see=seen,
        quality=quality(children, weighings, measurings, no_length, hide=hide),
    )


def _to_see(
    found: Iterable[ToSee], centres: places.Rows, children: Children, *, hide: bool
) -> tuple[dict[str, Share], tuple[CentreToSee, ...]]:
    counted: dict[str, Counter[str]] = {key: Counter() for key in (SEEN, *(why.value for why in Why))}
    for child in found:
        counted[SEEN][child.centre_id] += 1
        for reason in child.reasons:
            counted[reason.why][child.centre_id] += 1
    of = children.by_centre(children.age_days >= 0)
    in_all = {
        key: whole(Counted(number.total(), len(children)), hide=hide) for key, number in counted.items()
    }
    shares = {
        key: parts({place: Counted(number[place], of[place]) for place in of}, hide=hide)
        for key, number in counted.items()
    }
    named = sorted(centres, key=lambda row: (row.name_en, row.centre_id))
    return in_all, tuple(
        CentreToSee(
            row.centre_id,
            {"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
            {key: share[row.centre_id] for key, share in shares.items() if counted[key][row.centre_id]},
        )
        for row in named
        if counted[SEEN][row.centre_id]
    )
