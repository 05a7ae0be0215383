"""What a thief finds on the disk of a kiosk that nobody is logged in to: no name, number, weight, face or picture.

A day is played in a browser with a profile on the disk; then everything the kiosk and its browser left behind is
searched, byte by byte. The same search finds all of it where sealing is off, and so is known to look well.
"""

import contextlib
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserType, Page, expect

from anganwadi import events
from anganwadi.events import FaceTemplateRecord, PersonRecord
from anganwadi.ids import CentreId, DistrictId
from models.face.rotation import Rotation, parts_of
from provisioning import demo_facts as facts
from provisioning.district import DemoDistrict
from provisioning.ports import Ports
from provisioning.processes import Program
from provisioning.stack import Stack
from server.seed.people import people
from server.settings import ServerSettings
from server.storage import engine as databases
from server.storage import rotations, tables
from tests.e2e.left_behind import picture_beginning
from tests.e2e.phone_visit import CHROMIUM_ARGS
from tests.e2e.whole_stack import Centre, wait_until

LOAD_KG = 9.37
CM, MUAC = "76.3", "112"
SHORTEST_NAME = 6
"""Letters in bytes: a shorter name stands in any browser's own files by chance (`Dev`)."""
PIECE = 48
"""Bytes of a face template that are looked for: no 48 random bytes are ever the same."""


class UnsealedStack(Stack):
    """The demo district, its kiosk with sealing off."""

    def _kiosk(self) -> Program:
        sealed = super()._kiosk()
        command = [word if word != "edge" else "tests.e2e.unsealed_kiosk" for word in sealed.command]
        return msgspec.structs.replace(sealed, command=command)


class Secrets(msgspec.Struct):
    """What must not be found, by kind: each as the bytes it may lie there as."""

    names: list[bytes]
    numbers: list[bytes]
    weights: list[bytes]
    faces: list[bytes]
    pictures: list[bytes]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Everything of one kiosk. Its path is short, since sockets of the browser and the TPM lie in it."""
    with tempfile.TemporaryDirectory(prefix="aangan-", dir="/tmp") as path:
        yield Path(path)


def play(stack: Stack, folder: Path, chromium: BrowserType, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """A day: everybody's name on the screen, a child weighed, a mother's face enrolled and known, logged out."""
    temporary = folder / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with stack:
        list(stack.start())
        assert core_bytes(stack, "kiosk") == 0
        centre = Centre(stack)
        context = chromium.launch_persistent_context(
            folder / "profile",
            executable_path="/usr/bin/chromium",
            args=CHROMIUM_ARGS,
            viewport={"width": 1024, "height": 600},
        )
        context.set_default_timeout(20_000)
        play_pages(centre, context.pages[0])
        context.close()
        if type(stack) is Stack:
            wait_until(lambda: centre.link()["receipted"] == centre.link()["recorded"], 30)
            kept = faces_in_the_vault(stack.district)
            faces = [form for face in kept for form in (face.vectors, *plain(stack.district, face))]
        else:
            faces = [face.vectors for face in faces_in_the_journal(stack.district)]
    assert faces
    return secrets_of(faces)


def core_bytes(stack: Stack, program: str) -> int:
    """How large a core dump of the running program may get."""
    return resource.prlimit(stack.pid(program), resource.RLIMIT_CORE)[1]


def play_pages(centre: Centre, page: Page) -> None:
    page.goto(f"{centre.kiosk}/login/AWW")
    for digit in facts.WORKER_PIN:
        page.click(f'[data-key="{digit}"]')
    page.click("button.go")
    page.wait_for_url("**/home")
    page.click('form[action="/centre/open"] button')
    expect(page.locator('a[href="/attendance"]')).to_be_visible()
    page.goto(f"{centre.kiosk}/attendance")
    page.click('form[action="/attendance/all"] button')
    roster = centre.people(page)
    child = next(person for person in roster if person["category"] == "CHILD_6_36M")
    weigh(centre, page, child["person_id"])
    mother = next(person for person in roster if person["may_enrol_face"] and person["owed_ration"])
    collect(centre, page, mother["person_id"])
    page.goto(f"{centre.kiosk}/home")
    page.locator('form[action="/logout"] button').first.click()
    page.wait_for_url("**/login**")


def weigh(centre: Centre, page: Page, child: str) -> None:
    centre.load(0)
    page.goto(f"{centre.kiosk}/weigh/{child}")
    for reading in (1, 2):
        expect(page.locator('[data-live][data-state="empty"]')).to_be_visible(timeout=20_000)
        centre.load(LOAD_KG)
        expect(page.locator('[data-live][data-state="stable"]')).to_be_visible(timeout=20_000)
        page.click("#take")
        if reading == 1:
            expect(page.locator(".steps .done")).not_to_have_count(0)
        centre.load(0)
    for field, typed in (("cm", CM), ("muac", MUAC)):
        page.click(f"#{field}")
        for digit in typed:
            page.click(f'[data-key="{digit}"]')
    page.click(".measures .button.go")
    page.click("#save")
    expect(page.locator(".weigh-result")).to_have_attribute("data-saved", "yes")
    for sheet in ("slip", "print"):
        page.goto(f"{centre.kiosk}/weigh/{child}/{sheet}")
        page.pdf()
    page.goto(f"{centre.kiosk}/weigh/{child}")


def collect(centre: Centre, page: Page, mother: str) -> None:
    centre.show("astronaut")
    page.goto(f"{centre.kiosk}/faces/{mother}")
    page.click(f'form[action="/faces/{mother}/consent"] button')
    expect(page.locator('[data-enrolled="yes"]')).to_be_visible(timeout=30_000)
    page.goto(f"{centre.kiosk}/ration/{mother}")
    expect(page.locator('[data-collected="today"][data-rung="face"]')).to_be_visible(timeout=30_000)


def faces_in_the_vault(district: DemoDistrict) -> list[FaceTemplateRecord]:
    settings = ServerSettings.load(district.server_settings)
    engine = databases.connect(settings.database)
    with engine.connect() as connection:
        found = connection.execute(sa.select(tables.persons.c.template)).scalars().all()
    engine.dispose()
    return [msgspec.msgpack.decode(each, type=FaceTemplateRecord) for each in found if each is not None]


def plain(district: DemoDistrict, face: FaceTemplateRecord) -> list[bytes]:
    """The face as it is compared in RAM: turned back by the centre's secret, in both precisions."""
    settings = ServerSettings.load(district.server_settings)
    with databases.opened(settings.database) as engine, engine.connect() as connection:
        secret = rotations.current(connection, DistrictId(settings.district), CentreId(facts.CENTRE_ID))
    assert secret is not None
    assert secret.number == face.rotation
    parts = parts_of(face.model)
    turned = np.frombuffer(face.vectors, "<f2").astype(np.float32).reshape(-1, sum(parts))
    rows = Rotation(secret.number, secret.secret).back(turned, parts)
    return [rows.astype("<f2").tobytes(), rows.astype("<f4").tobytes()]


def events_in_the_log(district: DemoDistrict) -> list[bytes]:
    """The content of every event the server stored."""
    settings = ServerSettings.load(district.server_settings)
    with databases.opened(settings.database) as engine, engine.connect() as connection:
        return [
            raw for raw in connection.execute(sa.select(tables.events.c.raw)).scalars() if raw is not None
        ]


def faces_in_the_journal(district: DemoDistrict) -> list[FaceTemplateRecord]:
    """Where sealing is off the kiosk's own store can be read, and the server cannot read the frames."""
    with contextlib.closing(sqlite3.connect(district.kiosk / "state" / "centre.db")) as connection:
        raws = connection.execute("select raw from journal").fetchall()
    bodies = [events.decode(raw).body for (raw,) in raws]
    return [body.template for body in bodies if isinstance(body, PersonRecord) and body.template is not None]


def secrets_of(faces: list[bytes]) -> Secrets:
    roster = people(facts.CENTRE_ID, datetime.now(UTC).date())
    numbers = [number for person in roster for number in (person.phone, person.card) if number]
    weight = f"{LOAD_KG:.2f}"
    grams = msgspec.msgpack.encode({"grams": round(LOAD_KG * 1000)})[1:]
    return Secrets(
        names=[
            spelt
            for person in roster
            for name in (person.name, person.name_latin)
            if len(name.encode()) >= SHORTEST_NAME
            for spelt in spellings(name)
        ],
        numbers=[spelt for number in numbers for spelt in spellings(number)],
        weights=[
            *spellings(f">{weight}<"),
            *spellings(f"{weight} kg"),
            grams,
            *spellings(f"cm={CM}&"),
            *spellings(f">{CM}<"),
        ],
        faces=[face[at : at + PIECE] for face in faces for at in range(0, len(face) - PIECE, PIECE)],
        pictures=[picture_beginning()],
    )


def spellings(text: str) -> list[bytes]:
    """As text lies on a disk: UTF-8, UTF-16 as browsers keep it, and escaped as in JSON and logs."""
    escaped = text.encode("unicode_escape")
    return list({text.encode(), text.encode("utf-16-le"), escaped})


def found(secrets: Secrets, folder: Path) -> dict[str, list[str]]:
    """The files in which something of each kind lies, of all that the kiosk, its browser and their programs left."""
    district = folder / "district"
    roots = [district / "kiosks", district / "log" / "kiosk.log", folder / "profile", folder / "tmp"]
    files = [
        file for root in roots for file in ([root] if root.is_file() else root.rglob("*")) if file.is_file()
    ]
    places: dict[str, list[str]] = {kind: [] for kind in Secrets.__struct_fields__}
    for file in files:
        content = file.read_bytes()
        for kind, needles in places.items():
            lying = [needle for needle in getattr(secrets, kind) if needle in content]
            if lying:
                needles.append(f"{file.relative_to(folder)}: {lying[:3]}")
    return places


def test_logged_out_kiosks_disk_holds_no_name_number_weight_face_or_picture(
    folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = play(
        Stack(DemoDistrict(folder / "district"), Ports.free()), folder, browser.browser_type, monkeypatch
    )
    assert found(secrets, folder) == {
        "names": [],
        "numbers": [],
        "weights": [],
        "faces": [],
        "pictures": [],
    }
    told = events_in_the_log(DemoDistrict(folder / "district"))
    assert any(b"ration_collected" in raw for raw in told)
    assert not [needle for needle in (*secrets.faces, *secrets.pictures) for raw in told if needle in raw]


def test_the_search_finds_all_of_it_where_sealing_is_off(
    folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = UnsealedStack(DemoDistrict(folder / "district"), Ports.free())
    places = found(play(stack, folder, browser.browser_type, monkeypatch), folder)
    assert any("state" in place for place in places["names"]), places
    assert any("state" in place for place in places["numbers"]), places
    assert any("outbox" in place for place in places["weights"]), places
    assert any("outbox" in place for place in places["faces"]), places
    assert any("profile" in place for place in places["names"]), places
    assert any("tmp" in place for place in places["pictures"]), places
