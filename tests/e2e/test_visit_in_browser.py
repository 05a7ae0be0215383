"""A child's visit through the browser: in a mother's arms on the real firmware's scale, length and arm typed on the
screen's own keys, what it means, danger signs, the slip; and every page of it fits the screen in three languages."""

import re
from collections.abc import Iterator

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from anganwadi.cmam import Step
from provisioning import demo_facts as facts
from tests.e2e.test_day_in_browser import KIOSK_SCREEN, LANGUAGES, shoot
from tests.e2e.whole_stack import Centre, wait_until

MOTHER_KG = 52.3
SWAYS_KG = 0.03
"""More than a child lying still, and within the 100 g of somebody who holds one."""
PAST_THE_SCREEN = """() => {
  const row = document.querySelector("main > .row.bottom");
  const floor = row ? row.getBoundingClientRect().top : innerHeight;
  const past = (each) => {
    const box = each.getBoundingClientRect();
    const below = row && row.contains(each) ? innerHeight : floor;
    return box.bottom > below + 1 || box.right > innerWidth + 1 || box.left < -1;
  };
  return [...document.querySelectorAll('main *')]
    .filter((each) => each.checkVisibility() && !each.closest('.people, .letters, .paper'))
    .filter(past)
    .map((each) => each.outerHTML.slice(0, 80));
}"""
"""What a page shows beyond the edge of the screen, or under its row of buttons; lists and paper scroll."""


@pytest.fixture(scope="module")
def kiosk(centre: Centre, browser: Browser) -> Iterator[Page]:
    """The kiosk's screen, the worker logged in, the centre open."""
    context = browser.new_context(viewport=KIOSK_SCREEN)
    page = context.new_page()
    answer = page.request.post(f"{centre.kiosk}/login", form={"post": "AWW", "pin": facts.WORKER_PIN})
    assert answer.ok
    assert page.request.post(f"{centre.kiosk}/centre/open").ok
    yield page
    context.close()


@pytest.fixture(scope="module")
def child(centre: Centre, kiosk: Page) -> str:
    """A child between six months and three years."""
    return next(p["person_id"] for p in centre.people(kiosk) if p["category"] == "CHILD_6_36M")


def last_of(page: Page) -> float:
    """The last weight or length, as the page beside the child's name says it."""
    said = page.locator(".whose .small").text_content() or ""
    found = re.findall(r"(\d+\.\d+)", said)
    assert found, said
    return float(found[-1])


def press(page: Page, field: str, digits: str) -> None:
    page.click(f"#{field}")
    for digit in digits:
        page.click(f'[data-key="{digit}"]')
    expect(page.locator(f"#{field}")).to_have_value(digits)


def take(centre: Centre, page: Page, kg: float) -> None:
    """Let somebody of this weight stand on the scale, as still as adults stand, and take the reading."""
    centre.load(kg, SWAYS_KG)
    near = re.compile("|".join(f"{kg + more / 100:.2f}" for more in range(-4, 5)))
    expect(page.locator("#weight")).to_have_text(near, timeout=20_000)
    with page.expect_navigation():
        page.click("#take", timeout=20_000)


def empty(centre: Centre, page: Page) -> None:
    centre.load(0)
    expect(page.locator('[data-live][data-state="empty"]')).to_be_visible(timeout=20_000)


def test_a_child_is_weighed_in_her_mothers_arms(centre, kiosk, child):
    kiosk.goto(f"{centre.kiosk}/weigh/{child}")
    kiosk.click('[name="way"][value="in_arms"]')
    kg = last_of(kiosk) + 0.1
    for _ in range(2):
        empty(centre, kiosk)
        take(centre, kiosk, MOTHER_KG)
        expect(kiosk.locator(".steps .now")).to_be_visible()
        take(centre, kiosk, MOTHER_KG + kg)
    centre.load(0)
    kiosk.wait_for_url("**/measures")


def test_length_and_arm_are_typed_on_the_screens_own_keys(centre, kiosk, child):
    kiosk.goto(f"{centre.kiosk}/weigh/{child}/measures")
    press(kiosk, "cm", f"{last_of(kiosk) + 0.5:.1f}")
    press(kiosk, "muac", "110")
    kiosk.locator('[name="oedema"][value="no"]').check(force=True)
    kiosk.click(".measures .button.go")
    result = kiosk.locator(".weigh-result")
    expect(result).to_have_attribute("data-acute", "SAM")
    expect(kiosk.locator("[data-uncertainty]")).to_be_visible()
    kiosk.click("#save")
    expect(result).to_have_attribute("data-saved", "yes")
    expect(result).to_have_attribute("data-step", Step.MEDICAL_OFFICER)
    shoot(kiosk, "kiosk-meaning")


def test_each_class_leads_to_its_chart(centre, kiosk, child):
    kiosk.goto(f"{centre.kiosk}/weigh/{child}")
    for index, chart in {
        "haz": "length_for_age",
        "whz": "weight_for_length",
        "waz": "weight_for_age",
    }.items():
        kiosk.click(f'[data-index="{index}"]')
        expect(kiosk.locator(f"#{chart}-title")).to_be_attached()


def test_danger_signs_lead_to_the_nrc_and_its_slip_can_be_printed(centre, kiosk, child):
    kiosk.goto(f"{centre.kiosk}/weigh/{child}")
    kiosk.click(f'a[href="/weigh/{child}/signs"]')
    kiosk.locator('[value="lethargic"]').check(force=True)
    kiosk.locator('[value="failed"]').check(force=True)
    kiosk.click(".signs .button.go")
    expect(kiosk.locator(".weigh-result")).to_have_attribute("data-step", Step.NRC)
    kiosk.click(f'a.go[href="/weigh/{child}/slip"]')
    expect(kiosk.locator(".slip")).to_have_attribute("data-step", Step.NRC)
    paper = pypdfium2.PdfDocument(kiosk.pdf())
    assert len(paper) == 1
    assert "MUAC 110" in paper[0].get_textpage().get_text_bounded()
    assert "Demo" not in paper[0].get_textpage().get_text_bounded()  # the screen's frame stays on the screen


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_visit_fits_the_screen_in(language, centre, kiosk, child):
    kiosk.request.post(f"{centre.kiosk}/language", form={"language": language, "back": "/home"})
    young = [p["person_id"] for p in centre.people(kiosk) if p["category"] == "CHILD_6_36M"]
    other = next(person for person in young if person != child)
    doubtful = {"kg": "30", "reason": "scale_away"}
    kiosk.request.post(f"{centre.kiosk}/weigh/{other}/manual", form=doubtful)
    kiosk.request.post(
        f"{centre.kiosk}/weigh/{other}/measures", form={"cm": "60", "muac": "112", "oedema": "no"}
    )
    pages = {
        "choose": "/weigh", "scale": f"/weigh/{child}/scale", "measures": f"/weigh/{child}/measures",
        "doubtful": f"/weigh/{other}", "meaning": f"/weigh/{child}", "signs": f"/weigh/{child}/signs",
        "slip": f"/weigh/{child}/slip", "print": f"/weigh/{child}/print",
    }  # fmt: skip
    for name, path in pages.items():
        kiosk.goto(f"{centre.kiosk}{path}")
        assert kiosk.locator("html").get_attribute("dir") == LANGUAGES[language], name
        assert kiosk.evaluate(PAST_THE_SCREEN) == [], name
        shoot(kiosk, f"{language}-visit-{name}")


def test_the_whole_visit_reaches_the_server(centre, kiosk):
    wait_until(lambda: centre.link()["receipted"] == centre.link()["recorded"])
    kinds = [kind for _, kind in centre.stored()]
    assert {"weighed", "measured", "care_decided"} <= set(kinds)
