"""The log-in desk: reads kiosks' letters and answers them, on a thread of its own, since checking a PIN is slow by
design.

A log-in is answered with a lease, sealed to the key made for that log-in; a status with the kiosk's receipt, with the
newest sealing key where the kiosk does not know it, and with what it lacks of its documents. Once a second the desk
looks whether there is something new to send down.
"""

import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import sqlalchemy as sa

from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId
from anganwadi.wire import letters, topics
from anganwadi.wire.keys import ServerSecrets
from anganwadi.wire.login import (
    LEASE,
    LOGIN,
    STATUS,
    KioskStatus,
    LeaseAnswer,
    LeaseGranted,
    LoginRequest,
)
from server.downlink.documents import Library
from server.downlink.sending import Sender
from server.ingest.inbound import Inbound, Publish
from server.leases import status
from server.leases.granting import Granting
from server.letters_in import safely, sender
from server.storage import origins
from server.storage.engine import writing
from server.storage.news import News
from server.storage.origins import OriginState

KEY = "key"
"""The channel on which announcements of sealing keys go down."""

LOOKS_EVERY_S = 1.0
"""How often the desk looks for news."""

T = TypeVar("T")


class Announcing(Protocol):
    """Where the newest sealing key is announced from: `server.keys.KeyRing`."""

    @property
    def newest_number(self) -> int: ...

    def announcement(self) -> bytes | None: ...


class LogInDesk:
    """Answers letters on the `login` and `status` channels, and sends documents down."""

    def __init__(
        self,
        engine: sa.Engine,
        district: DistrictId,
        server: ServerSecrets,
        publish: Publish,
        send_receipt: Callable[[OriginState, int], None],
        lease_for: timedelta,
        *,
        grace_for: timedelta = timedelta(0),
        announcing: Announcing | None = None,
    ) -> None:
        self._engine = engine
        self._district = district
        self._server = server
        self._publish = publish
        self._send_receipt = send_receipt
        self._announcing = announcing
        self._granting = Granting(engine, district, lease_for, grace_for)
        self._sender = Sender(engine, district, server, publish, Library(engine))
        self._news = News(district)
        self._looks_at = 0.0
        self._queue: queue.Queue[Inbound | CentreId | None] = queue.Queue()
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

    def changed(self, centre: CentreId) -> None:
        """Say, on any thread, that there is something new for a centre's kiosks: it need not wait for the next look."""
        self._queue.put(centre)

    def _run(self) -> None:
        while True:
            if time.monotonic() >= self._looks_at:
                safely(self._look)
            try:
                waiting = self._queue.get(timeout=max(0.0, self._looks_at - time.monotonic()))
            except queue.Empty:
                continue
            if waiting is None:
                return
            if isinstance(waiting, Inbound):
                safely(partial(self._answer, waiting))
                waiting.acknowledge()
            else:
                safely(partial(self._sender.changed, waiting))

    def _look(self) -> None:
        """Send what is new since the last look."""
        self._looks_at = time.monotonic() + LOOKS_EVERY_S
        with self._engine.connect() as connection:
            centres = self._news.since_last(connection)
        for centre in centres:  # each by itself: the next look does not speak of them again
            safely(partial(self._sender.changed, centre))

    def _answer(self, message: Inbound) -> None:
        device, channel = sender(self._engine, self._district, message.topic)
        if channel == LOGIN:
            self._log_in(device, self._read(device, message.payload, LOGIN, LoginRequest))
        elif channel == STATUS:
            self._note_status(device, self._read(device, message.payload, STATUS, KioskStatus))

    def _read(self, device: OriginState, payload: bytes, kind: str, form: type[T]) -> T:
        try:
            return letters.read(payload, kind, form, device.origin, device.keys, self._server)
        except (
            letters.SealedToAnother
        ):  # it has lost the announcement: without it, it could never be heard again
            self._announce_key(device, 0)
            raise

    def _note_status(self, device: OriginState, said: KioskStatus) -> None:
        if said.epoch != device.epoch:
            raise LookupError("the status of another epoch")
        with writing(self._engine) as connection:
            status.keep(connection, device, said, round(datetime.now(UTC).timestamp() * 1000))
            fresh = origins.find(connection, device.district, device.origin, device.epoch) or device
            generation = origins.generation(connection, self._district)
        self._send_receipt(fresh, generation)
        self._announce_key(device, said.sealing_key)
        self._sender.answer(fresh, said)

    def _announce_key(self, device: OriginState, known: int) -> None:
        if self._announcing is None or known >= self._announcing.newest_number:
            return
        announcement = self._announcing.announcement()
        if announcement is not None:
            self._publish(topics.down(device.district, device.origin, KEY), announcement)

    def _log_in(self, device: OriginState, request: LoginRequest) -> None:
        answer = self._granting.decide(
            device, request, lambda: self._sender.newest_roster(device, request.have)
        )
        if answer is None:
            return
        letter = letters.write(LEASE, LeaseAnswer(answer), SERVER_ORIGIN, self._server, request.log_in_key)
        self._publish(topics.down(device.district, device.origin, LEASE), letter)
        if isinstance(answer, LeaseGranted):
            self._sender.offer(device, request.have)
