"""The event log: append-only, the truth from which everything else is made.

Keyed (district, origin, epoch, sequence); `position` is the order of arrival, which projectors follow.
"""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from server.storage import tables

events = tables.events


class LogRow(msgspec.Struct, frozen=True):
    """An event to append. `raw` is None where its content went elsewhere: to the vault, or into quarantine."""

    sequence: int
    event_hash: bytes
    type: str
    raw: bytes | None


class LogEntry(msgspec.Struct, frozen=True):
    """An event as projectors read it."""

    position: int
    origin: Origin
    epoch: int
    sequence: int
    type: str
    raw: bytes | None


def append(
    connection: sa.Connection,
    district: DistrictId,
    origin: Origin,
    epoch: int,
    rows: Sequence[LogRow],
    received_ms: int,
) -> None:
    """Append events of one origin. The caller holds a writing transaction and has checked the chain."""
    position = connection.execute(sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0))).scalar_one()
    connection.execute(
        sa.insert(events),
        [
            {
                "district_id": district,
                "origin": origin,
                "epoch": epoch,
                "sequence": row.sequence,
                "position": position + n,
                "event_hash": row.event_hash,
                "type": row.type,
                "raw": row.raw,
                "received_ms": received_ms,
            }
            for n, row in enumerate(rows, start=1)
        ],
    )


def hashes(
    connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int, first: int, last: int
) -> list[bytes]:
    """The hashes stored for these sequences, in order."""
    query = (
        sa.select(events.c.event_hash)
        .where(events.c.district_id == district, events.c.origin == origin, events.c.epoch == epoch)
        .where(events.c.sequence.between(first, last))
        .order_by(events.c.sequence)
    )
    return list(connection.execute(query).scalars())


def after(connection: sa.Connection, district: DistrictId, position: int, limit: int) -> list[LogEntry]:
    """Events that arrived after `position`, in order of arrival."""
    query = (
        sa.select(
            events.c.position, events.c.origin, events.c.epoch, events.c.sequence, events.c.type, events.c.raw
        )
        .where(events.c.district_id == district, events.c.position > position)
        .order_by(events.c.position)
        .limit(limit)
    )
    return [LogEntry(*row) for row in connection.execute(query)]


def last_position(connection: sa.Connection, district: DistrictId) -> int:
    query = sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0)).where(
        events.c.district_id == district
    )
    return connection.execute(query).scalar_one()


def counts(connection: sa.Connection, district: DistrictId) -> dict[str, int]:
    """Stored events by type."""
    query = (
        sa.select(events.c.type, sa.func.count())
        .where(events.c.district_id == district)
        .group_by(events.c.type)
    )
    return dict(connection.execute(query).all())


def sequences(connection: sa.Connection, district: DistrictId) -> dict[str, list[tuple[int, str]]]:
    """Every stored (sequence, type) by origin, in order of arrival."""
    query = (
        sa.select(events.c.origin, events.c.sequence, events.c.type)
        .where(events.c.district_id == district)
        .order_by(events.c.position)
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for origin, sequence, kind in connection.execute(query):
        found.setdefault(origin, []).append((sequence, kind))
    return found
