"""The log-in desk: reads kiosks' letters and answers them, on a thread of its own, since checking a PIN is slow by
design.

A log-in is answered with a lease, and if granted with the roster, each sealed to the key made for that log-in. A
kiosk's status is answered with its receipt.
"""

import queue
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
import sqlalchemy as sa
import structlog

from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin
from anganwadi.wire import letters, topics
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import (
    LEASE,
    LOGIN,
    ROSTER,
    STATUS,
    KioskStatus,
    LeaseAnswer,
    LeaseGranted,
    LeaseRefused,
    LoginRequest,
)
from server.ingest.worker import Inbound, Publish
from server.leases import pins, roster
from server.storage import origins, tables
from server.storage.engine import writing
from server.storage.origins import OriginState

REMEMBERED_NONCES = 10_000
"""How many log-ins back a repeated one is recognised, so that a letter sent again does not spend tries."""

ASKED_A_MINUTE = 30
"""Log-ins one kiosk may ask for in a minute; each costs the server a slow hash."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class LogInDesk:
    """Answers letters on the `login` and `status` channels."""

    def __init__(
        self,
        engine: sa.Engine,
        district: DistrictId,
        server: PrivateKeys,
        publish: Publish,
        send_receipt: Callable[[OriginState, int], None],
        lease_for: timedelta,
    ) -> None:
        self._engine = engine
        self._district = district
        self._server = server
        self._publish = publish
        self._send_receipt = send_receipt
        self._lease_for = lease_for
        self._asked: dict[Origin, deque[float]] = {}
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._queue: queue.Queue[Inbound | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="login-desk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=10)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def submit(self, message: Inbound) -> None:
        self._queue.put(message)

    def _run(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                self._answer(message)
            except (letters.BadLetter, topics.BadTopic, LookupError) as error:
                log.warning("letter_rejected", reason=str(error))
            except Exception:  # the desk is everybody's: one letter must not close it
                log.exception("letter_failed")
            message.acknowledge()

    def _answer(self, message: Inbound) -> None:
        spoken = topics.parse_up(message.topic)
        with self._engine.connect() as connection:
            device = origins.current(connection, self._district, spoken.origin)
        if device is None or spoken.district != self._district:
            raise LookupError("no such device is enrolled")
        if spoken.channel == LOGIN:
            self._log_in(device, self._read(device, message.payload, LOGIN, LoginRequest))
        elif spoken.channel == STATUS:
            self._read(device, message.payload, STATUS, KioskStatus)
            self._note_status(device)

    def _read(self, device: OriginState, payload: bytes, kind: str, form: type[T]) -> T:
        return letters.read(payload, kind, form, device.origin, device.keys, self._server)

    def _note_status(self, device: OriginState) -> None:
        with writing(self._engine) as connection:
            fresh = origins.find(connection, device.district, device.origin, device.epoch) or device
            origins.advance(connection, fresh, round(datetime.now(UTC).timestamp() * 1000))
            generation = origins.generation(connection, self._district)
        self._send_receipt(fresh, generation)

    def _log_in(self, device: OriginState, request: LoginRequest) -> None:
        if request.nonce in self._seen or device.centre_id is None or device.data_key is None:
            return
        if not self._may_ask(device.origin):
            log.warning("log_in_too_often", origin=device.origin)
            return
        self._seen[request.nonce] = None
        if len(self._seen) > REMEMBERED_NONCES:
            self._seen.popitem(last=False)
        answer = self._decide(device, request, CentreId(device.centre_id), device.data_key)
        self._send(device, LEASE, LeaseAnswer(answer), request)
        if isinstance(answer, LeaseGranted):
            with self._engine.connect() as connection:
                now = origins.find(connection, device.district, device.origin, device.epoch) or device
                people = roster.build(
                    connection, self._district, answer.centre_id, request.nonce, now.stored_through
                )
            self._send(device, ROSTER, people, request)

    def _may_ask(self, origin: Origin) -> bool:
        """Whether the kiosk has asked less than `ASKED_A_MINUTE` times in the last minute."""
        asked = self._asked.setdefault(origin, deque(maxlen=ASKED_A_MINUTE))
        now = time.monotonic()
        if len(asked) == ASKED_A_MINUTE and now - asked[0] < 60:
            return False
        asked.append(now)
        return True

    def _decide(
        self, device: OriginState, request: LoginRequest, centre: CentreId, data_key: bytes
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
        return LeaseGranted(request.nonce, data_key, worker, centre, names, now + self._lease_for, now)

    def _send(self, device: OriginState, kind: str, content: msgspec.Struct, request: LoginRequest) -> None:
        letter = letters.write(kind, content, SERVER_ORIGIN, self._server, request.log_in_key)
        self._publish(topics.down(device.district, device.origin, kind), letter)


def _centre_names(connection: sa.Connection, district: DistrictId, centre: CentreId) -> dict[str, str]:
    centres = tables.centres
    row = connection.execute(
        sa.select(centres.c.name_en, centres.c.name_hi, centres.c.name_ur).where(
            centres.c.district_id == district, centres.c.centre_id == centre
        )
    ).one()
    return {"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur}
