"""Ranges of events that their kiosk recorded and lost, with its own signed word for it."""

import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire.gap import GapReason
from server.storage import tables

MOST_LOST = 100_000
"""Events one device may report lost in one epoch, more than a centre records in a year: each takes a row of the log."""

gaps = tables.gaps


def lost_of(connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int) -> int:
    """How many events the device has reported lost in this epoch."""
    query = sa.select(
        sa.func.coalesce(sa.func.sum(gaps.c.last_sequence - gaps.c.first_sequence + 1), 0)
    ).where(gaps.c.district_id == district, gaps.c.origin == origin, gaps.c.epoch == epoch)
    return int(connection.execute(query).scalar_one())


def keep(
    connection: sa.Connection,
    district: DistrictId,
    origin: Origin,
    epoch: int,
    places: tuple[int, int],
    reason: GapReason,
    letter: bytes,
    now_ms: int,
) -> None:
    """Note that the events of these `places`, first and last, are lost; `letter` is the kiosk's, as it came."""
    first, last = places
    connection.execute(
        sa.insert(gaps).values(
            district_id=district,
            origin=origin,
            epoch=epoch,
            first_sequence=first,
            last_sequence=last,
            reason=reason.value,
            record=letter,
            received_ms=now_ms,
        )
    )
