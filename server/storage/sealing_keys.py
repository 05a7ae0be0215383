"""Which sealing keys were given out, which were deleted, and which are still needed to open what kiosks may send."""

import msgspec
import sqlalchemy as sa

from anganwadi.ids import SERVER_ORIGIN, DistrictId, Origin
from anganwadi.wire.announcement import FIRST_NUMBER
from server.storage import tables

keys = tables.sealing_keys
origins = tables.origins


class SealingKey(msgspec.Struct, frozen=True):
    """A sealing key that was given out; `deleted_ms` is set once its private half is gone."""

    number: int
    seal_key: bytes
    announced_ms: int
    deleted_ms: int | None


class Need(msgspec.Struct, frozen=True):
    """A device that may still send frames sealed to `oldest_key`; `heard` is False where it never said so itself."""

    origin: Origin
    epoch: int
    oldest_key: int
    heard: bool


def note(
    connection: sa.Connection,
    district: DistrictId,
    number: int,
    seal_key: bytes,
    announced: bytes,
    now_ms: int,
) -> None:
    """Note that a key was given out; nothing happens where that is known."""
    known = sa.select(keys.c.number).where(keys.c.district_id == district, keys.c.number == number)
    if connection.execute(known).one_or_none() is None:
        connection.execute(
            sa.insert(keys).values(
                district_id=district,
                number=number,
                seal_key=seal_key,
                announcement=announced,
                announced_ms=now_ms,
            )
        )


def mark_deleted(connection: sa.Connection, district: DistrictId, number: int, now_ms: int) -> None:
    """Note that a key's private half is gone."""
    connection.execute(
        sa.update(keys)
        .where(keys.c.district_id == district, keys.c.number == number, keys.c.deleted_ms.is_(None))
        .values(deleted_ms=now_ms)
    )


def given_out(connection: sa.Connection, district: DistrictId) -> list[SealingKey]:
    """The keys given out, the oldest first."""
    rows = connection.execute(
        sa.select(keys.c.number, keys.c.seal_key, keys.c.announced_ms, keys.c.deleted_ms)
        .where(keys.c.district_id == district)
        .order_by(keys.c.number)
    )
    return [SealingKey(*row) for row in rows]


def needs(connection: sa.Connection, district: DistrictId) -> list[Need]:
    """What every device that is not retired may still send; one never heard from was made with the first key."""
    rows = connection.execute(
        sa.select(origins.c.origin, origins.c.epoch, origins.c.oldest_key)
        .where(
            origins.c.district_id == district,
            origins.c.origin != SERVER_ORIGIN,
            origins.c.retired_ms.is_(None),
        )
        .order_by(origins.c.origin, origins.c.epoch)
    )
    return [
        Need(origin, epoch, FIRST_NUMBER if oldest is None else oldest, oldest is not None)
        for origin, epoch, oldest in rows
    ]
