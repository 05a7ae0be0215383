"""The growth reports that pages show: of an area kept for five minutes, of one centre read anew each time.

Groups of one to four children are hidden from whoever sees more than a sector; not in the report on one centre, whose
people she may read by name.
"""

from datetime import date

from sqlalchemy import Engine, and_

from server.accounts.scope import Officer, Role, in_scope
from server.growth.report import Growth, growth
from server.kept import Kept
from server.storage.engine import snapshot
from server.storage.tables import centres

Key = tuple[str, str, str, str, date]


class Reports:
    """Those of areas. One per application."""

    def __init__(self) -> None:
        self._kept = Kept[Key, Growth]()

    def of_month(self, engine: Engine, officer: Officer, month: str, today: date, now_ms: int) -> Growth:
        """The report on the officer's area, as of the last five minutes.

        Raises:
            BadMonth: `month` is none.
        """

        def make() -> Growth:
            hide = officer.role is not Role.SUPERVISOR
            with snapshot(engine) as connection:
                return growth(connection, in_scope(officer), month, today, hide=hide)

        key = (officer.district_id, officer.role.value, officer.scope, month, today)
        return self._kept.of(key, now_ms, make)


def of_centre(engine: Engine, officer: Officer, centre_id: str, month: str, today: date) -> Growth:
    """The report on one centre of the officer's area.

    Raises:
        BadMonth: `month` is none.
    """
    scope = and_(in_scope(officer), centres.c.centre_id == centre_id)
    with snapshot(engine) as connection:
        return growth(connection, scope, month, today, hide=False)
