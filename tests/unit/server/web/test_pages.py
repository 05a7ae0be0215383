"""What all pages share: languages, protective headers, errors."""

import re
from pathlib import Path

import pytest

import server
from provisioning.languages import direction, missing
from server.storage import tables
from server.web.times import age_text, clock_time, long_day
from server.web.words import DOMAIN, LOCALE, catalogues
from tests.unit.server.web_district import CENTRE, SUPERVISOR, TODAY, WebDistrict

SERVER = Path(server.__file__).parent
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def test_every_sentence_is_there_in_hindi_and_urdu() -> None:
    assert set(catalogues()) == {"en", "hi", "ur"}
    folders = [folder for folder in SERVER.iterdir() if folder.is_dir() and folder.name != "phone"]
    assert missing(LOCALE, DOMAIN, folders) == []


def test_missing_names_what_a_catalogue_lacks(tmp_path: Path) -> None:
    catalogue = tmp_path / "hi" / "LC_MESSAGES" / "x.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "%(n)s eggs"\nmsgstr "अंडे"\n\nmsgid "old"\nmsgstr "पुराना"\n'
    )
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.html").write_text('{{ _("%(n)s eggs", n=1) }} {{ _("milk") }}')
    assert missing(tmp_path, "x", [pages]) == [
        "hi: placeholders differ: '%(n)s eggs'",
        "hi: not translated: 'milk'",
        "hi: not used by any page: 'old'",
    ]


def test_urdu_is_written_from_right_to_left() -> None:
    assert [direction(language) for language in ("ur", "hi", "en")] == ["rtl", "ltr", "ltr"]


@pytest.mark.parametrize(
    ("language", "word"), [("hi", "आज के केंद्र"), ("en", "Centres today"), ("ur", "آج کے مراکز")]
)
def test_switch_changes_language_and_direction_for_good(web: WebDistrict, language: str, word: str) -> None:
    browser = web.logged_in()
    form = {"language": language, "next": "/?q=a", "csrf": web.csrf()}
    assert browser.post("/language", data=form).headers["location"] == "/?q=a"
    page = browser.get("/").text
    assert word in page
    assert f'<html lang="{language}" dir="{direction(language)}">' in page
    assert web.rows(tables.officers)[0]["language"] == language


def test_officers_own_language_is_used_where_nothing_was_switched(web: WebDistrict) -> None:
    web.change(tables.officers, language="ur")
    assert '<html lang="ur" dir="rtl">' in web.logged_in(SUPERVISOR).get("/").text


def test_language_can_be_switched_before_log_in(web: WebDistrict) -> None:
    browser = web.browser()
    browser.post("/language", data={"language": "hi", "next": "/log-in"})
    assert "मोबाइल नंबर" in browser.get("/log-in").text


def test_unknown_language_changes_nothing(web: WebDistrict) -> None:
    browser = web.browser()
    browser.post("/language", data={"language": "../x", "next": "/log-in"})
    assert '<html lang="en"' in browser.get("/log-in").text


@pytest.mark.parametrize(
    ("ago", "text"),
    [(-5, "just now"), (59_000, "just now"), (MINUTE, "1 minute ago"), (59 * MINUTE, "59 minutes ago"),
     (HOUR, "1 hour ago"), (23 * HOUR, "23 hours ago"), (DAY, "1 day ago"), (40 * DAY, "40 days ago")],
)  # fmt: skip
def test_age_is_told_in_one_unit(ago: int, text: str) -> None:
    assert age_text(catalogues()["en"], ago) == text


def test_times_are_indian_and_digits_western() -> None:
    assert clock_time(0) == "05:30"
    assert long_day("hi", TODAY) == "शनिवार, 21 नवंबर 2026"
    assert re.fullmatch(r"\D*21\D*2026\D*", long_day("ur", TODAY))


def test_urdu_dates_have_the_urdu_comma() -> None:
    assert "،" in long_day("ur", TODAY)
    assert "," not in long_day("ur", TODAY)


@pytest.mark.parametrize("path", ["/log-in", "/nowhere", "/api/v1/me", "/static/server.css"])
def test_every_answer_carries_the_protective_headers(web: WebDistrict, path: str) -> None:
    headers = web.browser().get(path).headers
    policy = headers["content-security-policy"]
    for rule in (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "frame-ancestors 'none'",
    ):
        assert rule in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_personal_page_is_kept_by_no_browser(web: WebDistrict) -> None:
    assert web.logged_in().get(f"/centres/{CENTRE}").headers["cache-control"] == "no-store"


def test_pages_load_nothing_from_elsewhere_and_no_inline_script(web: WebDistrict) -> None:
    browser = web.logged_in()
    for page in (browser.get("/").text, browser.get(f"/centres/{CENTRE}").text):
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
        assert not re.search(r"<script(?![^>]*src=)", page)
        assert not re.search(r"\son\w+=", page)


def test_bug_is_a_page_that_gives_nothing_away(web: WebDistrict) -> None:
    @web.app.get("/broken")
    def broken() -> None:
        raise RuntimeError("Aarav weighs 9 kg")

    browser = web.browser()
    browser._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "Aarav" not in answer.text
