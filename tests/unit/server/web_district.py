"""A district in a plain SQLite file, with its web application and a clock that the test moves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from provisioning.configuration import Broker
from server.accounts.outbox import DemoOutbox
from server.app import create_app
from server.services import Services
from server.settings import Database, ServerSettings
from server.storage import tables

DISTRICT = "rampur"
CENTRE = "09123456701"
OTHER_SECTOR_CENTRE = "09123456799"
TODAY = date(2026, 11, 21)
SUPERVISOR, CDPO, DPO = "9000000001", "9000000002", "9000000003"


class WebDistrict:
    """Two projects, three sectors, four centres, three officers; the tests fill in the day."""

    def __init__(self, folder: Path, *, demo: bool = True) -> None:
        self.now = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # 10:30 in India
        self.engine = sa.create_engine(f"sqlite:///{folder / 'district.db'}")
        tables.metadata.create_all(self.engine)
        nowhere = folder / "none"
        broker = Broker(host="127.0.0.1", ca=nowhere, certificate=nowhere, key=nowhere)
        self.settings = ServerSettings(
            district=DISTRICT,
            district_name="Rampur",
            keys=nowhere,
            database=Database(),
            broker=broker,
            language="en",
            demo=demo,
        )
        self.readiness: dict[str, bool] = {"broker": True}
        self.outbox = DemoOutbox()
        services = Services(
            settings=self.settings,
            engine=self.engine,
            clock=lambda: self.now,
            ready=lambda: self.readiness,
            outbox=self.outbox if demo else None,
        )
        self.app = create_app(services)
        self._sequence = 0
        self._places()

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def add(self, table: sa.Table, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.insert(table).values(district_id=DISTRICT, **values))

    def change(self, table: sa.Table, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.update(table).values(**values))

    def rows(self, table: sa.Table) -> list[sa.RowMapping]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table)).mappings())

    def add_centre(self, centre_id: str, sector_id: str, name: str) -> None:
        self.add(
            tables.centres,
            centre_id=centre_id,
            sector_id=sector_id,
            name_en=name,
            name_hi=f"{name} हि",
            name_ur=f"{name} ار",
        )

    def add_officer(self, mobile: str, role: str, scope: str, *, language: str = "en") -> None:
        self.add(
            tables.officers,
            officer_id=f"o-{role}-{scope}",
            mobile=mobile,
            name=f"{role} {scope}",
            role=role,
            scope=scope,
            language=language,
            otp_secret=mobile.encode() * 2,
        )

    def add_child(self, person_id: str, name: str = "आरव", latin: str = "Aarav", *, years: int = 4) -> None:
        """A boy at `CENTRE`, of `years` years today."""
        self.add_person(
            Person(
                person_id=PersonId(person_id),
                centre_id=CentreId(CENTRE),
                household="h-1",
                name=name,
                name_latin=latin,
                sex=Sex.MALE,
                born=TODAY.replace(year=TODAY.year - years),
                registered=TODAY - timedelta(days=100),
            )
        )

    def add_person(self, person: Person) -> None:
        self.add(
            tables.persons,
            person_id=person.person_id,
            centre_id=person.centre_id,
            record=msgspec.msgpack.encode(person),
            updated_ms=self.now_ms,
        )

    def open(self, centre_id: str = CENTRE, *, closed: bool = False) -> None:
        closed_ms = self.now_ms if closed else None
        day = TODAY.isoformat()
        opened_ms = self.now_ms - 3_600_000
        self.add(tables.centre_days, centre_id=centre_id, day=day, opened_ms=opened_ms, closed_ms=closed_ms)

    def mark(self, person_id: str, *, present: bool = True) -> None:
        day = TODAY.isoformat()
        self.add(tables.attendance, centre_id=CENTRE, day=day, person_id=person_id, present=present)

    def weigh(self, person_id: str, grams: int, weight_class: str | None, waz: float | None = None) -> None:
        values = {"grams": grams, "source": "scale", "waz": waz, "weight_class": weight_class}
        self.add(tables.weighings, **self._event(), person_id=person_id, **values)

    def decide_care(self, person_id: str, acute: str | None, *, oedema: bool = False) -> None:
        values = {"step": "medical_officer", "acute": acute, "oedema": oedema, "signs": "[]", "visits": "[]"}
        self.add(tables.care, **self._event(), person_id=person_id, **values)

    def hand_out(self, person_id: str, rung: str | None, *, reason: str | None = None) -> None:
        values = {"rung": rung, "reason": reason, "cycle": "2026-11", "collected_by": person_id}
        self.add(tables.rations, **self._event(), person_id=person_id, **values)

    def hear_from(self, centre_id: str = CENTRE, *, stored: int = 0, safe: int = 0, **said: object) -> None:
        """The centre's kiosk was heard from now; `said` are columns of `origins` that it told of itself."""
        self.add(
            tables.origins,
            origin=f"kiosk-{centre_id}",
            epoch=1,
            centre_id=centre_id,
            verify_key=b"",
            seal_key=b"",
            stored_through=stored,
            safe_through=safe,
            chain_head=b"",
            last_heard_ms=self.now_ms,
            **said,
        )

    def store(self, sequence: int, *, hours_ago: float = 0.0, type: str = "centre_opened") -> None:
        """An event of the centre's kiosk came `hours_ago`."""
        self.add(
            tables.events,
            origin=f"kiosk-{CENTRE}",
            epoch=1,
            sequence=sequence,
            position=sequence,
            event_hash=b"",
            type=type,
            received_ms=self.now_ms - int(hours_ago * 3_600_000),
        )

    def browser(self) -> TestClient:
        """Nobody is logged in; redirects are shown, not followed."""
        return TestClient(self.app, base_url="http://127.0.0.1:8000", follow_redirects=False)

    def ask_for_code(self, browser: TestClient, mobile: str) -> str:
        """The code that went to the phone."""
        browser.post("/log-in", data={"mobile": mobile})
        return self.outbox.messages()[0].code

    def logged_in(self, mobile: str = SUPERVISOR) -> TestClient:
        browser = self.browser()
        code = self.ask_for_code(browser, mobile)
        answer = browser.post("/log-in/code", data={"mobile": mobile, "code": code})
        assert answer.status_code == 303
        return browser

    def csrf(self) -> str:
        """The anti-forgery token of the newest session."""
        return str(self.rows(tables.sessions)[-1]["csrf"])

    def _event(self) -> dict[str, object]:
        self._sequence += 1
        return {
            "origin": f"kiosk-{CENTRE}",
            "epoch": 1,
            "sequence": self._sequence,
            "centre_id": CENTRE,
            "day": TODAY.isoformat(),
            "at_ms": self.now_ms + self._sequence,
        }

    def _places(self) -> None:
        for sector, project in (("s-1", "p-1"), ("s-2", "p-1"), ("s-3", "p-2")):
            self.add(
                tables.sectors,
                sector_id=sector,
                project_id=project,
                name_en=f"Sector {sector}",
                name_hi="से",
                name_ur="سے",
            )
        self.add_centre(CENTRE, "s-1", "Rampur 1")
        self.add_centre("09123456702", "s-1", "Rampur 2")
        self.add_centre("09123456703", "s-2", "Purwa")
        self.add_centre(OTHER_SECTOR_CENTRE, "s-3", "Milak")
        self.add_officer(SUPERVISOR, "supervisor", "s-1")
        self.add_officer(CDPO, "cdpo", "p-1")
        self.add_officer(DPO, "dpo", DISTRICT)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebDistrict]:
    """A demo district's web application."""
    district = WebDistrict(tmp_path)
    yield district
    district.engine.dispose()
