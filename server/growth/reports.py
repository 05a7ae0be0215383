"""The growth reports of whole months that pages show, each kept for five minutes."""

from datetime import date

from sqlalchemy import Engine, and_

from server.accounts.scope import Officer, Role, in_scope
from server.growth.report import Growth, growth
from server.kept import Kept
from server.storage.engine import snapshot
from server.storage.tables import centres

Key = tuple[str, str, str, str, str, date]


class Reports:
    """One per application."""

    def __init__(self) -> None:
        self._kept = Kept[Key, Growth]()

    def of_month(
        self,
        engine: Engine,
        officer: Officer,
        month: str,
        today: date,
        now_ms: int,
        *,
        centre_id: str | None = None,
    ) -> Growth:
        """The report on the officer's area, or on a centre of it, as of the last five minutes. Groups of one to four
        children are hidden from whoever sees more than a sector; not in the report on one centre, whose people she may
        read by name.

        Raises:
            BadMonth: `month` is none.
        """
        scope = in_scope(officer)
        if centre_id is not None:
            scope = and_(scope, centres.c.centre_id == centre_id)
        hide = centre_id is None and officer.role is not Role.SUPERVISOR

        def make() -> Growth:
            with snapshot(engine) as connection:
                return growth(connection, scope, month, today, hide=hide)

        key = (officer.district_id, officer.role.value, officer.scope, month, centre_id or "", today)
        return self._kept.of(key, now_ms, make)
