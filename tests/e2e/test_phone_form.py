"""A supervisor's visit on a small phone: a real server, a real browser, the whole checklist in Hindi."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from provisioning import demo_facts as facts
from server.storage import tables
from server.supervision.form import shipped_forms
from tests.e2e.phone_visit import (
    WIDTH,
    District,
    PhoneForm,
    Served,
    build_page_assets,
    log_in,
    phone_of,
)

ITEMS = shipped_forms().current().items
ANSWERS = {
    "VIS06": "09:35",
    "HCM03": "24",
    "PSE01": "23",
    "THR05": "2",
    "THR07": "1",
    "FBK03": "no",
}
TEXT = "वज़न सही लिया & बच्चों से प्यार से बात की"

NOT_ASKED = {"VIS02"}
"""Why the centre was closed: it was open."""

CENTRE_PAGE = f"/centres/{facts.CENTRE_ID}"
SUBMISSION = "**/visits/*/submission"

RADIO = """
const send = window.fetch;
window.fetch = async (url, options) => {
  const file = options?.body instanceof FormData ? options.body.get("xml_submission_file") : null;
  if (!file) return send(url, options);
  await noteInstance((await file.text()).match(/instanceID>([^<]*)</)[1]);
  const answer = await send(url, options);
  if (!window.loseAnswer || !answer.ok) return answer;
  window.loseAnswer = false;
  throw new TypeError("The network went away.");
};
"""
"""Notes what leaves the phone and, told to, loses the server's answer once: it took the form, the phone never hears."""


def answers_at(district: District) -> dict[str, str]:
    """What she fills in: her own counts, and as many children weighed this month as the register has."""
    return {**ANSWERS, "GRO01": str(district.weighed_this_month()), "ACT01": TEXT}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    build_page_assets()
    made = District(tmp_path_factory.mktemp("district"))
    made.play_the_morning()
    yield made
    made.engine.dispose()


@pytest.fixture
def page(district: District, browser: Browser) -> Iterator[Page]:
    """A phone on which the supervisor is logged in; a script error on a page fails the test."""
    errors: list[str] = []
    with Served(district) as served:
        context = phone_of(browser, served.url)
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        log_in(opened)
        yield opened
        context.close()
    assert errors == []


def start_visit(page: Page, language: str = "hi") -> PhoneForm:
    page.goto(CENTRE_PAGE)
    page.locator(f"form[action='{CENTRE_PAGE}/visits'] button").click()
    return PhoneForm(page, ITEMS, language)


def refuse(route: Route) -> None:
    detail = {"detail": "सर्वर अभी व्यस्त है। थोड़ी देर में फिर भेजें।"}
    route.fulfill(status=503, content_type="application/json", body=json.dumps(detail))


def test_visit_is_filled_in_sent_through_every_mishap_and_shown_beside_the_kiosk(
    page: Page, district: District
) -> None:
    sent: list[str] = []
    page.expose_function("noteInstance", lambda instance: sent.append(instance))
    page.add_init_script(RADIO)
    form = start_visit(page)
    assert page.locator("html").get_attribute("lang") == "hi"
    assert form.fill(answers_at(district)) == set(ITEMS) - NOT_ASKED

    page.route(SUBMISSION, refuse, times=1)
    form.send()
    assert "सर्वर अभी व्यस्त है" in form.problem()
    assert form.section.locator("textarea").first.input_value() == TEXT

    log_out_and_in_elsewhere(page, form)
    page.evaluate("window.loseAnswer = true")
    form.send()
    expect(page.locator(".ap-problem")).to_contain_text("नेटवर्क नहीं है")
    assert form.section.locator("textarea").first.input_value() == TEXT

    with page.expect_response(SUBMISSION) as answer:
        form.send()
    assert answer.value.status == 202
    page.wait_for_url(re.compile(r"/visits/[0-9a-f-]{36}$"))
    assert len(sent) >= 4
    assert len(set(sent)) == 1

    (visit,) = district.rows(tables.visits)
    answers = json.loads(visit["answers"])
    assert visit["instance_id"] == sent[0]
    wanted = answers_at(district)
    assert {code: answers[code] if code == "ACT01" else answers[code][:5] for code in wanted} == wanted
    check_comparison(page)
    check_languages(page)


def log_out_and_in_elsewhere(page: Page, form: PhoneForm) -> None:
    """Another tab ends the session: the form says so, and after a new log-in there it goes on with its answers."""
    other = page.context.new_page()
    other.goto("/")
    other.locator("form[action='/log-out'] button").click()
    other.locator("input[name=mobile]").first.wait_for(state="attached")
    form.send()
    expect(page.locator(".ap-problem")).to_contain_text("लॉग-इन समाप्त")
    log_in(other)
    other.close()


def check_comparison(page: Page) -> None:
    """The head count differs from the kiosk's attendance, in words; what was counted alike agrees."""
    head_count = page.locator("tr[data-item=PSE01]")
    assert head_count.locator("bdi").all_inner_texts() == ["23", "25"]
    assert "2 का अंतर" in head_count.inner_text()
    same = page.locator("tr[data-agreement=same]").evaluate_all("rows => rows.map(row => row.dataset.item)")
    assert set(same) >= {"VIS01", "VIS06", "HCM01", "HCM03", "GRO01", "THR05", "THR07"}
    assert page.locator("#score").inner_text().endswith("%")


def check_languages(page: Page) -> None:
    for language, direction in (("en", "ltr"), ("ur", "rtl"), ("hi", "ltr")):
        page.locator(f".languages button[lang={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.locator("html").get_attribute("dir") == direction
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_form_in_urdu_runs_from_right_to_left_and_fits_the_screen(page: Page) -> None:
    form = start_visit(page)
    form.section.locator("label[for$='_yes']").first.click()
    page.locator(".ap-languages button[lang=ur]").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.locator(".form-top a").inner_text().strip() == "رام پور 1"
    assert "کیا پہنچنے پر مرکز کھلا تھا؟" in form.section.inner_text()
    assert form.section.locator("input:checked").count() == 1
    assert form.walk() == 12


def test_reload_in_mid_form_keeps_the_answers_and_the_instance_until_it_is_sent(
    page: Page, district: District
) -> None:
    sent: list[str] = []
    page.expose_function("noteInstance", lambda instance: sent.append(instance))
    page.add_init_script(RADIO)
    form = start_visit(page)
    form.fill(answers_at(district))
    begun = drafts(page)
    page.reload()
    form = PhoneForm(page, ITEMS, "hi")
    assert form.section.locator("input:checked").count() > 0
    form.walk()
    assert form.section.locator("textarea").first.input_value() == TEXT
    page.reload()
    form = PhoneForm(page, ITEMS, "hi")
    form.walk()
    assert drafts(page) == begun

    form.send()
    page.wait_for_url(re.compile(r"/visits/[0-9a-f-]{36}$"))
    assert sent == begun
    assert drafts(page) == []
    visit = next(row for row in district.rows(tables.visits) if row["instance_id"] == sent[0])
    assert json.loads(visit["answers"])["ACT01"] == TEXT
    assert b"deprecatedID" not in visit["submission"]


def test_what_a_thumb_presses_is_at_least_44_pixels_high(page: Page) -> None:
    page.goto("/")
    buttons = [*page.locator(".languages button").all()]
    assert len(buttons) == 3
    assert min(height(button) for button in buttons) >= 44
    form = start_visit(page)
    assert height(form.section.locator(".get-location-button")) >= 44


def height(thing: Locator) -> float:
    return thing.evaluate("one => one.getBoundingClientRect().height")


def test_log_out_wipes_the_draft_from_the_phone(page: Page) -> None:
    start_visit(page)
    page.wait_for_function("() => localStorage.length > 0")
    assert len(drafts(page)) == 1
    page.goto("/")
    page.locator("form[action='/log-out'] button").click()
    page.locator("input[name=mobile][type=tel]").wait_for()
    assert drafts(page) == []


def drafts(page: Page) -> list[str]:
    """The instanceIDs of the drafts on the phone."""
    return page.evaluate(
        "Object.values({...localStorage}).map(xml => (xml.match(/instanceID>([^<]*)</) ?? [])[1]).filter(Boolean)"
    )
