"""Frames that came ahead of a gap: committed as they came, opened when what is missing before them has come.

Their number and size are bounded a device, so that one with a hole in its chain cannot fill the disk.
"""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire.receipt import MAX_HELD
from server.storage import tables

MAX_FRAMES, MAX_BYTES = 400, 4 << 20
"""What may wait of one device."""

waiting = tables.waiting


class Waiting(msgspec.Struct, frozen=True):
    """A waiting frame's place and size."""

    first: int
    last: int
    size: int


def of(
    connection: sa.Connection, district: DistrictId, names: Collection[Origin]
) -> dict[tuple[Origin, int], list[Waiting]]:
    """What waits of these devices, by origin and epoch, in the order of their places."""
    query = (
        sa.select(
            waiting.c.origin,
            waiting.c.epoch,
            waiting.c.first_sequence,
            waiting.c.last_sequence,
            sa.func.length(waiting.c.frame),
        )
        .where(waiting.c.district_id == district, waiting.c.origin.in_(sorted(names)))
        .order_by(waiting.c.origin, waiting.c.epoch, waiting.c.first_sequence)
    )
    found: dict[tuple[Origin, int], list[Waiting]] = {}
    for origin, epoch, first, last, size in connection.execute(query):
        found.setdefault((origin, epoch), []).append(Waiting(first, last, size))
    return found


def keep(
    connection: sa.Connection,
    district: DistrictId,
    origin: Origin,
    epoch: int,
    place: Waiting,
    frame: bytes,
    now_ms: int,
) -> None:
    """Keep a frame, in the stead of whichever waits at the same first place."""
    forget(connection, district, origin, epoch, place.first)
    connection.execute(
        sa.insert(waiting).values(
            district_id=district,
            origin=origin,
            epoch=epoch,
            first_sequence=place.first,
            last_sequence=place.last,
            frame=frame,
            received_ms=now_ms,
        )
    )


def frame_at(
    connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int, first: int
) -> bytes:
    """The frame that waits at this first place."""
    return connection.execute(
        sa.select(waiting.c.frame).where(*_at(district, origin, epoch, first))
    ).scalar_one()


def forget(connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int, first: int) -> None:
    connection.execute(sa.delete(waiting).where(*_at(district, origin, epoch, first)))


def ready(connection: sa.Connection, district: DistrictId) -> set[Origin]:
    """Devices of which a frame waits whose turn has come: what a crash left half way."""
    origins = tables.origins
    query = (
        sa.select(waiting.c.origin)
        .distinct()
        .join(
            origins,
            sa.and_(
                origins.c.district_id == waiting.c.district_id,
                origins.c.origin == waiting.c.origin,
                origins.c.epoch == waiting.c.epoch,
            ),
        )
        .where(waiting.c.district_id == district, origins.c.retired_ms.is_(None))
        .where(waiting.c.first_sequence <= origins.c.stored_through + 1)
    )
    return set(connection.execute(query).scalars())


def count(connection: sa.Connection, district: DistrictId) -> int:
    query = sa.select(sa.func.count()).select_from(waiting).where(waiting.c.district_id == district)
    return connection.execute(query).scalar_one()


def held(places: Sequence[Waiting], stored_through: int) -> list[tuple[int, int]]:
    """The ranges of sequences that wait beyond `stored_through`, merged: the lowest, as many as a receipt can tell."""
    merged: list[tuple[int, int]] = []
    for place in sorted(places, key=lambda each: each.first):
        first, last = max(place.first, stored_through + 1), place.last
        if last < first:
            continue
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged[:MAX_HELD]


def _at(district: DistrictId, origin: Origin, epoch: int, first: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        waiting.c.district_id == district,
        waiting.c.origin == origin,
        waiting.c.epoch == epoch,
        waiting.c.first_sequence == first,
    )
