"""What was not taken, kept with the reason.

Content is kept only of a device that proved it its own; of anything else a hash, and no more than `STRANGERS` of them
an origin named, so that nobody without a device's key can fill the disk.
"""

import hashlib
from uuid import uuid4

import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from server.storage import tables
from server.storage.origins import OriginState

STRANGERS = 200

quarantine = tables.quarantine


def keep(
    connection: sa.Connection,
    district: DistrictId,
    content: bytes,
    reason: str,
    now_ms: int,
    device: OriginState,
    sequence: int | None = None,
) -> None:
    """Keep a device's own frame or event; the same content is kept once."""
    if not _is_known(connection, district, content):
        _insert(connection, district, content, reason, now_ms, device.origin, device.epoch, sequence, content)


def note(
    connection: sa.Connection,
    district: DistrictId,
    content: bytes,
    reason: str,
    now_ms: int,
    claimed: Origin | None,
) -> None:
    """Note that something came which no device proved its own, on the topic of `claimed`."""
    noted = sa.select(sa.func.count()).where(
        quarantine.c.district_id == district, quarantine.c.origin == claimed, quarantine.c.frame.is_(None)
    )
    if connection.execute(noted).scalar_one() < STRANGERS and not _is_known(connection, district, content):
        _insert(connection, district, content, reason, now_ms, claimed, None, None, None)


def _is_known(connection: sa.Connection, district: DistrictId, content: bytes) -> bool:
    query = sa.select(sa.func.count()).where(
        quarantine.c.district_id == district, quarantine.c.content_hash == _hash(content)
    )
    return connection.execute(query).scalar_one() > 0


def _insert(
    connection: sa.Connection,
    district: DistrictId,
    content: bytes,
    reason: str,
    now_ms: int,
    origin: Origin | None,
    epoch: int | None,
    sequence: int | None,
    kept: bytes | None,
) -> None:
    connection.execute(
        sa.insert(quarantine).values(
            district_id=district,
            quarantine_id=str(uuid4()),
            origin=origin,
            epoch=epoch,
            sequence=sequence,
            reason=reason,
            content_hash=_hash(content),
            frame=kept,
            received_ms=now_ms,
        )
    )


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
