"""What the web application is given when it is made: settings, database, clock, and the ways out of the process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from server.accounts.outbox import Outbox
from server.settings import ServerSettings


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Everything a route may need; `request.app.state.services` holds it.

    `ready` names what the server must have to do its work (the broker's link, current migrations) and whether it has
    it. `outbox` carries one-time passwords to phones; None where the district has no SMS gateway.
    """

    settings: ServerSettings
    engine: Engine
    clock: Callable[[], datetime] = utc_now
    ready: Callable[[], dict[str, bool]] = dict
    outbox: Outbox | None = None

    def now_ms(self) -> int:
        """The time, in UTC milliseconds since 1970."""
        return int(self.clock().timestamp() * 1000)
