"""What the server's database holds at the end, read without the server's help."""

from pathlib import Path

import sqlalchemy as sa

from server.settings import ServerSettings
from server.storage import engine as databases
from server.storage import tables
from tests.chaos.checker import Stored
from tests.chaos.ledger import token_of


def stored(settings: Path, origin: str) -> list[Stored]:
    """The events of one origin in the log, in order of sequence."""
    events = tables.events
    query = (
        sa.select(events.c.sequence, events.c.position, events.c.type, events.c.raw)
        .where(events.c.origin == origin)
        .order_by(events.c.sequence)
    )
    with _connected(settings) as connection:
        return [
            Stored(sequence, position, token_of(kind, raw))
            for sequence, position, kind, raw in connection.execute(query)
        ]


def count_events(settings: Path) -> int:
    """The events of all origins."""
    with _connected(settings) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.events)).scalar_one()


def quarantined(settings: Path) -> int:
    """Whatever was not taken: events, frames, letters."""
    with _connected(settings) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.quarantine)).scalar_one()


def _connected(settings: Path) -> sa.Connection:
    return databases.connect(ServerSettings.load(settings).database).connect()
