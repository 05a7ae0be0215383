"""Every word on the screen exists in every language."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

import edge.kiosk
from anganwadi.people import Category
from anganwadi.verification import AttestationReason, DoorstepReason, Leaving, Rung
from edge.devices.scale import HELP
from edge.face.hints import Hint
from edge.face.liveness import Move, Why
from edge.kiosk import growth_words, i18n, words
from provisioning import languages

ROOM = Path(edge.kiosk.__file__).parent


def test_every_sentence_is_there_in_every_language():
    assert set(i18n.catalogues()) == set(i18n.LANGUAGES) == {"hi", "en", "ur"}
    assert languages.missing(i18n.LOCALE, i18n.DOMAIN, [ROOM], unmarked=HELP.values()) == []


@pytest.fixture(params=["hi", "ur"])
def catalogue(request):
    with (i18n.LOCALE / request.param / "LC_MESSAGES" / f"{i18n.DOMAIN}.po").open("rb") as source:
        return read_po(source, locale=request.param)


def test_translations_are_in_their_own_script(catalogue):
    letters = re.compile(r"[\u0900-\u097f]" if catalogue.locale.language == "hi" else r"[\u0600-\u06ff]")
    foreign = re.compile(r"[\u0600-\u06ff]" if catalogue.locale.language == "hi" else r"[\u0900-\u097f]")
    for message in catalogue:
        for string in [message.string] if isinstance(message.string, str) else message.string:
            if message.id:
                assert letters.search(string), message.id
                assert not foreign.search(string), message.id


def test_every_code_has_its_word():
    assert set(words.CATEGORY) == set(Category)
    assert set(words.RUNG) == set(Rung)
    assert set(words.ATTESTATION) | set(words.SEALED_REASON) == set(AttestationReason)
    assert set(words.HINT) >= set(Hint)
    assert set(words.MOVE) == set(Move)
    assert set(words.WHY) >= set(get_args(Why))
    assert set(words.LEAVING) == set(Leaving)
    assert set(words.DOORSTEP) == set(DoorstepReason)


def test_every_icon_of_the_templates_is_in_the_sprite():
    build = (ROOM.parents[1] / "server" / "phone" / "build-icons.mjs").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOM / "templates").glob("*.html"))
    used = (
        set(re.findall(r'icon\("(\w+)"', source))
        | {
            icon
            for named in (
                words.HINT,
                words.STATE,
                words.SEALED_REASON,
                words.POSE,
                words.LEAVING,
                words.DOORSTEP,
                growth_words.STEP,
                growth_words.SIGN,
                growth_words.APPETITE,
            )
            for icon, _ in named.values()  # type: ignore[attr-defined]
        }
        | {move.icon for move in words.MOVE.values()}
    )
    assert [name for name in sorted(used) if not re.search(rf"\b{name}:", build)] == []


@pytest.mark.parametrize("language", ["hi", "en", "ur"])
@pytest.mark.parametrize(
    "path", ["/home", "/attendance", "/meals", "/weigh", "/weigh/baby/scale", "/weigh/baby/measures",
             "/weigh/baby/manual", "/weigh/check", "/faces", "/faces/mother",
             "/ration", "/ration/mother", "/ration/mother?by=ways", "/ration/mother?by=doorstep",
             "/ration/mother/refuse", "/doorstep", "/attendance/heads", "/close", "/api/status"],
)  # fmt: skip
def test_every_page_is_drawn_in_every_language(worker, path, language):
    page = worker.page(path, language)
    if language == "ur" and not path.startswith("/api"):
        assert 'dir="rtl"' in page


@pytest.mark.parametrize(
    ("months", "said"),
    [(1, "1 month"), (7, "7 months"), (12, "1 year"), (15, "1 year 3 months"), (25, "2 years 1 month"),
     (900, "75 years")],
)  # fmt: skip
def test_an_age_says_one_year_and_two_years(months, said, monkeypatch, stage):
    monkeypatch.setattr(i18n, "months_on", lambda born, day: months)
    her = stage.kiosk.server.people[0].person
    assert i18n.age("en", her, date(2026, 11, 21)) == said


def test_every_required_field_says_in_the_pages_language_what_is_missing():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOM / "templates").glob("*.html"))
    fields = re.findall(r"<input [^\n]*?\brequired\b(.*?)>", source)
    assert fields
    assert [field for field in fields if "data-missing" not in field and "checked" not in field] == []


def test_dates_are_read_aloud_with_western_digits():

    assert i18n.long_date("hi", date(2026, 11, 21)) == "शनिवार, 21 नवंबर 2026"
    assert not re.search(r"[۰-۹०-९]", i18n.long_date("ur", date(2026, 11, 21)))
