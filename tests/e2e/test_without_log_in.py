"""The server is down and nobody can log in: families get their rations all the same, and it hears of them later."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from anganwadi.entitlements import entitlement_on
from provisioning import demo_facts as facts
from provisioning.stack import answers
from server.seed.people import people
from tests.e2e.phone_visit import CHROMIUM_ARGS
from tests.e2e.test_day_in_browser import KIOSK_SCREEN, LANGUAGES, shoot
from tests.e2e.whole_stack import HOUSE, Centre, begin, wait_until

CHROMIUM = "/usr/bin/chromium"
JSON = {"Accept": "application/json"}
NAME = "SUNITA"
PAGES = {
    "sealed": "/sealed",
    "card": "/sealed/card",
    "word": "/sealed/word",
    "meals": "/sealed/meals",
    "state": "/state",
}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A stack of these tests' own, whose server was killed before anybody logged in."""
    with begin(tmp_path_factory.mktemp("alone") / "district") as stack:
        list(stack.start())
        centre = Centre(stack)
        _server_process(centre).kill()
        wait_until(lambda: not answers(f"{centre.server}/readyz"))
        yield centre


@pytest.fixture(scope="module")
def screen(alone: Centre, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=KIOSK_SCREEN)
    page = context.new_page()
    page.request.post(f"{alone.kiosk}/language", form={"language": "en"})
    yield page
    context.close()


@pytest.fixture(scope="module")
def card() -> str:
    """The card of a woman of the demo centre who is owed a ration."""
    today = date.today()
    for person in people(facts.CENTRE_ID, today):
        owed = entitlement_on(person, today)
        if owed is not None and owed.takes_home and person.card is not None:
            return person.card
    raise AssertionError


def _server_process(centre: Centre) -> psutil.Process:
    config = str(centre.stack.district.server_settings)
    return next(
        each
        for each in psutil.process_iter(["cmdline"])
        if config in (each.info["cmdline"] or []) and "server" in each.info["cmdline"]
    )


def _collected(centre: Centre) -> int:
    """How many rations the server's log says a known person received."""
    config = str(centre.stack.district.server_settings)
    said = subprocess.run(
        [sys.executable, "-m", "server", "counts", "--json", "--config", config],
        cwd=HOUSE, capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(said.stdout)["types"].get("ration_collected", 0)


def test_where_the_log_in_fails_one_tap_leads_to_work_without_it(alone, screen):
    screen.goto(f"{alone.kiosk}/login/AWW")
    for digit in facts.WORKER_PIN:
        screen.click(f'[data-key="{digit}"]')
    screen.click("button.go")
    expect(screen.locator(".note.bad")).to_contain_text(
        "The district server does not answer.", timeout=30_000
    )
    shoot(screen, "kiosk-log-in-fails")
    screen.click('a.go[href="/sealed"]')
    expect(screen.locator('a[href="/sealed/card"]')).to_be_visible()
    shoot(screen, "kiosk-without-log-in")


def test_a_ration_by_card_is_saved_with_the_server_down(alone, screen, card):
    screen.goto(f"{alone.kiosk}/sealed/card")
    for key in card:
        screen.click(f'.letter-keys [data-key="{key}"]')
    shoot(screen, "kiosk-card")
    screen.click("button.go")
    done = screen.locator('[data-collected="sealed"]')
    expect(done).to_contain_text("nobody can read it here")
    expect(done.locator("[data-waiting]")).to_have_attribute("data-waiting", "1")
    shoot(screen, "kiosk-card-done")


def test_a_ration_on_the_workers_word_is_typed_with_the_letters_on_the_screen(alone, screen):
    screen.goto(f"{alone.kiosk}/sealed/word")
    asked = "fieldset:not([hidden])"
    for letter in NAME:
        screen.click(f'{asked} [data-key="{letter}"]')
    shoot(screen, "kiosk-word")
    screen.click(f'{asked} [data-go="on"]')
    screen.click(f'{asked} [data-go="on"]')
    assert screen.url.endswith("/sealed/word"), "without a witness nothing is sent"
    screen.click('label:has([name="witness"][value="AWH"])')
    shoot(screen, "kiosk-word-witness")
    screen.click(f'{asked} [data-go="on"]')
    expect(screen.locator('[data-collected="sealed"] [data-waiting]')).to_have_attribute("data-waiting", "2")


def test_nothing_typed_is_there_when_one_goes_back(alone, screen):
    screen.goto(f"{alone.kiosk}/sealed/word")
    screen.click('fieldset:not([hidden]) [data-key="S"]')
    screen.goto(f"{alone.kiosk}/sealed")
    screen.go_back()
    expect(screen.locator("#described")).to_have_value("")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_without_a_log_in_fits_the_screen_in(language, alone, screen):
    screen.request.post(f"{alone.kiosk}/language", form={"language": language})
    for name, path in PAGES.items():
        screen.goto(f"{alone.kiosk}{path}")
        assert screen.locator("html").get_attribute("dir") == LANGUAGES[language], name
        spilt = screen.evaluate(
            "[...document.querySelectorAll('main *')].filter((each) => { const box = each.getBoundingClientRect();"
            " return box.height && (box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || box.left < -1); })"
            ".map((each) => each.className || each.tagName)"
        )
        assert spilt == [], name
        shoot(screen, f"{language}-without-log-in-{name}")


def test_scripts_take_the_same_way(alone):
    with httpx.Client(base_url=alone.kiosk, headers=JSON, trust_env=False, timeout=20) as client:
        assert client.post("/login", data={"post": "AWW", "pin": facts.WORKER_PIN}).status_code == 503
        opened = client.post("/sealed/open")
        assert opened.json() == {"sealed": True, "opened": True, "waiting": 3}
        assert opened.headers["Aangan-Accepted"] == "centre_opened=1"
        state = client.get("/state").json()
        assert (state["state"], state["link"]["recorded"]) == ("sealed_only", 3)


def test_what_is_typed_can_be_read_in_no_file_of_kiosk_or_browser(alone, browser, card, tmp_path):
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=CHROMIUM_ARGS, viewport=KIOSK_SCREEN
    )
    page = context.new_page()
    page.request.post(f"{alone.kiosk}/language", form={"language": "en"})
    asked = "fieldset:not([hidden])"
    page.goto(f"{alone.kiosk}/sealed/word")
    for letter in NAME:
        page.click(f'{asked} [data-key="{letter}"]')
    page.click(f'{asked} [data-go="on"]')
    page.click('label:has([name="witness"][value="AWW"])')
    page.click(f'{asked} [data-go="on"]')
    expect(page.locator('[data-collected="sealed"]')).to_be_visible()
    page.goto(f"{alone.kiosk}/sealed/card")
    for key in card:
        page.click(f'.letter-keys [data-key="{key}"]')
    context.close()

    district = alone.stack.district
    kiosk = [*district.kiosk_settings.parent.rglob("*"), district.logs / "kiosk.log"]
    held = [file.read_bytes() for file in (*kiosk, *tmp_path.rglob("*")) if file.is_file()]
    assert any(b"/sealed/word" in content for content in held), "the browser's history was not looked at"
    for typed in (card, NAME):
        for encoding in ("utf-8", "utf-16-le"):
            assert not any(typed.encode(encoding) in content for content in held), typed


def test_once_the_server_is_back_everything_is_on_it_exactly_once(alone):
    config = str(alone.stack.district.server_settings)
    again = subprocess.Popen([sys.executable, "-m", "server", "run", "--config", config], cwd=HOUSE)
    try:
        wait_until(lambda: len(alone.stored()) == 4, 60)
        rations, opened = "ration_without_roster", "centre_opened"
        assert alone.stored() == [(1, rations), (2, rations), (3, opened), (4, rations)]
        assert _collected(alone) == 1, "the server knows who has the card"
        wait_until(lambda: alone.link()["receipted"] == 4)
    finally:
        again.terminate()
        again.wait(20)
