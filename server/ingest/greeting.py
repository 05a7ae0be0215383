"""Whom a server greets when it comes up: every kiosk that may have something for it."""

import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from server.storage import tables


def kiosks(engine: sa.Engine, district: DistrictId) -> list[Origin]:
    """The names of the district's kiosks. The server's own origin has no centre."""
    origins = tables.origins
    query = (
        sa.select(origins.c.origin)
        .where(origins.c.district_id == district, origins.c.centre_id.is_not(None))
        .distinct()
    )
    with engine.connect() as connection:
        return [Origin(name) for name in connection.execute(query).scalars()]
