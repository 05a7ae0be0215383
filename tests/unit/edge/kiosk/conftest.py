"""A whole kiosk without a network: the real store, recorder, session and pages; camera, scale and engine are played."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from anganwadi import events
from anganwadi.events import Body, Event
from anganwadi.ids import CentreId, DistrictId, Grams, Origin, PersonId, WorkerId
from anganwadi.people import Person, Sex
from anganwadi.wire import downlink, frame
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import LeaseGranted, LeaseRefused, PastWeight, Roster, RosterEntry, Worker
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
from edge.kiosk import enrolling, face_try, ration_card
from edge.kiosk.app import create_app
from edge.kiosk.face_tools import FaceTools
from edge.kiosk.parts import Parts
from edge.kiosk.session import IST, CentreSession, Kiosk, LoginRefused, ServerUnreachable
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
from provisioning.configuration import Broker
from tests.unit.edge.kiosk.played_faces import (
    PlayedBurst,
    PlayedCamera,
    PlayedChallenge,
    PlayedEngine,
    PlayedHeads,
    PlayedVoice,
)

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
        return StableWeight(
            grams=Grams(self.grams), at_monotonic=time.monotonic(), device_id="SIM-7", firmware="1.2.0",
            simulated=True, calibration_date=date(2026, 1, 5),
        )  # fmt: skip

    def zero(self) -> None: ...

    def restart(self) -> None:
        self.restarts += 1


class Visitor:
    """A script at the kiosk: JSON in and out, and the events of its latest answer."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.accepted = ""

    def post(self, path: str, status: int = 200, **fields: object) -> dict:
        answer = self.client.post(path, data=fields, headers={"Accept": "application/json"})
        assert answer.status_code == status, answer.text
        self.accepted = answer.headers.get("Aangan-Accepted", "")
        return answer.json()

    def face(self, person: str, who: str = "") -> dict:
        """Stand before the camera until the answer is there."""
        for _ in range(50):
            answer = self.post(f"/ration/{person}/face", who=who)
            if answer["state"] in ("accepted", "not_accepted"):
                return answer
        raise AssertionError("looked at without end")

    def vouch(self, person: str = "mother", status: int = 200, **fields: object) -> dict:
        """The worker vouches for her."""
        given = {"reason": "not_enrolled", "witness": "AWH", "heard": "1"} | fields
        return self.post(f"/ration/{person}/attest", status, **given)

    def get(self, path: str) -> dict:
        return self.client.get(path, headers={"Accept": "application/json"}).json()

    def page(self, path: str, language: str = "en") -> str:
        self.client.cookies.set("aangan_language", language)
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


class Stage:
    """The kiosk and everything played around it."""

    def __init__(self, folder: Path) -> None:
        nowhere = folder / "nothing"
        broker = Broker(host="localhost", ca=nowhere, certificate=nowhere, key=nowhere)
        settings = KioskSettings(
            district="d", origin="kiosk-a", centre_id=CENTRE, state_dir=folder, device_keys=nowhere,
            server_keys=nowhere, broker=broker, demo=True,
        )  # fmt: skip
        self.kiosk = PlayedKiosk(settings, people())
        self.camera, self.scale = PlayedCamera(), PlayedScale()
        self.engine = PlayedEngine(self.camera)
        self.voice, self.heads = PlayedVoice(), PlayedHeads()
        self.challenge = type("Challenge", (PlayedChallenge,), {})
        self.app = create_app(
            self.kiosk, self.camera, self.engine, self.scale, voice=self.voice, heads=self.heads,  # type: ignore[arg-type]
            tools=FaceTools(new_burst=PlayedBurst, new_challenge=self.challenge),  # type: ignore[arg-type]
        )  # fmt: skip

    @contextmanager
    def client(self) -> Iterator[TestClient]:
        with TestClient(self.app, base_url="http://localhost:8080", follow_redirects=False) as client:
            yield client

    @property
    def session(self) -> CentreSession:
        session = self.kiosk.session
        assert session is not None
        return session

    def recorded(self, kind: type[Body]) -> list:
        """The bodies of that kind in the session's journal on the disk, in order."""
        return [event.body for _, event in self.session._store.journal() if isinstance(event.body, kind)]

    def sealed(self) -> list[Event]:
        """Every event in the outbox that waits to go up, as only the server can read it."""
        frames = [frame.parse(each.frame) for each in self.kiosk._parts.outbox.pending(1000)]
        return [events.decode(raw) for each in frames for raw in each.open(self.kiosk.server_keys)]

    def change(self, person_id: str, **changes: object) -> None:
        """Change a roster entry, as a newer roster would."""
        entry = self.session.people[PersonId(person_id)]
        self.session.people[PersonId(person_id)] = msgspec.structs.replace(entry, **changes)


def person(person_id: str, name: str, latin: str, born: date, **more: Any) -> RosterEntry:
    sex = more.pop("sex", Sex.FEMALE)
    weights = more.pop("weights", ())
    fields = {"household": "h-1", "registered": TODAY - timedelta(900), "language": "hi"} | more
    return RosterEntry(
        person=Person(
            person_id=PersonId(person_id), centre_id=CENTRE, name=name, name_latin=latin, sex=sex, born=born, **fields
        ),
        weights=weights,
    )  # fmt: skip


def people() -> list[RosterEntry]:
    """A mother, her two children, the sister she trusts, another mother, a girl, an old woman, 24 more children."""
    baby_born = TODAY - timedelta(400)
    at_360_days = PastWeight(baby_born + timedelta(360), Grams(8000))
    sister = (PersonId("sister"),)
    mother = PersonId("mother")
    return [
        person("mother", "सुनीता देवी", "Sunita Devi", _years(27), pregnant_since=_days(90), nominees=sister),
        person("sister", "शबनम बेगम", "Shabnam Begum", _years(30), household="h-2"),
        person(
            "other",
            "نسرین بانو",
            "Nasreen Bano",
            _years(24),
            household="h-3",
            delivered=_days(30),
            language="ur",
        ),
        person("girl", "کلثوم", "Kulsum", _years(15), in_adolescent_scheme=True, guardian=PersonId("other")),
        person("elder", "कमला", "Kamla", _years(61), household="h-4"),
        person("baby", "छोटू", "Chhotu", baby_born, guardian=mother, weights=(at_360_days,)),
        person("child", "आरव", "Aarav", _days(1300), guardian=mother, sex=Sex.MALE),
        person("five", "पिंकी", "Pinky", _days(2000), household="h-4"),
        *(person(f"child-{n}", f"बच्चा {n}", f"Child {n}", _days(1200 + n)) for n in range(10, 33)),
    ]


def _days(ago: int) -> date:
    return TODAY - timedelta(ago)


def _years(ago: int) -> date:
    return TODAY - ago * timedelta(366)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for limit in ("LOOK_S", "FACE_S", "NOBODY_S"):
        monkeypatch.setattr(face_try, limit, 0.03)
    monkeypatch.setattr(ration_card, "LOOK_S", 0.03)
    monkeypatch.setattr(enrolling, "ENROL_LOOK_S", 0.05)
    return Stage(tmp_path)


@pytest.fixture
def stranger(stage: Stage) -> Iterator[Visitor]:
    """Somebody who has not logged in."""
    with stage.client() as client:
        yield Visitor(client)


@pytest.fixture
def visitor(stranger: Visitor) -> Visitor:
    """The worker, logged in; the centre is not open yet."""
    stranger.post("/login", post="AWW", pin="2580")
    return stranger


@pytest.fixture
def worker(visitor: Visitor) -> Visitor:
    """The worker in the open centre."""
    visitor.post("/centre/open")
    return visitor


@pytest.fixture
def enrol(stage: Stage, worker: Visitor) -> Callable[[str, int], None]:
    """Enrol the face `who` looks like."""

    def enrolled(person_id: str, level: int) -> None:
        stage.camera.shows = level
        worker.post(f"/faces/{person_id}/consent", language="hi")
        for _ in range(10):
            if worker.post(f"/faces/{person_id}/frame")["done"]:
                return
        raise AssertionError

    return enrolled
