"""A whole kiosk without a network: the real store, recorder, session and pages; camera, scale and engine are played."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from anganwadi import events
from anganwadi.events import Body, Event
from anganwadi.ids import Grams, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import frame
from anganwadi.wire.login import PastWeight, RosterEntry
from edge.devices.scale import Scale
from edge.kiosk import enrolling, face_try, ration_card
from edge.kiosk.app import create_app
from edge.kiosk.face_tools import FaceTools
from edge.kiosk.session import CentreSession
from edge.settings import KioskSettings
from provisioning.configuration import Broker
from tests.unit.edge.kiosk.played_faces import (
    PlayedBurst,
    PlayedCamera,
    PlayedChallenge,
    PlayedEngine,
    PlayedHeads,
    PlayedVoice,
)
from tests.unit.edge.kiosk.played_kiosk import CENTRE, TODAY, PlayedKiosk, PlayedScale


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

    def __init__(self, folder: Path, scale: Scale | None = None) -> None:
        """With a `scale` that is real the kiosk weighs on that one."""
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
            self.kiosk, self.camera, self.engine, scale or self.scale, voice=self.voice, heads=self.heads,  # type: ignore[arg-type]
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
