"""Letting a worker in: how often a kiosk may ask, whether the PIN is right, and the lease that answers it."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire.login import LeaseGranted, LeaseRefused, LoginRequest
from server.leases import pins
from server.storage import tables
from server.storage.origins import OriginState

REMEMBERED_NONCES = 10_000
"""How many log-ins back a repeated one is recognised, so that a letter sent again does not spend tries."""

ASKED_A_MINUTE = 30
"""Log-ins one kiosk may ask for in a minute; each costs the server a slow hash."""

log = structlog.get_logger(__name__)


class Granting:
    """Decides log-ins of one district. For one thread."""

    def __init__(
        self, engine: sa.Engine, district: DistrictId, lease_for: timedelta, grace_for: timedelta
    ) -> None:
        self._engine = engine
        self._district = district
        self._lease_for = lease_for
        self._grace_for = grace_for
        self._asked: dict[Origin, deque[float]] = {}
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def decide(
        self, device: OriginState, request: LoginRequest, newest_roster: Callable[[], int]
    ) -> LeaseGranted | LeaseRefused | None:
        """The answer to a log-in; None where none is owed: the letter came again, came too often, or not from a kiosk.

        `newest_roster` gives the version of the kiosk's newest roster; it is asked only for a right PIN.
        """
        if request.nonce in self._seen or device.centre_id is None or device.data_key is None:
            return None
        if not self._may_ask(device.origin):
            log.warning("log_in_too_often", origin=device.origin)
            return None
        self._seen[request.nonce] = None
        if len(self._seen) > REMEMBERED_NONCES:
            self._seen.popitem(last=False)
        return self._check(device, request, device.centre_id, device.data_key, newest_roster)

    def _check(
        self,
        device: OriginState,
        request: LoginRequest,
        centre: CentreId,
        data_key: bytes,
        newest_roster: Callable[[], int],
    ) -> LeaseGranted | LeaseRefused:
        now = datetime.now(UTC)
        try:
            worker = pins.check(self._engine, self._district, centre, request.post, request.pin, now)
        except pins.PinRefused as refused:
            log.info("log_in_refused", origin=device.origin, reason=refused.reason)
            return LeaseRefused(request.nonce, refused.reason, refused.tries_left, refused.locked_until)
        with self._engine.connect() as connection:
            names = _centre_names(connection, self._district, centre)
        log.info("log_in_granted", origin=device.origin)
        return LeaseGranted(
            nonce=request.nonce,
            data_key=data_key,
            worker=worker,
            centre_id=centre,
            centre_names=names,
            expires=now + self._lease_for,
            server_time=now,
            grace_hours=self._grace_for / timedelta(hours=1),
            roster_version=newest_roster(),
        )

    def _may_ask(self, origin: Origin) -> bool:
        """Whether the kiosk has asked less than `ASKED_A_MINUTE` times in the last minute."""
        asked = self._asked.setdefault(origin, deque(maxlen=ASKED_A_MINUTE))
        now = time.monotonic()
        if len(asked) == ASKED_A_MINUTE and now - asked[0] < 60:
            return False
        asked.append(now)
        return True


def _centre_names(connection: sa.Connection, district: DistrictId, centre: CentreId) -> dict[str, str]:
    centres = tables.centres
    row = connection.execute(
        sa.select(centres.c.name_en, centres.c.name_hi, centres.c.name_ur).where(
            centres.c.district_id == district, centres.c.centre_id == centre
        )
    ).one()
    return {"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur}
