"""What was not taken, kept with the reason.

A row with a `sequence` is one event, whose place the log keeps; one without is a whole frame or letter. Content is kept
only of a device that proved it its own, and of frames no more than `DEVICE_FRAMES` of each; of anything else a hash,
and no more than `STRANGERS` of them an origin named, so that nobody can fill the disk.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from uuid import uuid4

import msgspec
import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin, PersonId
from anganwadi.wire import chain
from server.storage import tables
from server.storage.origins import OriginState

STRANGERS = 200
DEVICE_FRAMES = 2000

BLOCKING = "cannot be taken"
"""How the reason begins of a frame that its device signed, but that cannot be opened, read or stored: its chain would
end there."""

quarantine = tables.quarantine


class Doubted(msgspec.Struct, frozen=True):
    """An event that is not taken for true; `person_id` is whom it is about, where it says so. Without `content` only
    that it came is kept."""

    sequence: int
    raw: bytes
    reason: str
    person_id: PersonId | None
    content: bool = True


class Kept(msgspec.Struct, frozen=True):
    """A row of the quarantine. `content` is an event's bytes if there is a `sequence`, else a frame or a letter; None
    where nothing was kept, or not any more."""

    quarantine_id: str
    origin: Origin | None
    epoch: int | None
    sequence: int | None
    reason: str
    content: bytes | None
    received_ms: int
    alarm: bool
    released_ms: int | None


class Count(msgspec.Struct, frozen=True):
    """How many rows of one reason there are, and how many of them were released."""

    reason: str
    alarm: bool
    rows: int
    released: int


def keep(
    connection: sa.Connection,
    district: DistrictId,
    content: bytes,
    reason: str,
    now_ms: int,
    device: OriginState,
    *,
    alarm: bool = False,
) -> bool:
    """Keep a device's own frame or letter; the same content is kept once. Whether it is new here."""
    if _is_known(connection, district, content, proven=True):
        return False
    kept = content if _frames_of(connection, district, device.origin) < DEVICE_FRAMES else None
    _insert(connection, district, content, reason, now_ms, device.origin, device.epoch, kept, alarm=alarm)
    return True


def keep_events(
    connection: sa.Connection,
    district: DistrictId,
    doubted: Sequence[Doubted],
    now_ms: int,
    device: OriginState,
) -> None:
    """Keep events of a device's chain; of those about somebody who was erased only that they came."""
    if not doubted:
        return
    gone = _erased(connection, district, {each.person_id for each in doubted if each.person_id is not None})
    connection.execute(
        sa.insert(quarantine),
        [
            {
                "district_id": district,
                "quarantine_id": str(uuid4()),
                "origin": device.origin,
                "epoch": device.epoch,
                "sequence": each.sequence,
                "reason": each.reason,
                "content_hash": chain.event_hash(each.raw),
                "frame": each.raw if each.content and each.person_id not in gone else None,
                "received_ms": now_ms,
                "person_id": each.person_id,
                "alarm": False,
            }
            for each in doubted
        ],
    )


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
        quarantine.c.district_id == district, quarantine.c.origin == claimed, quarantine.c.epoch.is_(None)
    )
    if connection.execute(noted).scalar_one() < STRANGERS and not _is_known(connection, district, content):
        _insert(connection, district, content, reason, now_ms, claimed, None, None)


def unreleased_frames(connection: sa.Connection, district: DistrictId) -> Iterator[bytes]:
    """Whole frames and letters that were kept and not released, one at a time."""
    query = sa.select(quarantine.c.frame).where(
        quarantine.c.district_id == district,
        quarantine.c.sequence.is_(None),
        quarantine.c.frame.is_not(None),
        quarantine.c.released_ms.is_(None),
    )
    yield from connection.execute(query.execution_options(yield_per=100)).scalars()


def unopened(connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int) -> list[bytes]:
    """The frames of a device that nobody could open."""
    query = sa.select(quarantine.c.frame).where(
        quarantine.c.district_id == district,
        quarantine.c.origin == origin,
        quarantine.c.epoch == epoch,
        quarantine.c.sequence.is_(None),
        quarantine.c.frame.is_not(None),
        quarantine.c.reason.startswith(BLOCKING),
    )
    return list(connection.execute(query).scalars())


def counts(connection: sa.Connection, district: DistrictId) -> list[Count]:
    """How much lies here by reason: alarms first, then the most frequent."""
    rows = sa.func.count()
    query = (
        sa.select(quarantine.c.reason, quarantine.c.alarm, rows, sa.func.count(quarantine.c.released_ms))
        .where(quarantine.c.district_id == district)
        .group_by(quarantine.c.reason, quarantine.c.alarm)
        .order_by(quarantine.c.alarm.desc(), rows.desc(), quarantine.c.reason)
    )
    return [Count(*row) for row in connection.execute(query)]


def alarms(connection: sa.Connection, district: DistrictId) -> int:
    """How many alarms nobody has dealt with."""
    query = sa.select(sa.func.count()).where(
        quarantine.c.district_id == district, quarantine.c.alarm, quarantine.c.released_ms.is_(None)
    )
    return connection.execute(query).scalar_one()


def latest(connection: sa.Connection, district: DistrictId, limit: int) -> list[Kept]:
    """The newest rows that were not released, alarms first."""
    query = (
        _KEPT.where(quarantine.c.district_id == district, quarantine.c.released_ms.is_(None))
        .order_by(quarantine.c.alarm.desc(), quarantine.c.received_ms.desc(), quarantine.c.quarantine_id)
        .limit(limit)
    )
    return [Kept(*row) for row in connection.execute(query)]


def find(connection: sa.Connection, district: DistrictId, quarantine_id: str) -> Kept | None:
    query = _KEPT.where(quarantine.c.district_id == district, quarantine.c.quarantine_id == quarantine_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Kept(*row)


def is_released(connection: sa.Connection, district: DistrictId, raw: bytes) -> bool:
    """Whether this event was released before, by itself or with a frame it came in."""
    query = sa.select(sa.func.count()).where(
        quarantine.c.district_id == district,
        quarantine.c.content_hash == chain.event_hash(raw),
        quarantine.c.sequence.is_not(None),
        quarantine.c.released_ms.is_not(None),
    )
    return connection.execute(query).scalar_one() > 0


def mark_released(connection: sa.Connection, district: DistrictId, row: Kept, now_ms: int) -> None:
    """Note that a row was dealt with. An event's content is taken away: it lies in the log now, or in the vault."""
    changed: dict[str, object] = {"released_ms": now_ms}
    if row.sequence is not None:
        changed["frame"] = None
    connection.execute(
        sa.update(quarantine)
        .where(quarantine.c.district_id == district, quarantine.c.quarantine_id == row.quarantine_id)
        .values(**changed)
    )


def note_released(
    connection: sa.Connection, district: DistrictId, frame: Kept, sequence: int, raw: bytes, now_ms: int
) -> None:
    """Note that an event was released out of a quarantined frame, so that it never is again."""
    connection.execute(
        sa.insert(quarantine).values(
            district_id=district,
            quarantine_id=str(uuid4()),
            origin=frame.origin,
            epoch=frame.epoch,
            sequence=sequence,
            reason=frame.reason,
            content_hash=chain.event_hash(raw),
            received_ms=frame.received_ms,
            released_ms=now_ms,
            alarm=False,
        )
    )


_KEPT = sa.select(
    quarantine.c.quarantine_id,
    quarantine.c.origin,
    quarantine.c.epoch,
    quarantine.c.sequence,
    quarantine.c.reason,
    quarantine.c.frame,
    quarantine.c.received_ms,
    quarantine.c.alarm,
    quarantine.c.released_ms,
)


def _is_known(
    connection: sa.Connection, district: DistrictId, content: bytes, *, proven: bool = False
) -> bool:
    """Whether this very content lies here; if `proven`, as some device's own."""
    query = sa.select(sa.func.count()).where(
        quarantine.c.district_id == district, quarantine.c.content_hash == _hash(content)
    )
    if proven:
        query = query.where(quarantine.c.epoch.is_not(None))
    return connection.execute(query).scalar_one() > 0


def _erased(connection: sa.Connection, district: DistrictId, people: Collection[PersonId]) -> set[PersonId]:
    """Who of these people, a frame's at most, was erased."""
    erased = tables.erased.c
    query = sa.select(erased.person_id).where(erased.district_id == district, erased.person_id.in_(people))
    return set(connection.execute(query).scalars()) if people else set()


def _frames_of(connection: sa.Connection, district: DistrictId, origin: Origin) -> int:
    query = sa.select(sa.func.count()).where(
        quarantine.c.district_id == district,
        quarantine.c.origin == origin,
        quarantine.c.sequence.is_(None),
        quarantine.c.frame.is_not(None),
    )
    return connection.execute(query).scalar_one()


def _insert(
    connection: sa.Connection,
    district: DistrictId,
    content: bytes,
    reason: str,
    now_ms: int,
    origin: Origin | None,
    epoch: int | None,
    kept: bytes | None,
    *,
    alarm: bool = False,
) -> None:
    connection.execute(
        sa.insert(quarantine).values(
            district_id=district,
            quarantine_id=str(uuid4()),
            origin=origin,
            epoch=epoch,
            reason=reason,
            content_hash=_hash(content),
            frame=kept,
            received_ms=now_ms,
            alarm=alarm,
        )
    )


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
