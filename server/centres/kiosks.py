"""How each centre's kiosk fares: how far its records have come, and what is wrong with it.

Counts and times alone, over all kiosks of a centre that are in use.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from anganwadi.wire.login import Notice
from server.centres.queries import Rows, same_centre
from server.storage.log import LOST
from server.storage.tables import centres, events, gaps, origins, quarantine

LATE_MS = 2 * 3_600_000
"""Records that have not reached the district for so long are worth a word, of a kiosk that is heard from or not."""

UNSAFE_MS = 26 * 3_600_000
"""A nightly backup, and two hours: later than this somebody must look at the backups."""

_NOTICES = frozenset(notice.value for notice in Notice)


@dataclass(kw_only=True)
class Kiosk:
    """`unreceipted_since_ms` is when the oldest event was recorded that is not here yet, as the kiosk last said;
    `unsafe_since_ms` when the oldest event came that is in no backup. `lost` events the kiosk reported lost; of
    those in quarantine, `forks` contradict what is stored."""

    last_heard_ms: int | None = None
    recorded: int = 0
    stored: int = 0
    safe: int = 0
    unreceipted_since_ms: int | None = None
    unsafe_since_ms: int | None = None
    lost: int = 0
    quarantined: int = 0
    forks: int = 0
    notices: list[str] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Events the kiosk recorded that are not here yet, as far as it has said."""
        return max(0, self.recorded - self.stored)

    def is_late(self, now_ms: int) -> bool:
        return self.unreceipted_since_ms is not None and now_ms - self.unreceipted_since_ms > LATE_MS

    def is_unsafe(self, now_ms: int) -> bool:
        return self.unsafe_since_ms is not None and now_ms - self.unsafe_since_ms > UNSAFE_MS

    def needs_attention(self, now_ms: int) -> bool:
        return bool(self.forks or self.lost or self.notices) or self.is_late(now_ms) or self.is_unsafe(now_ms)


def kiosks(connection: Connection, scope: ColumnElement[bool]) -> dict[str, Kiosk]:
    """By centre, of those that `scope` admits and that have a kiosk."""
    found: dict[str, Kiosk] = defaultdict(Kiosk)
    for row in _origins(connection, scope):
        _add_origin(found[row.centre_id], row)
    for row in _lost(connection, scope):
        found[row.centre_id].lost = row.lost
    for row in _quarantined(connection, scope):
        found[row.centre_id].quarantined, found[row.centre_id].forks = row.number, row.forks
    return dict(found)


def _origins(connection: Connection, scope: ColumnElement[bool]) -> Rows:
    """Every origin in use, with the time its first event came that is in no backup."""
    first_unsafe = and_(
        events.c.district_id == origins.c.district_id,
        events.c.origin == origins.c.origin,
        events.c.epoch == origins.c.epoch,
        events.c.sequence == origins.c.safe_through + 1,
    )
    return connection.execute(
        select(origins, events.c.received_ms.label("unsafe_ms"))
        .join(centres, same_centre(origins))
        .outerjoin(events, first_unsafe)
        .where(scope, origins.c.retired_ms.is_(None))
    ).all()


def _add_origin(kiosk: Kiosk, row: Row[*tuple[Any, ...]]) -> None:
    stored = row.stored_through
    kiosk.last_heard_ms = _latest(kiosk.last_heard_ms, row.last_heard_ms)
    kiosk.recorded += max(row.recorded or 0, stored)
    kiosk.stored += stored
    kiosk.safe += row.safe_through
    kiosk.unsafe_since_ms = _earliest(kiosk.unsafe_since_ms, row.unsafe_ms)
    if (row.recorded or 0) > stored:
        kiosk.unreceipted_since_ms = _earliest(kiosk.unreceipted_since_ms, row.unreceipted_since_ms)
    said = msgspec.json.decode(row.notices, type=list[str]) if row.notices else []
    kiosk.notices += [code for code in said if code in _NOTICES and code not in kiosk.notices]


def _lost(connection: Connection, scope: ColumnElement[bool]) -> Rows:
    """What kiosks reported lost, but for what had come all the same and waited within the gap."""
    of_kiosk = and_(
        origins.c.district_id == gaps.c.district_id,
        origins.c.origin == gaps.c.origin,
        origins.c.epoch == gaps.c.epoch,
    )
    within = and_(
        events.c.district_id == gaps.c.district_id,
        events.c.origin == gaps.c.origin,
        events.c.epoch == gaps.c.epoch,
        events.c.sequence.between(gaps.c.first_sequence, gaps.c.last_sequence),
        events.c.type == LOST,
    )
    return connection.execute(
        select(origins.c.centre_id, func.count().label("lost"))
        .select_from(gaps)
        .join(events, within)
        .join(origins, of_kiosk)
        .join(centres, same_centre(origins))
        .where(scope)
        .group_by(origins.c.centre_id)
    ).all()


def _quarantined(connection: Connection, scope: ColumnElement[bool]) -> Rows:
    """What devices proved their own and is still in quarantine."""
    of_kiosk = and_(
        origins.c.district_id == quarantine.c.district_id,
        origins.c.origin == quarantine.c.origin,
        origins.c.epoch == quarantine.c.epoch,
    )
    forks = func.count().filter(quarantine.c.alarm).label("forks")
    return connection.execute(
        select(origins.c.centre_id, func.count().label("number"), forks)
        .select_from(quarantine)
        .join(origins, of_kiosk)
        .join(centres, same_centre(origins))
        .where(scope, quarantine.c.released_ms.is_(None), quarantine.c.frame.is_not(None))
        .group_by(origins.c.centre_id)
    ).all()


def _latest(one: int | None, other: int | None) -> int | None:
    return max((ms for ms in (one, other) if ms is not None), default=None)


def _earliest(one: int | None, other: int | None) -> int | None:
    return min((ms for ms in (one, other) if ms is not None), default=None)
