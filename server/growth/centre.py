"""The growth of one centre's children with names: whom to see first and who was not measured, for whoever may see the
centre's people. Reading it is noted in the access log by the page."""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, and_

from server.accounts.scope import Officer, in_scope
from server.centres import queries as places
from server.centres.names import Named, Names, people_of
from server.growth import queries
from server.growth.children import Children
from server.growth.report import day_of
from server.growth.urgency import Reason, to_see
from server.storage.tables import centres
from server.verification.months import days_of


class ChildToSee(msgspec.Struct, frozen=True):
    who: Named
    reasons: tuple[Reason, ...]


class CentreGrowth(msgspec.Struct, frozen=True):
    """`to_see` in order of urgency; `not_weighed` those not weighed in the month, by name."""

    names: dict[str, str]
    to_see: Sequence[ChildToSee]
    not_weighed: Sequence[Named]


def centre_growth(
    connection: Connection, officer: Officer, centre_id: str, month: str, today: date
) -> CentreGrowth | None:
    """One centre's children as of the month's last day or today, if `officer` sees the centre.

    Raises:
        BadMonth: `month` is none.
    """
    scope = and_(in_scope(officer), centres.c.centre_id == centre_id)
    found = places.centres_where(connection, scope)
    if not found:
        return None
    first, day = days_of(month)[0], day_of(month, today)
    children = Children.of(places.records(connection, scope), day)
    names = Names(people_of(connection, officer.district_id, centre_id), day)
    weighed = {
        row.person_id for row in queries.weighed(connection, scope, first.isoformat(), day.isoformat())
    }
    missing = [names.of(person) for person in children.rows if person not in weighed]
    return CentreGrowth(
        names={"en": found[0].name_en, "hi": found[0].name_hi, "ur": found[0].name_ur},
        to_see=[
            ChildToSee(names.of(child.person_id), child.reasons)
            for child in to_see(connection, scope, children, day)
        ],
        not_weighed=sorted(missing, key=lambda who: (who.latin, who.person_id)),
    )
