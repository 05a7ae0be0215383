"""A kiosk whose server is played: the real store, recorder and session; the link, the log-in, the codes and the scale
are made up."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from anganwadi.ids import CentreId, DistrictId, Grams, Origin, PersonId, WorkerId
from anganwadi.wire import downlink
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import LeaseGranted, LeaseRefused, Roster, RosterEntry, Worker
from anganwadi.wire.otp import NotSent
from edge.devices.scale import (
    LiveReading,
    Reason,
    ScaleEmpty,
    ScaleFault,
    ScaleIdentity,
    ScaleState,
    StableWeight,
)
from edge.kiosk.parts import Parts
from edge.kiosk.session import IST, Kiosk, LoginRefused, ServerUnreachable
from edge.settings import KioskSettings
from edge.store.clock import CentreClock
from edge.store.documents import Documents
from edge.store.health import Health
from edge.store.key_none import NoKeys
from edge.store.outbox import Outbox
from edge.store.recorder import Identity, Recorder
from edge.sync.downlink import Downlink
from edge.sync.otp import OtpAsked
from edge.sync.uplink import LinkStatus

CENTRE = CentreId("09146030217")
NAMES = {"en": "Baragaon", "hi": "बड़ागाँव", "ur": "بڑاگاؤں"}
TODAY = datetime.now(IST).date()


class PlayedLink:
    """The link's end in the kiosk: counts, and nothing sent."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.connected = True
        self.receipted = self.safe = 0

    def start(self) -> None: ...

    def wake(self) -> None: ...

    def stop(self) -> None: ...

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> None: ...

    def say_status(self) -> None: ...

    def status(self) -> LinkStatus:
        recorded = self._outbox.state().recorded
        waiting_s = 1300.0 if recorded > self.receipted else None
        unsafe_s = 8000.0 if recorded > self.safe else None
        return LinkStatus(self.connected, recorded, self.receipted, self.safe, waiting_s, unsafe_s)


class PlayedServer:
    """Answers log-ins: PIN 2580 is right; `reachable` may be switched off."""

    def __init__(self, people: list[RosterEntry], documents: Documents) -> None:
        self.people = people
        self.reachable = True
        self.locked = False
        name = downlink.Name(DistrictId("d"), Origin("kiosk-a"), downlink.Kind.ROSTER, 1)
        for part in downlink.cut(downlink.seal(Roster(CENTRE, 1, tuple(people), 0), name, b"k" * 32), name):
            documents.put(part)

    def log_in(self, post: str, pin: str, have: int = 0) -> LeaseGranted:
        now = datetime.now(UTC)
        if not self.reachable:
            raise ServerUnreachable
        if self.locked:
            raise LoginRefused(LeaseRefused(b"", "locked", 0, now + timedelta(minutes=15)))
        if pin != "2580":
            raise LoginRefused(LeaseRefused(b"", "wrong_pin", 3))
        worker = Worker(WorkerId(f"w-{post}"), "मीना कुमारी", post, "hi")
        expires = now + timedelta(hours=10)
        return LeaseGranted(b"", b"k" * 32, worker, CENTRE, NAMES, expires, now, roster_version=have)


class PlayedKiosk(Kiosk):
    """The real kiosk, but for its link to the server."""

    def __init__(self, settings: KioskSettings, people: list[RosterEntry]) -> None:
        documents = Documents(settings.state_dir / "documents.db")
        self.server = PlayedServer(people, documents)
        self.server_keys, keys = PrivateKeys.generate(), PrivateKeys.generate()
        who = Identity(DistrictId("d"), Origin("kiosk-a"), 1, keys, self.server_keys.public)
        health = Health()
        clock = CentreClock(health)
        outbox = Outbox(settings.state_dir / "outbox.db", who.genesis, health=health, clock=clock)
        recorder = Recorder(outbox, who, settings.batch_events, settings.batch_seconds)
        link = PlayedLink(outbox)
        self.health, self.played_link, self.codes = health, link, PlayedCodes()
        super().__init__(
            settings,
            Parts(
                who, health, clock, outbox, recorder, documents,
                link,  # type: ignore[arg-type]
                Downlink(who, link, documents), self.server, NoKeys(),
                self.codes,  # type: ignore[arg-type]
            ),
        )  # fmt: skip

    def leave_alone(self, minutes: float) -> None:
        """Let `minutes` pass in which nobody touches the screen."""
        self._touched -= minutes * 60


class PlayedCodes:
    """Phones of the village: a code is sent to whoever has one in `phones`, and 314159 is right, once."""

    def __init__(self) -> None:
        self.phones: dict[PersonId, str] = {}
        self.reachable = True
        self.sent: list[PersonId] = []

    def ask(self, person_id: PersonId) -> OtpAsked:
        if not self.reachable:
            raise ServerUnreachable
        if person_id not in self.phones:
            return OtpAsked(sent=False, reason=NotSent.NO_PHONE)
        self.sent.append(person_id)
        return OtpAsked(sent=True, to=self.phones[person_id])

    def check(self, person_id: PersonId, code: str) -> bool:
        if not self.reachable:
            raise ServerUnreachable
        if person_id not in self.sent or code != "314159":
            return False
        self.sent.remove(person_id)
        return True


class PlayedScale:
    """A scale whose load the test sets."""

    def __init__(self) -> None:
        self.grams = 0
        self.fault: ScaleState | Reason | None = None
        self.restarts = 0
        self.asked_held: list[bool] = []

    def start(self) -> None: ...

    def close(self) -> None: ...

    def identity(self) -> ScaleIdentity:
        return ScaleIdentity("SIM-7", "Aangan", "1.2.0", date(2026, 1, 5))

    def live(self) -> LiveReading:
        if self.fault is not None:
            return LiveReading(ScaleState.ERROR, time.monotonic())
        state = ScaleState.STABLE if self.grams else ScaleState.EMPTY
        return LiveReading(state, time.monotonic(), Grams(self.grams))

    def weigh(self, limit_s: float, *, held_child: bool = False) -> StableWeight:
        if self.fault is not None:
            raise ScaleFault(self.fault)
        if not self.grams:
            raise ScaleEmpty(ScaleState.EMPTY)
        self.asked_held.append(held_child)
        counts = 84_217 + 10 * self.grams
        return StableWeight(
            grams=Grams(self.grams), at_monotonic=time.monotonic(), device_id="SIM-7", firmware="1.2.0",
            simulated=True, calibration_date=date(2026, 1, 5), tare=Grams(300), zero_counts=84_217,
            samples=(counts, counts + 5, counts - 3), sequence=len(self.asked_held), temperature_c=24, warm=True,
        )  # fmt: skip

    def zero(self) -> None: ...

    def restart(self) -> None:
        self.restarts += 1
