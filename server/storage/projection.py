"""From entries of the log to the registers, the tables that pages read; what an event means there is for
`server.storage.registers` to say.

`gather` reads events and keeps one row for each key, `write` puts them into the tables. Both ways, at once or one event
after the other, give the same tables: of one key the later event wins, but for the columns of `FIRST_WINS`.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter

import sqlalchemy as sa
import structlog

from anganwadi import events
from anganwadi.events import Event
from anganwadi.ids import DistrictId
from server.storage import registers, tables
from server.storage.engine import upsert
from server.storage.log import LogEntry
from server.storage.registers import Row

PROJECTIONS = (
    tables.centre_days,
    tables.attendance,
    tables.meals,
    tables.weighings,
    tables.measurings,
    tables.care,
    tables.rations,
    tables.face_tries,
    tables.grievances,
    tables.grievances_handled,
    tables.doorstep,
    tables.head_counts,
    tables.messages_seen,
)

FIRST_WINS: Mapping[sa.Table, frozenset[str]] = {
    tables.centre_days: frozenset({"opened_ms"}),  # opened again after closing: open since it first opened
    tables.messages_seen: frozenset({"seen_ms"}),
}

log = structlog.get_logger(__name__)

Gathered = dict[sa.Table, dict[object, Row]]
"""By table: its rows by primary key."""

_KEYS: dict[sa.Table, Callable[[Row], object]] = {
    table: itemgetter(*(column.name for column in table.primary_key)) for table in PROJECTIONS
}


def gather(district: DistrictId, entries: Iterable[LogEntry]) -> Gathered:
    """What these events, in order, mean; an event that cannot be read is logged and left out: the next ones must not
    wait for it."""
    gathered: Gathered = {}
    for entry in entries:
        if entry.raw is None:
            continue
        try:
            event, raw = _meant(entry.raw)
        except events.UnknownEvent:
            log.exception("event_not_projected", position=entry.position)
            continue
        for table, row in registers.rows(event, raw, entry):
            row["district_id"] = district
            row["centre_id"] = event.centre_id
            _merge(gathered.setdefault(table, {}), table, row)
    return gathered


def write(connection: sa.Connection, gathered: Gathered) -> None:
    """Put the rows into their tables."""
    for table, rows in gathered.items():
        alike: dict[tuple[str, ...], list[Row]] = {}
        for row in rows.values():
            alike.setdefault(tuple(row), []).append(row)
        for group in alike.values():  # each key is in one group only: their order does not matter
            upsert(connection, table, group, FIRST_WINS.get(table, ()))


def _merge(rows: dict[object, Row], table: sa.Table, row: Row) -> None:
    key = _KEYS[table](row)
    old = rows.get(key)
    if old is not None:
        first = {name: old[name] for name in FIRST_WINS.get(table, ()) if old.get(name) is not None}
        row = {**old, **row, **first}
    rows[key] = row


def _meant(raw: bytes) -> tuple[Event, bytes]:
    """The event to project and its bytes: what was in quarantine, where the server released it, else the event itself.

    Raises:
        UnknownEvent: it cannot be read.
    """
    event = events.decode(raw)
    body = event.body
    return (
        (events.decode(body.raw), body.raw) if isinstance(body, events.QuarantineReleased) else (event, raw)
    )
