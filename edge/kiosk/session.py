"""The kiosk as its pages see it: who is logged in, and what may be recorded.

`Kiosk` lives as long as the program; `CentreSession` as long as one log-in. Logging out flushes the last batch, closes
the encrypted store and forgets its key. With nobody logged in the kiosk goes on recording, sealed-only: what it cannot
read back, and by nobody known.
"""

import threading
import time
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec
import structlog

from anganwadi import events
from anganwadi.events import CentreClosed, CentreOpened, MealServed, Proof, RationWithoutRoster
from anganwadi.ids import NOBODY, centre_id
from anganwadi.wire.downlink import Forms, Kind
from anganwadi.wire.login import Notice
from edge.kiosk.centre_session import IST, CentreSession
from edge.kiosk.parts import Parts, assemble
from edge.settings import KioskSettings, with_district
from edge.store.centre import KEEP_DAYS, CentreStore
from edge.store.errors import StoreError
from edge.store.recorder import Accepted
from edge.sync import roster
from edge.sync.admission import Admission, Admitted
from edge.sync.downlink import Progress
from edge.sync.login import LoginRefused
from edge.sync.otp import OtpDesk
from edge.sync.question import ServerUnreachable
from edge.sync.uplink import LinkStatus

__all__ = [
    "IST",
    "Accepted",
    "CentreSession",
    "KeyStanding",
    "KeyState",
    "Kiosk",
    "LinkStatus",
    "LoginRefused",
    "SealedBody",
    "ServerUnreachable",
    "StoreError",
]

SealedBody = CentreOpened | CentreClosed | MealServed | RationWithoutRoster
"""What may be recorded with nobody logged in: what needs no roster."""

log = structlog.get_logger(__name__)


class KeyStanding(StrEnum):
    """Whether the data key is in RAM, and on whose word."""

    LOGGED_IN = "logged_in"
    GRACE = "grace"
    SEALED_ONLY = "sealed_only"


class KeyState(msgspec.Struct, frozen=True):
    """`logged_in`: the server checked the PIN of whoever is logged in; `grace`: the kiosk's TPM did; `sealed_only`:
    nobody is logged in. `offline_until` says until when somebody can log in without the server; None: nobody can."""

    state: KeyStanding
    offline_until: datetime | None


class Kiosk:
    """One kiosk: its parts, and whoever is logged in. Thread-safe."""

    def __init__(self, settings: KioskSettings, parts: Parts | None = None) -> None:
        """Put the parts together, unless they are given, and start the link.

        Raises:
            StoreError: a store cannot be opened.
            FileNotFoundError: a key file named in the settings is not there.
            KeysUnsafe: others may read the kiosk's own keys.
        """
        self.settings = self._own_settings = settings
        self._lock = threading.RLock()
        self._logging_in = threading.Lock()
        self._session: CentreSession | None = None
        self._touched = time.monotonic()
        self._parts = parts or assemble(settings)
        self._admission = Admission(
            self._parts.desk, self._parts.keys, self._open_store, self._parts.clock.now
        )
        self._apply_settings()
        self._parts.downlink.on_change(self._take_in)
        self._parts.start()

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
        """Let a worker in; whoever was logged in before is logged out. One log-in at a time.

        Raises:
            LoginRefused: wrong PIN, locked, or no such worker.
            ServerUnreachable: the server did not answer, and the kiosk keeps no key for her; or no roster came.
            StoreError: the centre's data cannot be opened.
        """
        with self._logging_in:
            admitted = self._admission.admit(post, pin, self._parts.downlink.version(Kind.ROSTER))
            try:
                session = self._begin(admitted)
            except BaseException:
                admitted.store.close()
                raise
            with self._lock:
                self._session = session
                self.touch()
            session.reload()
            self._admission.remember(admitted, pin)
            return session

    def log_out(self) -> None:
        """Flush, wipe, forget. Nothing happens where nobody is logged in."""
        with self._lock:
            if self._session is not None:
                session, self._session = self._session, None
                session.close()

    def record_sealed(self, *bodies: SealedBody) -> list[Accepted]:
        """Accept events with nobody logged in, all or none. When this returns they are sealed and on the disk, and
        nobody reads them here any more.

        Raises:
            StoreError: nothing was saved; the text says what to do.
        """
        parts = self._parts
        now = parts.clock.now()
        happened = [
            events.new_event(
                body,
                centre_id=centre_id(self.settings.centre_id),
                worker_id=NOBODY,
                proof=Proof.NONE,
                at=now,
                simulated=self.settings.demo,
            )
            for body in bodies
        ]
        accepted = parts.recorder.record(happened, self.today(), None)
        parts.recorder.let_go()  # and with it the readable copy that waits for a batch
        parts.uplink.wake()
        return accepted

    def state(self) -> KeyState:
        """Whether somebody is logged in, on whose word, and whether one can without the server."""
        session = self.session
        if session is None:
            state = KeyStanding.SEALED_ONLY
        else:
            state = KeyStanding.GRACE if session.proof is Proof.TPM else KeyStanding.LOGGED_IN
        return KeyState(state, self._parts.keys.until())

    def today(self) -> date:
        """The date at the centre, Indian Standard Time."""
        return self._parts.clock.now().astimezone(IST).date()

    def notices(self) -> tuple[Notice, ...]:
        """What is wrong with the kiosk."""
        return self._parts.health.notices()

    def link(self) -> LinkStatus:
        return self._parts.uplink.status()

    def forms(self) -> Forms:
        """The forms a supervisor fills at this centre, as the district sent them."""
        return self._parts.downlink.forms()

    @property
    def otp(self) -> OtpDesk:
        """Sends codes to families' phones and has them checked, through the server."""
        return self._parts.otp

    def roster_on_its_way(self) -> Progress | None:
        """How much of the next roster has come; None where none is coming."""
        return self._parts.downlink.progress(Kind.ROSTER)

    def close(self) -> None:
        """Log out and stop the link."""
        self.log_out()
        self._parts.stop()

    def _open_store(self, data_key: bytes) -> CentreStore:
        """The centre's store, which whoever was logged in before lets go of; its journal without what a crash kept from
        being accepted under a number that was given since with nobody logged in."""
        self.log_out()
        store = CentreStore(self.settings.state_dir / "centre.db", data_key)
        try:
            given = self._parts.outbox.unjournalled()
            store.drop(given)
            self._parts.outbox.journal_is_tidy(given)
        except BaseException:
            store.close()
            raise
        return store

    def _begin(self, admitted: Admitted) -> CentreSession:
        parts, keep_from = self._parts, self.today() - timedelta(days=KEEP_DAYS)
        roster.settle(
            parts.downlink, admitted.store, admitted.lease, parts.outbox.state().recorded, keep_from
        )
        return CentreSession(
            admitted.lease,
            admitted.proof,
            admitted.store,
            parts.recorder,
            parts.downlink,
            parts.clock,
            parts.uplink.wake,
            self.settings.demo,
        )

    def _take_in(self, kind: Kind) -> None:
        """A newer document is here."""
        if kind is Kind.SETTINGS:
            self._apply_settings()
        session = self._session
        if kind is Kind.ROSTER and session is not None:
            session.reload()

    def _apply_settings(self) -> None:
        """Let hold what the district set, over the kiosk's own settings."""
        self.settings = with_district(self._own_settings, self._parts.downlink.settings())
        self._parts.recorder.batch_seconds = self.settings.batch_seconds

    def _is_over(self, session: CentreSession) -> bool:
        idle = time.monotonic() - self._touched > self.settings.idle_minutes * 60
        return idle or time.monotonic() >= session.ends_at
