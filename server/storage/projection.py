"""What events mean in the registers: from entries of the log to rows of the tables that pages read.

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
from server.storage import tables
from server.storage.engine import upsert
from server.storage.log import LogEntry

PROJECTIONS = (
    tables.centre_days,
    tables.attendance,
    tables.meals,
    tables.weighings,
    tables.rations,
    tables.messages_seen,
)

FIRST_WINS: Mapping[sa.Table, frozenset[str]] = {
    tables.centre_days: frozenset({"opened_ms"}),  # opened again after closing: open since it first opened
    tables.messages_seen: frozenset({"seen_ms"}),
}

log = structlog.get_logger(__name__)

Row = dict[str, object]
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
            event = _meant(events.decode(entry.raw))
        except events.UnknownEvent:
            log.exception("event_not_projected", position=entry.position)
            continue
        placed = _row(event, entry)
        if placed is not None:
            table, row = placed
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


def _meant(event: Event) -> Event:
    """The event to project: what was in quarantine, where the server released it, else the event itself."""
    body = event.body
    return events.decode(body.raw) if isinstance(body, events.QuarantineReleased) else event


def _row(event: Event, entry: LogEntry) -> tuple[sa.Table, Row] | None:
    match event.body:
        case events.AttendanceMarked(day=day, person_id=person, present=present):
            return tables.attendance, {"day": day.isoformat(), "person_id": person, "present": present}
        case events.Weighed() as weighed:
            return tables.weighings, {**_place(event, entry), **_weighing(weighed)}
        case events.RationCollected() as ration:
            return tables.rations, {**_place(event, entry), **_ration(ration)}
        case events.RationRefused(day=day, person_id=person, reason=reason):
            refused = {"day": day.isoformat(), "person_id": person, "reason": reason}
            return tables.rations, {**_place(event, entry), **refused}
        case events.MealServed(day=day, meal=meal, count=count):
            return tables.meals, {"day": day.isoformat(), "meal": meal.value, "served": count}
        case events.CentreOpened(day=day):
            return tables.centre_days, {"day": day.isoformat(), "opened_ms": _ms(event), "closed_ms": None}
        case events.CentreClosed(day=day):
            return tables.centre_days, {"day": day.isoformat(), "closed_ms": _ms(event)}
        case events.MessageSeen(message_id=message):
            return tables.messages_seen, {"message_id": message, "seen_ms": _ms(event)}
        case _:
            return None


def _ms(event: Event) -> int:
    return round(event.at.timestamp() * 1000)


def _place(event: Event, entry: LogEntry) -> Row:
    return {
        "origin": entry.origin,
        "epoch": entry.epoch,
        "sequence": entry.sequence,
        "at_ms": _ms(event),
    }


def _weighing(weighed: events.Weighed) -> Row:
    return {
        "day": weighed.day.isoformat(),
        "person_id": weighed.person_id,
        "grams": weighed.grams,
        "source": weighed.source.value,
        "waz": weighed.waz,
        "weight_class": weighed.weight_class,
    }


def _ration(ration: events.RationCollected) -> Row:
    return {
        "day": ration.day.isoformat(),
        "person_id": ration.person_id,
        "collected_by": ration.collected_by,
        "rung": ration.rung.value,
        "reason": None if ration.reason is None else ration.reason.value,
        "score": ration.score,
        "cycle": ration.cycle,
    }
