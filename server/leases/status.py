"""What a kiosk last said of itself, as the district's pages show it and the sealing keys are kept by it."""

import msgspec
import sqlalchemy as sa

from anganwadi.wire.login import KioskStatus
from server.storage import tables
from server.storage.origins import OriginState

origins = tables.origins


def keep(connection: sa.Connection, device: OriginState, status: KioskStatus, now_ms: int) -> None:
    """Note that the kiosk was heard, and what it said."""
    connection.execute(
        sa.update(origins)
        .where(
            origins.c.district_id == device.district,
            origins.c.origin == device.origin,
            origins.c.epoch == device.epoch,
        )
        .values(
            last_heard_ms=now_ms,
            recorded=status.recorded,
            unreceipted_since_ms=status.unreceipted_since_ms,
            unsafe_since_ms=status.unsafe_since_ms,
            sealing_key=status.sealing_key,
            oldest_key=status.oldest_key,
            notices=msgspec.json.encode(status.notices).decode(),
        )
    )
