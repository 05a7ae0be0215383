"""The centre page: one day, live, with the people in it."""

import re

import pytest

from anganwadi.ids import PersonId
from server.storage import tables
from tests.unit.server.web_district import CENTRE, DPO, WebDistrict


def page(web: WebDistrict) -> str:
    return web.logged_in().get(f"/centres/{CENTRE}").text


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_children_are_named_with_their_mark(web: WebDistrict) -> None:
    for person, name in (("p-1", "Aarav"), ("p-2", "Bina"), ("p-3", "Chand")):
        web.add_child(person, latin=name)
    web.mark("p-2")
    web.mark("p-3", present=False)
    shown = text_of(page(web))
    assert re.search(r"Bina \S+ present Chand \S+ absent Aarav \S+ not marked", shown)


def test_flagged_child_stands_first_with_her_class_in_words(web: WebDistrict) -> None:
    web.add_child("p-1", latin="Aarav")
    web.add_child("p-2", latin="Bina")
    web.weigh("p-1", 15_000, "NORMAL", 0.1)
    web.weigh("p-2", 9_410, "SEVERE", -3.41)
    shown = text_of(page(web))
    weighed = shown[shown.index("Weighed today") :]
    assert re.search(r"Bina .*9\.41 kg.*-3\.41.*Severely underweight.*Aarav .*Normal weight", weighed)


def test_a_child_with_sam_stands_first_whatever_the_weight_for_age_says(web: WebDistrict) -> None:
    for person, name in (("p-1", "Aarav"), ("p-2", "Bina"), ("p-3", "Chand")):
        web.add_child(person, latin=name)
    web.weigh("p-1", 9_410, "SEVERE", -3.41)
    web.weigh("p-2", 9_000, "MODERATE", -2.2)
    web.decide_care("p-2", "SAM")
    web.weigh("p-3", 9_900, None)  # swollen feet: no weight for age
    web.decide_care("p-3", "SAM", oedema=True)
    shown = text_of(page(web))
    weighed = shown[shown.index("Weighed today") :]
    assert re.search(r"(Bina|Chand) .*\(SAM\).*(Bina|Chand) .*\(SAM\).*Aarav .*Severely underweight", weighed)
    assert "Not judged" not in weighed


def test_rations_are_listed_with_their_evidence(web: WebDistrict) -> None:
    web.add_child("p-1", latin="Aarav")
    web.hand_out("p-1", "attestation", reason="too_dark")
    shown = text_of(page(web))
    assert "Worker vouches" in shown
    assert "too dark" in shown


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no_stock", {"en": "the ration ran out", "hi": "राशन खत्म हो गया था", "ur": "راشن ختم ہو گیا تھا"}),
        (
            "family_left",
            {"en": "did not want to wait", "hi": "रुकना नहीं चाहता था", "ur": "رکنا نہیں چاہتا تھا"},
        ),
        ("stranger", {"en": "may not collect for her", "hi": "नहीं ले सकता", "ur": "نہیں لے سکتا"}),
        ("other", {"en": "other reason", "hi": "कोई और कारण", "ur": "کوئی اور وجہ"}),
        ("code_of_tomorrow", {"en": "other reason", "hi": "कोई और कारण", "ur": "کوئی اور وجہ"}),
    ],
)
def test_refusal_is_explained_in_words_never_by_its_code(
    web: WebDistrict, reason: str, words: dict[str, str]
) -> None:
    web.hand_out("p-1", None, reason=reason)
    browser = web.logged_in()
    for language, said in words.items():
        browser.cookies.set("aangan_language", language)
        shown = text_of(browser.get(f"/centres/{CENTRE}").text)
        assert said in shown
        assert reason == "other" or reason not in shown


def test_somebody_erased_from_the_vault_stays_under_the_end_of_her_id(web: WebDistrict) -> None:
    web.hand_out("p-0123456789abcdef", "face")
    assert "…abcdef" in page(web)


def test_name_is_shown_as_text_never_as_markup(web: WebDistrict) -> None:
    web.add_child("p-1", "<script>alert(1)</script>", "<b>x</b>")
    shown = page(web)
    assert "<script>alert" not in shown
    assert "<b>x</b>" not in shown


def test_events_stored_and_safe_are_of_this_centres_kiosks(web: WebDistrict) -> None:
    web.hear_from(CENTRE, stored=120, safe=95)
    web.hear_from("09123456702", stored=7, safe=7)
    shown = page(web)
    assert 'id="stored">120<' in shown
    assert 'id="safe">95<' in shown


def test_visits_are_listed_newest_first(web: WebDistrict) -> None:
    visit = {"centre_id": CENTRE, "officer_id": "o-supervisor-s-1", "form_id": "f", "form_version": "1"}
    web.add(
        tables.visits, visit_id="v-1", day="2026-10-01", started_ms=1, submitted_ms=2, score=78.4, **visit
    )
    web.add(tables.visits, visit_id="v-2", day="2026-11-21", started_ms=3, **visit)
    shown = page(web)
    assert shown.index('href="/visits/v-2"') < shown.index('href="/visits/v-1"')
    assert "78%" in shown


def test_live_part_changes_when_the_day_does_and_is_silent_until_then(web: WebDistrict) -> None:
    browser = web.logged_in()
    shown = re.search(r'"X-Shown": "(\w+)"', browser.get(f"/centres/{CENTRE}").text)
    assert shown
    headers = {"HX-Request": "true", "X-Shown": shown[1]}
    assert browser.get(f"/centres/{CENTRE}/live", headers=headers).status_code == 204
    web.mark("p-1")
    changed = browser.get(f"/centres/{CENTRE}/live", headers=headers)
    assert changed.status_code == 200
    assert 'id="present">1<' in changed.text


@pytest.mark.parametrize("path", ["/live", f"/centres/{CENTRE}/live"])
def test_open_page_whose_session_ended_goes_to_the_log_in_page(web: WebDistrict, path: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:8000/centres/{CENTRE}"}
    answer = web.browser().get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == f"/log-in?next=%2Fcentres%2F{CENTRE}"


def test_api_gives_the_day_without_names(web: WebDistrict) -> None:
    web.add_child("p-1", "आरव", "Aarav")
    web.mark("p-1")
    web.weigh("p-1", 12_400, "NORMAL", -0.5)
    web.hand_out("p-1", "face")
    answer = web.logged_in().get(f"/api/v1/centres/{CENTRE}/days/2026-11-21")
    day = answer.json()
    assert day["children"] == [{"person_id": PersonId("p-1"), "present": True}]
    assert day["weighings"][0]["grams"] == 12_400
    assert day["rations"][0]["rung"] == "face"
    assert "Aarav" not in answer.text
    assert web.rows(tables.access_log)[0]["action"] == "centre_api"


def test_only_the_dpo_counts_the_districts_events(web: WebDistrict) -> None:
    event = {"origin": "k-1", "epoch": 1, "event_hash": b"", "received_ms": 0}
    for number, kind in enumerate(("weighed", "weighed", "attendance")):
        web.add(tables.events, sequence=number, position=number, type=kind, **event)
    assert web.logged_in().get("/api/v1/counts").status_code == 403
    assert web.logged_in(DPO).get("/api/v1/counts").json() == {"counts": {"attendance": 1, "weighed": 2}}
