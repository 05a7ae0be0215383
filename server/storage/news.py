"""News for kiosks: whoever changes what a centre's kiosks should know says so in the same transaction, and the desk
of the running server, in this process or another, sees it within a second."""

from collections.abc import Iterable

import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId
from server.storage import tables

centres = tables.centres


def tell(connection: sa.Connection, district: DistrictId, centre: CentreId | None) -> None:
    """Say that there is something new for the kiosks of `centre`; None for those of every centre."""
    here = centres.c.district_id == district
    connection.execute(
        sa.update(centres)
        .where(here if centre is None else here & (centres.c.centre_id == centre))
        .values(roster_version=centres.c.roster_version + 1)
    )


class News:
    """What changed since it was last asked for. For one thread."""

    def __init__(self, district: DistrictId) -> None:
        self._district = district
        self._sum: int | None = None
        self._seen: dict[str, int] = {}

    def since_last(self, connection: sa.Connection) -> list[CentreId]:
        """The centres with news since the last call; none at the first."""
        here = centres.c.district_id == self._district
        total = connection.execute(
            sa.select(sa.func.coalesce(sa.func.sum(centres.c.roster_version), 0)).where(here)
        ).scalar_one()
        if total == self._sum:
            return []
        rows = connection.execute(sa.select(centres.c.centre_id, centres.c.roster_version).where(here)).all()
        changed = [] if self._sum is None else list(self._differing((row[0], row[1]) for row in rows))
        self._sum, self._seen = total, {row[0]: row[1] for row in rows}
        return changed

    def _differing(self, now: Iterable[tuple[str, int]]) -> Iterable[CentreId]:
        return (CentreId(centre) for centre, version in now if self._seen.get(centre) != version)
