"""A centre's day by hand, in a real browser, on the whole stack; the supervisor's page beside it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from provisioning import demo_facts as facts
from tests.e2e.whole_stack import HOUSE, Centre, wait_until

PICTURES = Path(os.environ.get("AANGAN_PICTURES", HOUSE / "var" / "pictures"))
KIOSK_SCREEN = ViewportSize(width=1024, height=600)
PHONE = ViewportSize(width=360, height=740)
LANGUAGES = {"hi": "ltr", "en": "ltr", "ur": "rtl"}
LOAD_KG = 9.12
NEXT = ", ".join(f'[data-rung="{rung}"]' for rung in ("nominee_face", "card", "phone_otp", "attestation"))
"""The page of any evidence below her own face."""


@pytest.fixture(scope="module")
def kiosk(centre: Centre, browser: Browser) -> Iterator[Page]:
    """The kiosk's screen, the worker logged in, the centre open."""
    context = browser.new_context(viewport=KIOSK_SCREEN)
    page = context.new_page()
    page.goto(f"{centre.kiosk}/login")
    shoot(page, "kiosk-login")
    page.click('a[href="/login/AWW"]')
    for digit in facts.WORKER_PIN:
        page.click(f'[data-key="{digit}"]')
    page.click("button.go")
    page.wait_for_url("**/home")
    page.click('form[action="/centre/open"] button')
    expect(page.locator('a[href="/attendance"]')).to_be_visible()
    yield page
    context.close()


@pytest.fixture(scope="module")
def supervisor(centre: Centre, browser: Browser) -> Iterator[Page]:
    """A supervisor's phone, logged in, on the centre's page."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{centre.server}/log-in")
    page.fill("#mobile", facts.SUPERVISOR_MOBILE)
    page.click("form button.wide")
    outbox = context.new_page()
    outbox.goto(f"{centre.server}/outbox")
    code = outbox.locator(f'[data-mobile="{facts.SUPERVISOR_MOBILE}"]').first.get_attribute("data-code")
    outbox.close()
    assert code
    page.fill("#code", code)
    page.click("form button.wide")
    page.goto(f"{centre.server}/centres/{facts.CENTRE_ID}")
    yield page
    context.close()


@pytest.fixture(scope="module")
def mothers(centre: Centre, kiosk: Page) -> list[str]:
    """Women owed a ration who may enrol."""
    return [
        person["person_id"]
        for person in centre.people(kiosk)
        if person["may_enrol_face"] and person["owed_ration"]
    ]


def shoot(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def enrol(centre: Centre, page: Page, person: str, face) -> None:
    centre.show(face)
    page.goto(f"{centre.kiosk}/faces/{person}")
    page.click(f'form[action="/faces/{person}/consent"] button')
    expect(page.locator('[data-enrolled="yes"]')).to_be_visible(timeout=30_000)


def check_once_more(page: Page) -> None:
    """The second try waits for a tap; the first begins by itself."""
    expect(page.locator('#look[data-state="waiting"]')).to_be_visible(timeout=30_000)
    page.click("#look button.go")


def test_children_tapped_present_show_on_the_centre_page_without_a_reload(centre, kiosk, supervisor):
    supervisor.evaluate("window.notReloaded = true")
    kiosk.goto(f"{centre.kiosk}/attendance")
    kiosk.click('form[action="/attendance/all"] button')
    expect(kiosk.locator(".child.present")).to_have_count(25)
    kiosk.locator(".child.present").first.click()
    expect(kiosk.locator(".child.absent")).to_have_count(1)
    shoot(kiosk, "kiosk-attendance")
    expect(supervisor.locator("#present")).to_have_text("24", timeout=15_000)
    assert supervisor.evaluate("window.notReloaded")


def test_weight_on_the_page_is_the_load_on_the_cell_within_10_g(centre, kiosk, supervisor):
    children = [person for person in centre.people(kiosk) if person["category"] == "CHILD_6_36M"]
    centre.load(0)
    kiosk.goto(f"{centre.kiosk}/weigh/{children[0]['person_id']}")
    for reading in (1, 2):
        expect(kiosk.locator('[data-live][data-state="empty"]')).to_be_visible(timeout=20_000)
        centre.load(LOAD_KG)
        expect(kiosk.locator('[data-live][data-state="stable"]')).to_be_visible(timeout=20_000)
        shown = kiosk.locator("#weight").text_content()
        assert shown is not None
        assert abs(float(re.sub(r"[^0-9.]", "", shown)) - LOAD_KG) <= 0.01
        shoot(kiosk, "kiosk-weighing")
        kiosk.click("#take")
        if reading == 1:
            expect(kiosk.locator(".steps .done")).not_to_have_count(0)
        centre.load(0)
    kiosk.click('[form="only-weight"]')
    result = kiosk.locator(".weigh-result")
    expect(result).to_have_attribute("data-saved", "no")
    kiosk.click("#save")
    expect(result).to_have_attribute("data-saved", "yes")
    assert abs(int(result.get_attribute("data-grams") or 0) - LOAD_KG * 1000) <= 10
    assert result.get_attribute("data-waz")
    expect(kiosk.locator(".chart svg")).to_be_visible()
    shoot(kiosk, "kiosk-growth")
    expect(supervisor.locator("#weighed")).to_have_text("1", timeout=15_000)


def test_enrolled_mother_collects_her_ration_by_face_and_two_moves(centre, kiosk, mothers, supervisor):
    enrol(centre, kiosk, mothers[0], "astronaut")
    kiosk.goto(f"{centre.kiosk}/ration")
    kiosk.click(f'a[href="/ration/{mothers[0]}"]')
    expect(kiosk.locator('[data-rung="face"]')).to_be_visible()
    expect(kiosk.locator('#look:not([data-move=""]) .ring')).to_be_visible(timeout=15_000)
    shoot(kiosk, "kiosk-ration")
    expect(kiosk.locator('[data-collected="today"][data-rung="face"]')).to_be_visible(timeout=30_000)
    shoot(kiosk, "kiosk-ration-done")
    expect(supervisor.locator('li[data-rung="face"]')).to_be_visible(timeout=15_000)


def test_the_machines_time_is_shown_apart_from_her_moves(centre, kiosk, record_property):
    took = kiosk.locator(".took")
    serve = int(took.get_attribute("data-serve-ms") or 0)
    challenge = int(took.get_attribute("data-challenge-ms") or 0)
    record_property("machine_ms", serve - challenge)
    assert 0 < challenge < serve
    shown = [float(each) for each in re.findall(r"\d+\.\d", took.text_content() or "")]
    assert shown == [
        pytest.approx((serve - challenge) / 1000, abs=0.06),
        pytest.approx(challenge / 1000, abs=0.06),
    ]


def test_second_ration_in_the_same_month_is_explained_and_not_handed_out(centre, kiosk, mothers):
    kiosk.goto(f"{centre.kiosk}/ration/{mothers[0]}")
    expect(kiosk.locator("[data-collected]")).to_be_visible()
    assert kiosk.locator("form[action$='/face']").count() == 0


def test_an_impostor_is_led_to_the_next_evidence(centre, kiosk, mothers):
    enrol(centre, kiosk, mothers[1], "grace_hopper")
    centre.show("astronaut")
    kiosk.goto(f"{centre.kiosk}/ration/{mothers[1]}")
    expect(kiosk.locator('[data-missed="not_matched"]')).to_be_visible(timeout=30_000)
    expect(kiosk.locator('[data-rung="face_retry"]')).to_be_visible()
    shoot(kiosk, "kiosk-not-matched")
    check_once_more(kiosk)
    expect(kiosk.locator(NEXT)).to_be_visible(timeout=30_000)


def test_a_screen_and_a_print_of_her_are_led_to_the_next_evidence_and_to_no_dead_end(centre, kiosk, mothers):
    leave_without(centre, kiosk, mothers[1])
    centre.show("grace_hopper", shown_as="screen")
    kiosk.goto(f"{centre.kiosk}/ration/{mothers[1]}")
    expect(kiosk.locator('[data-missed="not_live"]')).to_be_visible(timeout=40_000)
    expect(kiosk.locator('[data-rung="face_retry"]')).to_be_visible()
    shoot(kiosk, "kiosk-not-live")
    centre.show("grace_hopper", shown_as="print")
    check_once_more(kiosk)
    expect(kiosk.locator(NEXT)).to_be_visible(timeout=40_000)
    kiosk.goto(f"{centre.kiosk}/ration/{mothers[1]}?by=ways")
    expect(kiosk.locator('[data-way="attestation"]')).to_be_visible()


def test_who_leaves_without_is_told_how_to_complain(centre, kiosk, mothers):
    leave_without(centre, kiosk, mothers[1])
    expect(kiosk.locator('[data-left="stranger"] .ask')).not_to_be_empty()
    shoot(kiosk, "kiosk-complain")


def leave_without(centre: Centre, page: Page, person: str) -> None:
    page.goto(f"{centre.kiosk}/ration/{person}/refuse")
    page.locator('label:has(input[value="stranger"])').click()
    page.click('form[action$="/refuse"] button.danger')
    page.wait_for_url("**/left")


def test_mother_too_dark_to_match_is_served_on_the_workers_word(centre, kiosk, mothers):
    centre.show("grace_hopper", dark=True)
    kiosk.goto(f"{centre.kiosk}/ration/{mothers[1]}?by=attestation")
    kiosk.locator('label:has(input[name="reason"][value="too_dark"])').click()
    kiosk.locator('label:has(input[name="witness"][value="AWH"])').click()
    kiosk.locator('label:has(input[name="heard"])').click()
    shoot(kiosk, "kiosk-vouch")
    kiosk.click('form[action$="/attest"] button.go')
    expect(kiosk.locator('[data-collected="today"][data-rung="attestation"]')).to_be_visible()


def test_a_card_held_before_the_camera_and_its_pin_hand_out_the_ration(centre, kiosk, mothers):
    her = next(
        person
        for person in reversed(centre.people(kiosk))
        if person["card"] and person["owed_ration"] and person["person_id"] not in mothers[:3]
    )
    kiosk.goto(f"{centre.kiosk}/ration/{her['person_id']}?by=card")
    expect(kiosk.locator('[data-asks="card"]')).to_be_visible()
    centre.hold_up(her["card"])
    expect(kiosk.locator('[data-asks="pin"]')).to_be_visible(timeout=20_000)
    shoot(kiosk, "kiosk-card-pin")
    type_pin(kiosk, "0000")
    expect(kiosk.locator('[data-missed="pin"]')).to_be_visible()
    type_pin(kiosk, facts.CARD_PIN)
    expect(kiosk.locator('[data-collected="today"][data-rung="card"]')).to_be_visible()


def type_pin(page: Page, pin: str) -> None:
    for digit in pin:
        page.click(f'[data-key="{digit}"]')
    page.click(".keypad button.go")


def test_heads_before_the_camera_are_counted_beside_the_taps(centre, kiosk):
    centre.gather(12)
    kiosk.goto(f"{centre.kiosk}/attendance/heads")
    kiosk.click('form[action="/attendance/heads"] button')
    counts = kiosk.locator('[data-counted="12"]')
    expect(counts).to_be_visible(timeout=20_000)
    expect(counts).to_have_attribute("data-marked", "24")
    expect(kiosk.locator('[data-differs="yes"]')).to_be_visible()
    shoot(kiosk, "kiosk-heads")


def test_child_cannot_be_enrolled_by_face(centre, kiosk):
    child = next(person for person in centre.people(kiosk) if person["attends_preschool"])
    answer = kiosk.request.post(
        f"{centre.kiosk}/faces/{child['person_id']}/consent",
        form={"language": "hi"},
        headers={"Accept": "application/json"},
    )
    assert answer.status in {403, 409, 422}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kiosk_page_fits_the_screen_in(language, centre, kiosk, mothers):
    child = next(person for person in centre.people(kiosk) if person["is_weighed"])["person_id"]
    kiosk.request.post(f"{centre.kiosk}/language", form={"language": language, "back": "/home"})
    pages = {
        "home": "/home",
        "attendance": "/attendance",
        "meals": "/meals",
        "weigh-choose": "/weigh",
        "weigh": f"/weigh/{child}/scale",
        "measures": f"/weigh/{child}/measures",
        "manual": f"/weigh/{child}/manual",
        "consent": f"/faces/{mothers[2]}",
        "ration-choose": "/ration",
        "ration": f"/ration/{mothers[2]}",
        "ways": f"/ration/{mothers[2]}?by=ways",
        "card": f"/ration/{mothers[2]}?by=card&typed=1",
        "code": f"/ration/{mothers[2]}?by=phone_otp",
        "vouch": f"/ration/{mothers[2]}?by=attestation",
        "to-doorstep": f"/ration/{mothers[2]}?by=doorstep",
        "refuse": f"/ration/{mothers[2]}/refuse",
        "doorstep": "/doorstep",
        "heads": "/attendance/heads",
        "close": "/close",
        "state": "/state",
    }
    for name, path in pages.items():
        kiosk.goto(f"{centre.kiosk}{path}")
        assert kiosk.locator("html").get_attribute("dir") == LANGUAGES[language], name
        wide = kiosk.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        tall = kiosk.evaluate("document.documentElement.scrollHeight - window.innerHeight")
        assert (max(wide, 0), max(tall, 0)) == (0, 0), name
        shoot(kiosk, f"{language}-{name}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_supervisors_pages_fit_a_phone_in(language, centre, supervisor):
    for name, path in {"district": "/", "centre": f"/centres/{facts.CENTRE_ID}"}.items():
        supervisor.goto(f"{centre.server}{path}")
        switch = supervisor.locator(f'[name="language"][value="{language}"], [value="{language}"]').first
        if supervisor.locator("html").get_attribute("lang") != language:
            switch.click()
            supervisor.goto(f"{centre.server}{path}")
        assert supervisor.locator("html").get_attribute("dir") == LANGUAGES[language]
        wide = supervisor.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, name
        shoot(supervisor, f"{language}-server-{name}")


def test_closing_the_day_logs_out_and_everything_reaches_the_server(centre, kiosk):
    kiosk.goto(f"{centre.kiosk}/close")
    kiosk.click('form[action="/centre/close"] button')
    expect(kiosk.locator('a[href="/login/AWW"]')).to_be_visible()
    wait_until(lambda: centre.link()["receipted"] == centre.link()["recorded"])
    stored = centre.stored()
    assert [sequence for sequence, _ in stored] == list(range(1, centre.link()["recorded"] + 1))
    assert {"centre_opened", "attendance", "weighed", "ration_collected", "centre_closed"} <= {
        kind for _, kind in stored
    }
