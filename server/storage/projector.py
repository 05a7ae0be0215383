"""The projector of registers: follows the log with a cursor of its own and keeps the tables pages read.

Every step is one transaction with its cursor, so that a crash repeats nothing and skips nothing; the tables can be
thrown away and made again from the log (`server.storage.rebuild`).
"""

import threading
import time

import msgspec
import sqlalchemy as sa
import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from anganwadi.ids import DistrictId
from server.storage import log as event_log
from server.storage import projection, tables
from server.storage.engine import upsert, writing
from server.storage.projection import PROJECTIONS

__all__ = ["BATCH", "NAME", "PROJECTIONS", "Lag", "Projector", "cursor", "lag", "set_cursor", "step"]

NAME = "registers"
BATCH = 2000
_TICK_S = 0.25

LAG = Gauge("aangan_projector_lag_events", "Events stored but not yet in the registers")
LAG_SECONDS = Gauge(
    "aangan_projector_lag_seconds", "Age of the oldest event stored but not yet in the registers"
)
log = structlog.get_logger(__name__)


class Lag(msgspec.Struct, frozen=True):
    """How far the registers are behind the log: events, and the age of the oldest of them in seconds."""

    events: int
    seconds: float


def step(engine: sa.Engine, district: DistrictId) -> int:
    """Project the next events, at most `BATCH`. Returns how many there were.

    They are read and understood before the write lock is taken; whoever else projected meanwhile has done the work.
    """
    with engine.connect() as connection, connection.begin():
        start = cursor(connection, district)
        entries = event_log.after(connection, district, start, BATCH)
        if not entries:
            _measure(connection, district)
            return 0
    gathered = projection.gather(district, entries)
    with writing(engine) as connection:
        if cursor(connection, district, locked=True) == start:
            projection.write(connection, gathered)
            set_cursor(connection, district, entries[-1].position)
        _measure(connection, district)
    return len(entries)


def cursor(connection: sa.Connection, district: DistrictId, *, locked: bool = False) -> int:
    """The position up to which events are projected; `locked` keeps other projectors from moving it on."""
    query = sa.select(tables.cursors.c.position).where(
        tables.cursors.c.district_id == district, tables.cursors.c.projector == NAME
    )
    if locked:
        query = query.with_for_update()
    return connection.execute(query).scalar_one_or_none() or 0


def set_cursor(connection: sa.Connection, district: DistrictId, position: int) -> None:
    upsert(
        connection,
        tables.cursors,
        [{"district_id": district, "projector": NAME, "position": position}],
    )


def lag(connection: sa.Connection, district: DistrictId, now_ms: int) -> Lag:
    """How far the registers are behind, seen at `now_ms`."""
    at = cursor(connection, district)
    behind = event_log.last_position(connection, district) - at
    oldest_ms = event_log.oldest_after(connection, district, at) if behind > 0 else None
    return Lag(0, 0.0) if oldest_ms is None else Lag(behind, max(0.0, (now_ms - oldest_ms) / 1000))


def _measure(connection: sa.Connection, district: DistrictId) -> None:
    now = lag(connection, district, time.time_ns() // 1_000_000)
    LAG.set(now.events)
    LAG_SECONDS.set(now.seconds)


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
                self._measure_anyway()
                self._stopping.wait(1.0)
            self._wake.wait(_TICK_S)
            self._wake.clear()

    def _measure_anyway(self) -> None:
        """Who watches the lag must see that it grows."""
        try:
            with self._engine.connect() as connection:
                _measure(connection, self._district)
        except SQLAlchemyError:
            log.exception("projector_lag_unknown")
