"""The event log: append-only, the truth from which everything else is made.

Keyed (district, origin, epoch, sequence); `position` is the order of arrival, which projectors follow. Appends are one
at a time, by `lock`: on SQLite the writing transaction is that lock already, on PostgreSQL it is taken here, since a
position that is committed after a later one would be skipped by whoever follows.
"""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from server.storage import bulk, tables

QUARANTINED = "quarantined"
"""The type under which the log keeps the place of an event that is in quarantine."""

LOST = "lost"
"""The type under which the log keeps the place of an event that its kiosk recorded and lost."""

NO_HASH = bytes(32)
"""Stands for the hash of an event whose bytes the server never saw."""

_LOCK = 0x61616E67616E
"""The number of PostgreSQL's advisory lock; any will do, if it is always the same."""

events = tables.events


class LogRow(msgspec.Struct, frozen=True):
    """An event to append. `raw` is None where its content went elsewhere: to the vault, or into quarantine."""

    sequence: int
    event_hash: bytes
    type: str
    raw: bytes | None


class NewRows:
    """Events of many origins to append, in order; column by column, since an object a row would cost more than the
    row does."""

    def __init__(self) -> None:
        self.origins: list[Origin] = []
        self.epochs: list[int] = []
        self.sequences: list[int] = []
        self.hashes: list[bytes] = []
        self.types: list[str] = []
        self.raws: list[bytes | None] = []

    def __len__(self) -> int:
        return len(self.sequences)

    def add(
        self,
        origin: Origin,
        epoch: int,
        first: int,
        hashes: Sequence[bytes],
        types: Sequence[str],
        raws: Sequence[bytes | None],
    ) -> None:
        """Put behind the others the events of one origin from sequence `first` on."""
        count = len(hashes)
        self.origins += [origin] * count
        self.epochs += [epoch] * count
        self.sequences += range(first, first + count)
        self.hashes += hashes
        self.types += types
        self.raws += raws


class LogEntry(msgspec.Struct, frozen=True):
    """An event as projectors read it."""

    position: int
    origin: Origin
    epoch: int
    sequence: int
    type: str
    raw: bytes | None


def lock(connection: sa.Connection) -> None:
    """Let nobody else append until this transaction ends. To be taken before one reads how far a chain is stored."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def append(
    connection: sa.Connection,
    district: DistrictId,
    origin: Origin,
    epoch: int,
    rows: Sequence[LogRow],
    received_ms: int,
) -> None:
    """Append events of one origin, one after the other. The caller holds the `lock` and has checked the chain."""
    new = NewRows()
    for row in rows:
        new.add(origin, epoch, row.sequence, [row.event_hash], [row.type], [row.raw])
    append_all(connection, district, new, received_ms)


def append_all(connection: sa.Connection, district: DistrictId, rows: NewRows, received_ms: int) -> None:
    """Append events of many origins in as few statements as the database takes; as `append`.

    Raises:
        sqlalchemy.exc.OperationalError: the database failed.
        sqlalchemy.exc.IntegrityError: a place is taken.
    """
    count = len(rows)
    if not count:
        return
    position = (
        1 + connection.execute(sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0))).scalar_one()
    )
    bulk.insert(
        connection,
        events,
        {
            "district_id": [district] * count,
            "origin": rows.origins,
            "epoch": rows.epochs,
            "sequence": rows.sequences,
            "position": range(position, position + count),
            "event_hash": rows.hashes,
            "type": rows.types,
            "raw": rows.raws,
            "received_ms": [received_ms] * count,
        },
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
        .where(_in_order_of_arrival(district), events.c.position > position)
        .order_by(events.c.position)
        .limit(limit)
    )
    return [LogEntry(*row) for row in connection.execute(query).all()]


def last_position(connection: sa.Connection, district: DistrictId) -> int:
    query = (
        sa.select(events.c.position)
        .where(_in_order_of_arrival(district))
        .order_by(events.c.position.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or 0


def oldest_after(connection: sa.Connection, district: DistrictId, position: int) -> int | None:
    """When the first event after `position` was received, in milliseconds since 1970; None where there is none."""
    query = (
        sa.select(events.c.received_ms)
        .where(_in_order_of_arrival(district), events.c.position > position)
        .order_by(events.c.position)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _in_order_of_arrival(district: DistrictId) -> sa.ColumnElement[bool]:
    """The district's events, said so that no planner takes the key's index and sorts millions of rows: the positions'
    index is the one to walk."""
    return sa.func.coalesce(events.c.district_id, "") == district


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


def marks(
    connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int, first: int, last: int
) -> dict[int, tuple[bytes, str]]:
    """The hash and type of the events stored at these sequences."""
    query = (
        sa.select(events.c.sequence, events.c.event_hash, events.c.type)
        .where(events.c.district_id == district, events.c.origin == origin, events.c.epoch == epoch)
        .where(events.c.sequence.between(first, last))
    )
    return {sequence: (hashed, kind) for sequence, hashed, kind in connection.execute(query)}
