"""Work with nobody logged in: recorded, sealed, and read by nobody here."""

import re

import pytest

from anganwadi.events import CentreClosed, CentreOpened, MealServed, Proof, RationWithoutRoster
from anganwadi.ids import NOBODY
from anganwadi.verification import AttestationReason
from edge.kiosk import keyboard, words
from edge.kiosk.sealed import MOST_LETTERS
from edge.store.errors import StoreError
from tests.unit.edge.kiosk.forms import Form, FormReader

PAGES = ("/sealed", "/sealed/card", "/sealed/word", "/sealed/meals")
WORD = {"described": "Sunita, wife of Ram", "reason": "not_enrolled", "witness": "AWH"}


def only(stage):
    """The one event that was recorded."""
    (event,) = stage.sealed()
    return event


def test_a_ration_by_card_needs_nobody_logged_in_and_is_saved_sealed(stage, stranger):
    answer = stranger.post("/sealed/ration", card="471234")
    assert answer == {"sealed": True, "by": "card", "waiting": 1}
    assert stranger.accepted == "ration_without_roster=1"
    event = only(stage)
    assert event.body == RationWithoutRoster(day=stage.kiosk.today(), days_covered=25, card="471234")
    assert (event.worker_id, event.proof, event.centre_id) == (
        NOBODY,
        Proof.NONE,
        stage.kiosk.settings.centre_id,
    )


def test_a_ration_on_the_workers_word_says_who_why_and_before_whom(stage, stranger):
    assert stranger.post("/sealed/ration", **WORD)["by"] == "word"
    assert only(stage).body == RationWithoutRoster(
        day=stage.kiosk.today(), days_covered=25, described="Sunita, wife of Ram",
        reason=AttestationReason.NOT_ENROLLED, witness="AWH",
    )  # fmt: skip


def test_the_witness_may_be_another_woman_by_her_name(stage, stranger):
    stranger.post("/sealed/ration", described="Sunita", witness="other", witness_name=" Kamla  Devi ")
    assert only(stage).body.witness == "Kamla Devi"


def test_that_nobody_can_log_in_is_reason_enough(stage, stranger):
    stranger.post("/sealed/ration", described="Sunita", witness="AWW", reason="")
    assert only(stage).body.reason is AttestationReason.NOT_LOGGED_IN
    assert 'value="not_logged_in" checked' in stranger.page("/sealed/word")


def test_that_nobody_can_log_in_is_no_reason_where_somebody_is_logged_in():
    assert AttestationReason.NOT_LOGGED_IN not in words.ATTESTATION


@pytest.mark.parametrize(
    ("typed", "kept"), [("47 12 34", "471234"), ("ab-1234", "AB-1234"), ("४७१२३४", "471234"), ("۴۷۱۲۳۴", "471234")]
)  # fmt: skip
def test_a_card_number_is_kept_in_latin_letters_and_digits(stage, stranger, typed, kept):
    stranger.post("/sealed/ration", card=typed)
    assert only(stage).body.card == kept


@pytest.mark.parametrize("card", ["12", "1234 5678 9012", "47123٪", "no card"])
def test_what_cannot_be_a_card_number_is_not_recorded(stage, stranger, card):
    assert stranger.post("/sealed/ration", 422, card=card)["error"] == "bad_card"
    assert stage.sealed() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [({"described": " "}, "no_name"), ({"witness": ""}, "no_witness"), ({"witness": "other"}, "no_witness"),
     ({"witness": "somebody"}, "no_witness"), ({"reason": "because"}, "bad_form"),
     ({"described": "Sunita 1234 5678 9012"}, "aadhaar"),
     ({"witness": "other", "witness_name": "1234-5678-9012"}, "aadhaar")],
)  # fmt: skip
def test_on_her_word_nothing_is_recorded_without_name_and_witness(stage, stranger, change, code):
    assert stranger.post("/sealed/ration", 422, **WORD | change)["error"] == code
    assert stage.sealed() == []


def test_a_long_description_is_cut_not_refused(stage, stranger):
    stranger.post("/sealed/ration", **WORD | {"described": "x" * 500})
    assert len(only(stage).body.described) == MOST_LETTERS


def test_opening_meals_and_closing_are_recorded_without_a_log_in(stage, stranger):
    assert stranger.post("/sealed/open") == {"sealed": True, "opened": True, "waiting": 1}
    assert stranger.accepted == "centre_opened=1"
    assert stranger.post("/sealed/meals", meal="HCM", count=23) == {
        "sealed": True, "meal": "HCM", "count": 23, "waiting": 2,
    }  # fmt: skip
    assert stranger.post("/sealed/close") == {"sealed": True, "closed": True, "waiting": 3}
    assert [type(event.body) for event in stage.sealed()] == [CentreOpened, MealServed, CentreClosed]


def test_a_number_of_meals_that_cannot_be_is_not_recorded(stage, stranger):
    assert stranger.post("/sealed/meals", 422, meal="HCM", count=3000)["error"] == "bad_count"
    assert stage.sealed() == []


def test_what_is_not_on_the_disk_is_not_called_saved(stage, stranger, monkeypatch):
    def full(*_):
        raise StoreError("full")

    monkeypatch.setattr(stage.kiosk, "record_sealed", full)
    assert stranger.post("/sealed/ration", 500, card="471234")["error"] == "not_saved"
    assert stranger.accepted == ""


def test_the_page_after_it_says_saved_sealed_and_how_much_waits(stranger):
    answer = stranger.client.post("/sealed/ration", data={"card": "471234"})
    assert answer.status_code == 303
    page = stranger.page(answer.headers["location"])
    assert "Saved. Hand out the ration now." in page
    assert "nobody can read it here" in page
    assert "The district will see it" in page
    assert 'data-waiting="1"' in page


def test_a_later_visit_never_says_hand_it_out_again(stranger):
    first = stranger.client.post("/sealed/ration", data={"card": "471234"}).headers["location"]
    stranger.post("/sealed/ration", card="471235")
    assert stranger.client.get(first).headers["location"] == "/sealed"
    assert stranger.client.get("/sealed/done/anything").headers["location"] == "/sealed"


@pytest.mark.parametrize("language", ["hi", "en", "ur"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_with_nobody_logged_in_in_every_language(stranger, path, language):
    assert 'lang="ur" dir="rtl"' in (page := stranger.page(path, language)) or language != "ur"
    assert "<script>" not in page


def test_nothing_typed_comes_back_on_a_page_or_in_an_address(stranger):
    answer = stranger.client.post("/sealed/ration", data=WORD)
    assert "Sunita" not in answer.headers["location"]
    for path in (answer.headers["location"], *PAGES, "/state", "/login"):
        assert "Sunita" not in stranger.page(path)
    htmx = stranger.client.post("/sealed/ration", data=WORD | {"witness": ""}, headers={"HX-Request": "true"})
    assert "Sunita" not in htmx.text


def test_no_form_is_remembered_by_the_browser(stranger):
    for path in PAGES:
        for form in FormReader.read(stranger.page(path)).forms:
            assert form.is_forgotten, (path, form)
    assert stranger.client.get("/sealed/word").headers["cache-control"] == "no-store"


def test_what_is_typed_about_a_person_is_sent_without_leaving_it_in_the_history(stranger):
    for path in ("/sealed/card", "/sealed/word"):
        (form,) = [form for form in FormReader.read(stranger.page(path)).forms if form.types]
        assert form.attributes["hx-post"] == "/sealed/ration"
        assert int(form.attributes["data-forget"] or 0) <= 120
    answer = stranger.client.post("/sealed/ration", data={"card": "471234"}, headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"].startswith("/sealed/done/")
    assert answer.text == ""


@pytest.mark.parametrize("path", ["/login", "/login/AWW", "/state"])
def test_one_tap_leads_there_from_every_page_before_the_log_in(stranger, path):
    assert 'href="/sealed"' in stranger.page(path)


def test_the_letters_on_the_screen_write_the_names_of_the_screens_language():
    names = {"hi": "सुनीता देवी श्रीमती पिंकी ज़ेबा", "ur": "نسرین بانو کلثوم شبنم آپا", "en": "SUNITA DEVI"}
    for language, name in names.items():
        keys = {key for row in keyboard.LAYOUTS[language] for key, _ in row}
        assert set(re.sub(r"\s", "", name)) <= set("".join(keys)), language
        assert all(len(row) <= keyboard.WIDTH for row in keyboard.LAYOUTS[language])


def test_form_reader_sees_a_form_that_is_kept():
    kept = FormReader.read('<form action="/x"><input name="card"></form>').forms
    assert kept == [Form({"action": "/x"}, [{"name": "card"}])]
    assert not kept[0].is_forgotten
