"""The reports of whole months that pages show, each kept for five minutes: reading a district's month takes seconds."""

import threading

from sqlalchemy import Engine

from server.accounts.scope import Officer, in_scope
from server.storage.engine import snapshot
from server.verification.months import days_of
from server.verification.report import Report, report

KEPT_MS = 5 * 60_000


class Reports:
    """One per application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str, str], tuple[int, Report]] = {}

    def of_month(self, engine: Engine, officer: Officer, month: str, now_ms: int) -> Report:
        """The report on the officer's area, as of the last five minutes.

        Raises:
            BadMonth: `month` is none.
        """
        key = (officer.district_id, officer.role.value, officer.scope, month)
        first, last = days_of(month)
        with self._lock:
            found = self._kept.get(key)
        if found is not None and 0 <= now_ms - found[0] < KEPT_MS:
            return found[1]
        with snapshot(engine) as connection:
            made = report(connection, in_scope(officer), first, last)
        with self._lock:
            self._kept = {k: kept for k, kept in self._kept.items() if now_ms - kept[0] < KEPT_MS}
            self._kept[key] = (now_ms, made)
        return made
