"""What else is measured of a child, what it means, and where the child goes."""

from datetime import timedelta

import pytest

from anganwadi.cmam import danger_signs
from anganwadi.events import CareDecided, Measured, Weighed
from anganwadi.ids import Millimetres
from anganwadi.wire.login import Care, PastMeasure
from edge.kiosk import growth_words
from tests.unit.edge.kiosk.at_the_scale import only_the_weight, weigh, weigh_in_arms

LANGUAGES = ("hi", "en", "ur")


def measure(worker, person="baby", **typed) -> dict:
    return worker.post(f"/weigh/{person}/measures", **typed)


@pytest.fixture
def sam(stage, worker):
    """The baby, just saved with severe acute malnutrition."""
    weigh(stage, worker, 6600, 6600)
    measure(worker, cm="74.0", position="L", muac="112", oedema="no")
    return worker.post("/weigh/baby/save")


def test_weight_length_arm_and_oedema_are_saved_together_with_what_they_mean(stage, worker, sam):
    assert worker.accepted == "weighed=1,measured=1,care_decided=1"
    (event,) = stage.recorded(Measured)
    assert (event.length, event.position, event.muac, event.oedema) == (740, "L", 112, False)
    assert (event.haz, event.whz) == (sam["haz"], sam["whz"])
    assert (event.stunting, event.wasting) == ("NORMAL", "SEVERE")
    (care,) = stage.recorded(CareDecided)
    assert (care.acute, care.step) == ("SAM", "medical_officer")
    assert care.seen_by == stage.session.today() + timedelta(5)
    assert sam["acute"] == "SAM"


def test_a_length_measured_standing_below_two_years_counts_as_seven_millimetres_more(stage, worker):
    weigh(stage, worker, 8200, 8200)
    measure(worker, cm="74.0", position="H")
    standing = worker.post("/weigh/baby/save")["haz"]
    measure(worker, cm="74.7", position="L")
    assert worker.post("/weigh/baby/save")["haz"] == standing


def test_the_position_is_the_usual_one_for_the_age_unless_said_otherwise(stage, worker):
    assert measure(worker, cm="74")["position"] == "L"
    assert measure(worker, person="child", cm="95")["position"] == "H"


def test_a_child_can_be_measured_without_a_scale(stage, worker):
    measure(worker, muac="112")
    saved = worker.post("/weigh/baby/save")
    assert worker.accepted == "measured=1,care_decided=1"
    assert (saved["grams"], saved["acute"], saved["waz"]) == (None, "SAM", None)


def test_what_was_not_measured_is_not_recorded(stage, worker):
    weigh(stage, worker, 8200, 8200)
    only_the_weight(worker)
    worker.post("/weigh/baby/save")
    assert worker.accepted == "weighed=1"
    assert stage.recorded(Measured) == []


def test_weighing_again_on_the_day_judges_the_length_with_the_new_weight(stage, worker):
    weigh(stage, worker, 8200, 8200)
    measure(worker, cm="74.0", position="L")
    first = worker.post("/weigh/baby/save")["whz"]
    weigh(stage, worker, 7700, 7700)
    measure(worker, cm="74.0", position="L")
    second = worker.post("/weigh/baby/save")["whz"]
    assert second < first
    assert [event.whz for event in stage.recorded(Measured)] == [first, second]


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"cm": "7.4"}, "bad_length"), ({"cm": "740"}, "bad_length"), ({"cm": "tall"}, "bad_length"),
     ({"muac": "11.8"}, "bad_muac"), ({"muac": "1180"}, "bad_muac"), ({"cm": "nan"}, "bad_length")],
)  # fmt: skip
def test_a_measure_no_child_has_is_refused_with_an_example(worker, typed, code):
    refused = worker.post("/weigh/baby/measures", 422, **typed)
    assert refused["error"] == code


def test_the_arm_is_asked_for_from_six_months_to_five_years(worker):
    assert 'name="muac"' in worker.page("/weigh/baby/measures")
    assert 'name="muac"' not in worker.page("/weigh/five/measures")


def test_a_length_that_shrank_is_not_saved_until_the_worker_says_that_it_is_right(stage, worker):
    past = PastMeasure(day=stage.session.today() - timedelta(30), length=Millimetres(760))
    stage.change("baby", measures=(past,))
    measure(worker, cm="67.0")
    assert 'data-doubt="length"' in worker.page("/weigh/baby")
    assert worker.post("/weigh/baby/save", 409)["error"] == "measure_again"
    worker.post("/weigh/baby/save", confirmed="true")
    assert stage.recorded(Measured)[0].confirmed


def test_a_child_in_arms_is_weighed_as_the_difference_and_its_uncertainty_is_shown(stage, worker):
    answer = weigh_in_arms(stage, worker, (52_300, 60_480), (52_310, 60_460))
    assert answer == {"readings": [8180, 8150], "weight": 8165, "next": "save"}
    assert stage.scale.asked_held == [True] * 4
    only_the_weight(worker)
    assert "give or take 82 g" in worker.page("/weigh/baby")
    worker.post("/weigh/baby/save")
    (event,) = stage.recorded(Weighed)
    assert (event.way, event.readings, event.uncertainty) == ("in_arms", (8180, 8150), 41)
    assert [reading.load for reading in event.taken] == ["adult", "together"] * 2


def test_an_adult_alone_twice_is_no_reading(stage, worker):
    worker.post("/weigh/baby/way", way="in_arms")
    weigh(stage, worker, 52_300)
    assert worker.post("/weigh/baby/reading", 409)["error"] == "no_child_in_arms"


def test_changing_the_way_drops_the_readings(stage, worker):
    weigh(stage, worker, 8000)
    assert worker.post("/weigh/baby/way", way="in_arms")["next"] == "put"
    assert stage.kiosk.session is not None


def test_sam_is_asked_for_danger_signs_and_a_failed_appetite_test_leads_to_the_nrc(stage, worker, sam):
    assert sam["step"] == "medical_officer"
    assert 'href="/weigh/baby/signs"' in worker.page("/weigh/baby")
    assert worker.post("/weigh/baby/signs", appetite="failed")["step"] == "nrc"
    assert worker.accepted == "care_decided=1"
    care = stage.recorded(CareDecided)[-1]
    assert (care.step, care.appetite, care.seen_by) == ("nrc", "failed", None)
    page = worker.page("/weigh/baby")
    assert 'data-step="nrc"' in page
    assert 'href="/weigh/baby/slip"' in page


def test_a_danger_sign_leads_to_the_nrc_and_stands_on_the_slip(stage, worker, sam):
    worker.post("/weigh/baby/signs", appetite="passed", sign=["lethargic", "no_such_sign"])
    assert stage.recorded(CareDecided)[-1].signs == ("lethargic",)
    slip = worker.page("/weigh/baby/slip")
    assert "Nutrition Rehabilitation Centre" in slip
    assert "Very sleepy, hard to wake" in slip
    assert "सुनीता देवी" in slip  # who brings the child


def test_the_signs_stay_when_the_visit_is_saved_once_more(stage, worker, sam):
    worker.post("/weigh/baby/signs", appetite="failed")
    weigh(stage, worker, 6610, 6610)
    only_the_weight(worker)
    measure(worker, cm="74.0", position="L", muac="112", oedema="no")
    assert worker.post("/weigh/baby/save")["step"] == "nrc"
    assert stage.recorded(CareDecided)[-1].appetite == "failed"


def test_swollen_feet_lead_to_the_nrc_whatever_the_weight(worker):
    measure(worker, oedema="yes")
    assert worker.post("/weigh/baby/save")["step"] == "nrc"


def test_a_well_child_is_sent_to_no_doctor_and_nothing_is_decided(stage, worker):
    weigh(stage, worker, 8600, 8600)
    measure(worker, cm="74.0", position="L", muac="140", oedema="no")
    assert worker.post("/weigh/baby/save")["step"] == "none"
    assert stage.recorded(CareDecided) == []
    assert worker.client.get("/weigh/baby/slip", headers={"Accept": "application/json"}).status_code == 409


def under_care(stage, step="nrc", days=20):
    day = stage.session.today() - timedelta(days)
    stage.change("baby", care=Care(day=day, step=step, visits=(day + timedelta(7), day + timedelta(60))))


def test_care_does_not_end_because_the_arm_was_not_measured(stage, worker):
    under_care(stage)
    weigh(stage, worker, 8600, 8600)
    only_the_weight(worker)
    worker.post("/weigh/baby/save")
    assert stage.recorded(CareDecided) == []
    assert 'data-step="nrc"' in worker.page("/weigh/baby")


def test_care_ends_when_the_child_was_measured_and_is_well(stage, worker):
    under_care(stage)
    weigh(stage, worker, 8600, 8600)
    measure(worker, cm="74.0", position="L", muac="140", oedema="no")
    worker.post("/weigh/baby/save")
    assert [care.step for care in stage.recorded(CareDecided)] == ["none"]


def test_children_whose_visit_is_due_stand_first_until_they_were_seen(stage, worker):
    under_care(stage)
    before = worker.page("/weigh")
    assert "due since" in before
    assert before.index("/weigh/baby") < before.index("/weigh/child")
    weigh(stage, worker, 8600, 8600)
    only_the_weight(worker)
    worker.post("/weigh/baby/save")
    assert "due since" not in worker.page("/weigh")


def test_the_line_for_the_mother_is_in_her_language_and_said_aloud(stage, worker, sam):
    assert "पाँच दिन के भीतर डॉक्टर को दिखाएँ" in worker.page("/weigh/baby", "ur")
    worker.post("/weigh/baby/speak")
    language, said = stage.voice.said[-1]
    assert language == "hi"
    assert "डॉक्टर" in said


def test_the_sheet_holds_the_charts_and_every_measurement(stage, worker, sam):
    page = worker.page("/weigh/baby/print")
    assert page.count('class="growth-chart"') == 3
    assert '<td class="num">6.60</td><td class="num">74.0</td><td class="num">112</td>' in page


def test_the_charts_can_be_chosen(stage, worker, sam):
    assert 'id="length_for_age-title"' in worker.page("/weigh/baby?chart=length_for_age")
    assert 'id="weight_for_age-title"' in worker.page("/weigh/baby")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/weigh", "/weigh/baby", "/weigh/baby/signs", "/weigh/baby/slip", "/weigh/baby/print"]
)
def test_every_page_of_a_saved_visit_is_drawn_in_every_language(worker, sam, path, language):
    assert f'lang="{language}"' in worker.page(path, language)


@pytest.mark.parametrize("page", ["signs", "slip", "print"])
def test_without_a_visit_today_there_is_nothing_to_refer_or_print(worker, page):
    answer = worker.client.get(f"/weigh/baby/{page}", headers={"Accept": "application/json"})
    assert answer.json()["error"] == "not_measured_today"


def test_every_danger_sign_has_its_words():
    assert set(growth_words.SIGN) == set(danger_signs())


def test_every_doubt_of_a_visit_is_told(stage, worker):
    past = PastMeasure(day=stage.session.today() - timedelta(30), length=Millimetres(760))
    stage.change("baby", measures=(past,))
    worker.post("/weigh/baby/manual", kg="18.4", reason="scale_broken")
    measure(worker, cm="67.0")
    page = worker.page("/weigh/baby")
    assert 'data-doubt="weight"' in page
    assert 'again?</strong> <strong data-doubt="length"' in page


def test_an_adult_with_a_child_in_her_arms_is_read_though_she_sways(worker):
    assert 'data-sways="yes"' not in worker.page("/weigh/baby/scale")
    worker.post("/weigh/baby/way", way="in_arms")
    assert 'data-sways="yes"' in worker.page("/weigh/baby/scale")
