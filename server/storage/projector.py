"""The projector of registers: follows the log with a cursor of its own and keeps the tables pages read.

Every step is one transaction with its cursor, so that a crash repeats nothing and skips nothing; the tables can be
thrown away and made again from the log.
"""

import threading
from collections.abc import Iterable

import sqlalchemy as sa
import structlog
from prometheus_client import Gauge

from anganwadi import events
from anganwadi.ids import DistrictId
from server.storage import log as event_log
from server.storage import tables
from server.storage.engine import upsert, writing
from server.storage.log import LogEntry

NAME = "registers"
BATCH = 2000
PROJECTIONS = (tables.centre_days, tables.attendance, tables.meals, tables.weighings, tables.rations)
FIRST_WINS = ("opened_ms",)
"""A centre opened again after closing has been open since it first opened."""
_TICK_S = 0.25

LAG = Gauge("aangan_projector_lag_events", "Events stored but not yet in the registers")
log = structlog.get_logger(__name__)

Row = dict[str, object]


def step(engine: sa.Engine, district: DistrictId) -> int:
    """Project the next events, at most `BATCH`. Returns how many there were."""
    with writing(engine) as connection:
        cursor = _cursor(connection, district)
        entries = event_log.after(connection, district, cursor, BATCH)
        if entries:
            project(connection, district, entries)
            upsert(
                connection,
                tables.cursors,
                [{"district_id": district, "projector": NAME, "position": entries[-1].position}],
            )
        LAG.set(event_log.last_position(connection, district) - (entries[-1].position if entries else cursor))
    return len(entries)


def project(connection: sa.Connection, district: DistrictId, entries: Iterable[LogEntry]) -> None:
    """Write what these events mean into the registers."""
    gathered: dict[sa.Table, list[Row]] = {}
    for entry in entries:
        if entry.raw is None:
            continue
        try:
            event = events.decode(entry.raw)
        except events.UnknownEvent:
            # The next ones must not wait for it.
            log.exception("event_not_projected", position=entry.position)
            continue
        for table, row in _rows(event, entry):
            waiting = gathered.setdefault(table, [])
            if waiting and waiting[0].keys() - {"district_id", "centre_id"} != row.keys():
                # Rows of one statement have one set of columns; their order is kept.
                upsert(connection, table, waiting, FIRST_WINS)
                waiting.clear()
            waiting.append({"district_id": district, "centre_id": event.centre_id, **row})
    for table, waiting in gathered.items():
        upsert(connection, table, waiting, FIRST_WINS)


def _cursor(connection: sa.Connection, district: DistrictId) -> int:
    query = sa.select(tables.cursors.c.position).where(
        tables.cursors.c.district_id == district, tables.cursors.c.projector == NAME
    )
    return connection.execute(query).scalar_one_or_none() or 0


def _rows(event: events.Event, entry: LogEntry) -> list[tuple[sa.Table, Row]]:
    at_ms = round(event.at.timestamp() * 1000)
    key: Row = {"origin": entry.origin, "epoch": entry.epoch, "sequence": entry.sequence, "at_ms": at_ms}
    match event.body:
        case events.CentreOpened(day=day):
            return [(tables.centre_days, {"day": day.isoformat(), "opened_ms": at_ms, "closed_ms": None})]
        case events.CentreClosed(day=day):
            return [(tables.centre_days, {"day": day.isoformat(), "closed_ms": at_ms})]
        case events.AttendanceMarked(day=day, person_id=person, present=present):
            return [(tables.attendance, {"day": day.isoformat(), "person_id": person, "present": present})]
        case events.MealServed(day=day, meal=meal, count=count):
            return [(tables.meals, {"day": day.isoformat(), "meal": meal.value, "served": count})]
        case events.Weighed() as weighed:
            return [(tables.weighings, {**key, **_weighing(weighed)})]
        case events.RationCollected() as ration:
            return [(tables.rations, {**key, **_ration(ration)})]
        case events.RationRefused(day=day, person_id=person, reason=reason):
            return [(tables.rations, {**key, "day": day.isoformat(), "person_id": person, "reason": reason})]
        case _:
            return []


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


class Projector:
    """Runs `step` on a thread of its own, at once when woken, else four times a second."""

    def __init__(self, engine: sa.Engine, district: DistrictId) -> None:
        self._engine = engine
        self._district = district
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while step(self._engine, self._district) == BATCH:
                    pass
            except Exception:  # the registers must follow again once what failed is mended
                log.exception("projector_step_failed")
                self._stopping.wait(1.0)
            self._wake.wait(_TICK_S)
            self._wake.clear()
