"""The reports of whole months that pages show, each kept for five minutes: reading a district's month takes seconds."""

from sqlalchemy import Engine

from server.accounts.scope import Officer, in_scope
from server.kept import Kept
from server.storage.engine import snapshot
from server.verification.months import days_of
from server.verification.report import Report, report


class Reports:
    """One per application."""

    def __init__(self) -> None:
        self._kept = Kept[tuple[str, str, str, str], Report]()

    def of_month(self, engine: Engine, officer: Officer, month: str, now_ms: int) -> Report:
        """The report on the officer's area, as of the last five minutes.

        Raises:
            BadMonth: `month` is none.
        """
        first, last = days_of(month)

        def make() -> Report:
            with snapshot(engine) as connection:
                return report(connection, in_scope(officer), first, last)

        return self._kept.of((officer.district_id, officer.role.value, officer.scope, month), now_ms, make)
