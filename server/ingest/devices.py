"""The devices of a district as the database knows them, and as many of them remembered as speak at once."""

import threading

import sqlalchemy as sa

from anganwadi.ids import DistrictId, Origin
from server.ingest.opening import Device, NotADevice
from server.ingest.reasons import Reason
from server.storage import origins
from server.storage.origins import OriginState

MOST_DEVICES = 50_000
"""Devices remembered, at most."""


class KnownDevices:
    """`Devices` out of the database. All of them are read at first, since they all come when a server starts."""

    def __init__(self, engine: sa.Engine, district: DistrictId) -> None:
        self._engine = engine
        self._district = district
        self._known: dict[tuple[Origin, int], Device] | None = None
        self._news: list[Device] = []
        self._lock = threading.Lock()

    def remembered(self, origin: Origin, epoch: int) -> Device | None:
        """As `Devices.remembered`.

        Raises:
            sqlalchemy.exc.OperationalError: the database failed.
        """
        return self._remembered().get((origin, epoch))

    def look_up(self, origin: Origin, epoch: int | None) -> Device:
        """As `Devices.look_up`.

        Raises:
            NotADevice: there is none.
            sqlalchemy.exc.OperationalError: the database failed.
        """
        with self._engine.connect() as connection:
            state = (
                origins.current(connection, self._district, origin)
                if epoch is None
                else origins.find(connection, self._district, origin, epoch)
            )
        if state is None:
            raise NotADevice(Reason.NOT_ENROLLED)
        found = device(state)
        remembered = self._remembered()
        with self._lock:
            if remembered.get((found.origin, found.epoch)) != found:
                if len(remembered) >= MOST_DEVICES:
                    remembered.clear()
                remembered[found.origin, found.epoch] = found
                self._news.append(found)
        return found

    def everybody(self) -> list[Device]:
        """All that are remembered; none of them is news any more.

        Raises:
            sqlalchemy.exc.OperationalError: the database failed.
        """
        remembered = self._remembered()
        with self._lock:
            self._news = []
            return list(remembered.values())

    def news(self) -> list[Device]:
        """Those found, or found changed, since this was asked last."""
        with self._lock:
            news, self._news = self._news, []
            return news

    def _remembered(self) -> dict[tuple[Origin, int], Device]:
        with self._lock:
            if self._known is None:
                with self._engine.connect() as connection:
                    found = origins.heard_last(connection, self._district, MOST_DEVICES)
                self._known = {(each.origin, each.epoch): device(each) for each in found}
            return self._known


def device(state: OriginState) -> Device:
    """What opening must know of this origin.

    Raises:
        NotADevice: it is the server itself.
    """
    if state.centre_id is None:
        raise NotADevice(Reason.OUR_OWN)
    return Device(state.origin, state.epoch, state.centre_id, state.keys.verify)
