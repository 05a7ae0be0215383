"""The kiosk as its pages see it: who is logged in, the centre's people, the day so far, and how to record an event.

`Kiosk` lives as long as the program; `CentreSession` as long as one log-in, in RAM only. Logging out flushes the last
batch, closes the encrypted store and forgets its key.
"""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import structlog

from anganwadi import events
from anganwadi.events import Body, PersonRecord, RationCollected, Weighed
from anganwadi.ids import CentreId, DistrictId, PersonId, origin
from anganwadi.wire.login import PastWeight, RosterEntry
from edge.settings import KioskSettings
from edge.store.centre import KEEP_DAYS, CentreStore
from edge.store.day import DayState
from edge.store.outbox import Outbox, StoreError
from edge.store.recorder import Accepted, Identity, Recorder
from edge.sync.login import LoggedIn, LogInDesk, LoginRefused, ServerUnreachable
from edge.sync.uplink import LinkStatus, Uplink
from provisioning.identity import read_keys, read_public_keys

__all__ = [
    "Accepted",
    "CentreSession",
    "Kiosk",
    "LinkStatus",
    "LoginRefused",
    "ServerUnreachable",
    "StoreError",
]

IST = ZoneInfo("Asia/Kolkata")

log = structlog.get_logger(__name__)


class CentreSession:
    """One worker's log-in at one centre. Thread-safe."""

    def __init__(
        self, logged_in: LoggedIn, store: CentreStore, recorder: Recorder, uplink: Uplink, simulated: bool
    ) -> None:
        lease = logged_in.lease
        self.worker = lease.worker
        self.centre_id: CentreId = lease.centre_id
        self.centre_names = lease.centre_names
        self.expires = lease.expires
        self._store = store
        self._recorder = recorder
        self._uplink = uplink
        self._simulated = simulated
        self._lock = threading.RLock()
        self.ends_at = time.monotonic() + (lease.expires - lease.server_time).total_seconds()
        self.people: dict[PersonId, RosterEntry] = store.roster()
        self._days: dict[date, DayState] = {}
        for day, event in store.journal():
            self._fold(day, event)

    def today(self) -> date:
        """The date at the centre, Indian Standard Time."""
        return datetime.now(IST).date()

    def day(self) -> DayState:
        """Today so far."""
        with self._lock:
            today = self.today()
            return self._days.setdefault(today, DayState(today))

    def record(self, *bodies: Body) -> list[Accepted]:
        """Accept events, all or none. When this returns they are sealed and on the disk.

        Raises:
            StoreError: nothing was saved; the text says what to do.
        """
        now = datetime.now(UTC)
        happened = [
            events.new_event(
                body,
                centre_id=self.centre_id,
                worker_id=self.worker.worker_id,
                at=now,
                simulated=self._simulated,
            )
            for body in bodies
        ]
        with self._lock:
            today = self.today()
            accepted = self._recorder.record(happened, today, self._store)
            for event, each in zip(happened, accepted, strict=True):
                self._fold(today, event)
                self._erase_if_asked(event, each.sequence)
        self._uplink.wake()
        return accepted

    def close(self) -> None:
        """Send off what is open and forget everything that can be read."""
        with self._lock:
            try:
                self._recorder.let_go()
            finally:
                self._store.close()
                self.people = {}
                self._days = {}
        self._uplink.wake()

    def _erase_if_asked(self, event: events.Event, sequence: int) -> None:
        if isinstance(event.body, PersonRecord) and event.body.erase_template:
            entry = self.people.get(event.body.person_id)
            if entry is not None:
                self._store.forget_face(entry, sequence)

    def _fold(self, day: date, event: events.Event) -> None:
        self._days.setdefault(day, DayState(day)).add(event)
        match event.body:
            case PersonRecord(person_id=person, template=template, erase_template=erase):
                if template is not None or erase:
                    self._change(person, template=None if erase else template)
            case Weighed(person_id=person, grams=grams):
                entry = self.people.get(person)
                if entry is not None:
                    others = tuple(past for past in entry.weights if past.day != event.body.day)
                    self._change(person, weights=(*others, PastWeight(event.body.day, grams)))
            case RationCollected(person_id=person, cycle=cycle):
                entry = self.people.get(person)
                if entry is not None and cycle not in entry.cycles:
                    self._change(person, cycles=(*entry.cycles, cycle))
            case _:
                pass

    def _change(self, person: PersonId, **changes: object) -> None:
        entry = self.people.get(person)
        if entry is not None:
            self.people[person] = msgspec.structs.replace(entry, **changes)


class Kiosk:
    """One kiosk: its identity, its stores, its link, and whoever is logged in. Thread-safe."""

    def __init__(self, settings: KioskSettings) -> None:
        """Open the outbox and start the link.

        Raises:
            StoreError: the outbox cannot be opened.
            FileNotFoundError: a key file named in the settings is not there.
        """
        self.settings = settings
        self._lock = threading.RLock()
        self._session: CentreSession | None = None
        self._touched = time.monotonic()
        self._identity = Identity(
            district=DistrictId(settings.district),
            origin=origin(settings.origin),
            epoch=settings.epoch,
            device=read_keys(settings.device_keys),
            server=read_public_keys(settings.server_keys),
        )
        self._outbox = Outbox(settings.state_dir / "outbox.db", self._identity.genesis)
        self._recorder = Recorder(self._outbox, self._identity, settings.batch_events, settings.batch_seconds)
        self._uplink = Uplink(self._identity, settings.broker, self._outbox, self._recorder)
        self._desk = LogInDesk(self._identity, self._uplink)
        self._uplink.start()

    @property
    def session(self) -> CentreSession | None:
        """Who is logged in now; None once the lease has run out or nobody touched the screen for `idle_minutes`."""
        with self._lock:
            if self._session is not None and self._is_over(self._session):
                log.info("session_ended", reason="idle or expired")
                self.log_out()
            return self._session

    def touch(self) -> None:
        """Note that somebody used the screen."""
        self._touched = time.monotonic()

    def log_in(self, post: str, pin: str) -> CentreSession:
        """Let a worker in; whoever was logged in before is logged out.

        Raises:
            LoginRefused: wrong PIN, locked, or no such worker.
            ServerUnreachable: the server did not answer.
            StoreError: the centre's data cannot be opened.
        """
        logged_in = self._desk.log_in(post, pin)
        with self._lock:
            self.log_out()
            store = CentreStore(self.settings.state_dir / "centre.db", logged_in.lease.data_key)
            try:
                keep_from = datetime.now(IST).date() - timedelta(days=KEEP_DAYS)
                store.begin(logged_in.roster, self._outbox.state().recorded, keep_from)
                self._session = CentreSession(
                    logged_in, store, self._recorder, self._uplink, self.settings.demo
                )
            except BaseException:
                store.close()
                raise
            self.touch()
            return self._session

    def log_out(self) -> None:
        """Flush, wipe, forget. Nothing happens where nobody is logged in."""
        with self._lock:
            if self._session is not None:
                session, self._session = self._session, None
                session.close()

    def link(self) -> LinkStatus:
        return self._uplink.status()

    def close(self) -> None:
        """Log out and stop the link."""
        self.log_out()
        self._uplink.stop()
        self._outbox.close()

    def _is_over(self, session: CentreSession) -> bool:
        idle = time.monotonic() - self._touched > self.settings.idle_minutes * 60
        return idle or time.monotonic() >= session.ends_at
