"""What the tests of the phone form stand on: a district's server on a real port, and a hand that fills in the form."""

import shutil
import socket
import subprocess
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

from anganwadi import events
from anganwadi.events import Meal
from anganwadi.ids import DistrictId, Grams, PersonId, WorkerId
from anganwadi.people import attends_preschool, is_weighed
from anganwadi.verification import AttestationReason, Rung
from anganwadi.wire.keys import PrivateKeys
from provisioning import demo_facts as facts
from provisioning.configuration import Broker
from server.accounts.outbox import DemoOutbox
from server.app import create_app
from server.seed import district as demo
from server.seed.people import people
from server.services import Services
from server.settings import Database, ServerSettings
from server.storage import engine as databases
from server.storage import migrations, own_origin, projector, tables
from server.supervision.items import Item
from server.web.times import INDIA

HOUSE = Path(__file__).resolve().parents[2]
BUILT = HOUSE / "server/web/static/built/phone/app.js"
DISTRICT = DistrictId("namuna")
WIDTH, HEIGHT = 360, 740
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def build_page_assets() -> None:
    """Make the phone app as `make setup` does, unless it is there."""
    if BUILT.exists():
        return
    assert shutil.which("npm"), "the phone app is not built and there is no npm to build it: run `make setup`"
    for command in (["npm", "ci", "--omit=dev", "--ignore-scripts"], ["npm", "run", "build"]):
        done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


class District:
    """The demo district, migrated and seeded, whose clock stands at half past ten of a working day."""

    def __init__(self, folder: Path) -> None:
        (folder / "db.key").write_text("ef" * 32)
        database = Database(path=folder / "server.db", key_file=folder / "db.key")
        self.engine = databases.connect(database)
        migrations.migrate(self.engine)
        with databases.writing(self.engine) as connection:
            own_origin.enrol_self(connection, DISTRICT, PrivateKeys.generate().public)
        demo.seed(self.engine, DISTRICT)
        self.day = datetime.now(INDIA).date()
        self.now = datetime(self.day.year, self.day.month, self.day.day, 10, 30, tzinfo=INDIA)
        self.outbox = DemoOutbox()
        nowhere = folder / "none"
        settings = ServerSettings(
            district=DISTRICT,
            district_name="Namuna",
            keys=nowhere,
            database=database,
            broker=Broker(host="127.0.0.1", ca=nowhere, certificate=nowhere, key=nowhere),
            demo=True,
        )
        self.app = create_app(
            Services(settings=settings, engine=self.engine, clock=lambda: self.now, outbox=self.outbox)
        )

    def play_the_morning(self) -> None:
        """The kiosk opened at 09:30; 25 children came, 24 ate; two were weighed, two rations handed out."""
        roster = people(facts.CENTRE_ID, self.day)
        children = [p.person_id for p in roster if attends_preschool(p, self.day)][:25]
        weighed = [p.person_id for p in roster if is_weighed(p, self.day)][:2]
        women = [p.person_id for p in roster if not is_weighed(p, self.day)][:2]
        happened = [
            events.CentreOpened(self.day),
            *(events.AttendanceMarked(self.day, child, True) for child in children),
            events.MealServed(self.day, Meal.HOT_COOKED_MEAL, 24),
            *(_weighing(self.day, child) for child in weighed),
            _ration(self.day, women[0], Rung.FACE, None),
            _ration(self.day, women[1], Rung.ATTESTATION, AttestationReason.TOO_DARK),
        ]
        opened = self.now.replace(hour=9).astimezone(UTC)
        recorded = [
            events.new_event(
                body, centre_id=facts.CENTRE_ID, worker_id=WorkerId("w-1"), at=opened, simulated=True
            )
            for body in happened
        ]
        with databases.writing(self.engine) as connection:
            own_origin.record(connection, DISTRICT, recorded)
        while projector.step(self.engine, DISTRICT):
            pass

    def weighed_this_month(self) -> int:
        """How many children were: the seeded ones of this month, and the two of this morning."""
        this_month = f"{self.day:%Y-%m}"
        return len({row.person_id for row in self.rows(tables.weighings) if row.day.startswith(this_month)})

    def rows(self, table: sa.Table) -> list[sa.RowMapping]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table)).mappings())


def _weighing(day: date, person: PersonId) -> events.Weighed:
    source = events.WeightSource.SCALE
    return events.Weighed(day=day, person_id=person, grams=Grams(11_400), source=source)


def _ration(
    day: date, person: PersonId, rung: Rung, reason: AttestationReason | None
) -> events.RationCollected:
    return events.RationCollected(
        day=day,
        person_id=person,
        collected_by=person,
        rung=rung,
        services=("THR",),
        days_covered=25,
        cycle=f"{day:%Y-%m}",
        reason=reason,
    )


class Served:
    """The district's web application, served on a free port of this machine."""

    def __init__(self, district: District) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(district.app, host="127.0.0.1", port=port, log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def __enter__(self) -> "Served":
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            assert time.monotonic() < until, "the server did not start in time"
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGS)


def phone_of(browser: Browser, url: str) -> BrowserContext:
    """A small Android phone standing at the centre."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        timezone_id="Asia/Kolkata",
        geolocation={"latitude": 26.85, "longitude": 80.94, "accuracy": 8},
        permissions=["geolocation"],
    )
    context.set_default_timeout(15_000)
    return context


def log_in(page: Page, mobile: str = facts.SUPERVISOR_MOBILE) -> None:
    """By mobile number and the code that the demo's outbox shows."""
    page.goto("/log-in")
    page.locator("input[name=mobile][type=tel]").fill(mobile)
    page.locator("main form button").click()
    page.locator("input[name=code]").wait_for()
    outbox = page.context.new_page()
    outbox.goto("/outbox")
    code = outbox.locator(".big-code").first.inner_text().strip()
    outbox.close()
    page.locator("input[name=code]").fill(code)
    page.locator("main form button").first.click()
    page.locator("form[action='/log-out']").wait_for()


class PhoneForm:
    """The form on the phone. A question is known by its words, so the hand reads what a supervisor reads."""

    def __init__(self, page: Page, items: dict[str, Item], language: str) -> None:
        self.page = page
        self._items = items
        self._codes = {" ".join(item.labels[language].split()): code for code, item in items.items()}
        page.locator(".ap-buttons .ap-next").wait_for()

    @property
    def section(self) -> Locator:
        return self.page.locator('.p-panel[data-page="current"]')

    def fill(self, answers: dict[str, str]) -> set[str]:
        """Answer every section to the last, by `answers` and otherwise by the first option or 2; the codes asked."""
        asked: set[str] = set()
        while True:
            asked |= self._fill_section(answers)
            if not self.page.locator(".ap-next").count():
                return asked
            self._next()

    def walk(self) -> int:
        """Go through all sections without answering; how many there are. Each must fit the width of the screen."""
        seen = 1
        self.check_width()
        while self.page.locator(".ap-next").count():
            self._next()
            self.check_width()
            seen += 1
        return seen

    def send(self) -> None:
        self.page.locator(".ap-send").click()

    def problem(self) -> str:
        """What the form says went wrong, once it has."""
        self.page.locator(".ap-send:not([disabled])").wait_for()
        return self.page.locator(".ap-problem").inner_text()

    def check_width(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth") <= WIDTH

    def _next(self) -> None:
        before = self.page.locator(".ap-count").inner_text()
        self.page.locator(".ap-next").click()
        self.page.wait_for_function("t => document.querySelector('.ap-count').innerText !== t", arg=before)

    def _fill_section(self, answers: dict[str, str]) -> set[str]:
        """An answer may bring up further questions: go on until every question has been met."""
        met: set[str] = set()
        while fresh := [(key, words) for key, words in self._questions() if self._code(words) not in met]:
            for key, words in fresh:
                code = self._code(words)
                self._answer(self.page.locator(f'[id="{key}"]'), self._items[code], answers.get(code))
                met.add(code)
        return met

    def _questions(self) -> list[tuple[str, str]]:
        return self.section.locator(".question-container").evaluate_all(
            "all => all.map(q => [q.id, q.querySelector('label').textContent])"
        )

    def _code(self, words: str) -> str:
        return self._codes[" ".join(words.split())]

    def _answer(self, question: Locator, item: Item, answer: str | None) -> None:
        match item.kind:
            case "choice":
                question.locator(f"label[for$='_{answer or item.options[0].name}']").click()
            case "number":
                question.locator("input").fill(answer or "2")
            case "text":
                question.locator("textarea, input").first.fill(answer or "ठीक है")
            case "place":
                question.locator(".get-location-button").click()
                self.page.locator(".p-dialog-footer button").last.click()
                question.locator(".geopoint-value").wait_for()
            case "time" if answer:
                question.locator("input").fill(f"{answer} am")
                question.locator("input").press("Tab")
