"""The record of who looked at whose data: one row a viewing, ids only.

A page that stays open and fetches itself every two seconds is one viewing, noted again every quarter of an hour.
"""

import threading
import uuid

from server.accounts import queries
from server.accounts.scope import Officer
from server.services import Services
from server.storage.engine import writing

ONE_VIEWING_MS = 15 * 60_000


class AccessLog:
    """One per application. What it remembers between requests is only when it last wrote."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str, str], int] = {}

    def viewed(self, officer: Officer, action: str, subject: str) -> None:
        """`officer` opened `subject`, an id."""
        self._write(officer, action, subject, self._services.now_ms())

    def still_viewing(self, officer: Officer, action: str, subject: str) -> None:
        """An open page of `subject` was brought up to date."""
        now_ms = self._services.now_ms()
        with self._lock:
            noted = self._noted.get((officer.officer_id, action, subject))
        if noted is None or now_ms - noted >= ONE_VIEWING_MS:
            self._write(officer, action, subject, now_ms)

    def _write(self, officer: Officer, action: str, subject: str, now_ms: int) -> None:
        with writing(self._services.engine) as connection:
            queries.add_access(
                connection,
                officer.district_id,
                access_id=str(uuid.uuid4()),
                officer_id=officer.officer_id,
                action=action,
                subject=subject,
                at_ms=now_ms,
            )
        with self._lock:
            self._noted = {k: at for k, at in self._noted.items() if now_ms - at < ONE_VIEWING_MS}
            self._noted[officer.officer_id, action, subject] = now_ms
