"""A child's visit mended, gone on with or begun anew: once more on the day, after a log-in, beside older care."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from anganwadi.events import CareDecided, Measured, Weighed
from anganwadi.ids import Grams, PersonId
from anganwadi.wire.login import Care, PastWeight
from tests.unit.edge.kiosk.at_the_scale import only_the_weight, weigh, weigh_in_arms

WELL = {"cm": "74.0", "position": "L", "muac": "140", "oedema": "no"}


def measure(worker, person="baby", **typed) -> dict:
    return worker.post(f"/weigh/{person}/measures", **typed)


def by_hand(worker, kg: str, person="baby") -> dict:
    worker.post(f"/weigh/{person}/manual", kg=kg, reason="scale_broken")
    return worker.post(f"/weigh/{person}/save", confirmed="true")


def under_care(stage, step: str, days: int = 20) -> Care:
    day = stage.session.today() - timedelta(days)
    seen_by = day + timedelta(5) if step == "medical_officer" else None
    care = Care(day=day, step=step, seen_by=seen_by, visits=(day + timedelta(7), day + timedelta(60)))
    stage.change("baby", care=care)
    return care


def steps(stage) -> list[str]:
    return [care.step for care in stage.recorded(CareDecided)]


def test_a_measure_that_was_cleared_is_gone_after_saving(stage, worker):
    weigh(stage, worker, 8600, 8600)
    measure(worker, cm="74.0", position="L", muac="112")
    assert worker.post("/weigh/baby/save")["acute"] == "SAM"
    only_the_weight(worker)
    assert worker.post("/weigh/baby/save")["acute"] is None
    assert stage.recorded(Measured)[-1].muac is None
    assert "MUAC" not in worker.page("/weigh/baby")


def test_a_referral_that_rested_on_a_wrong_weight_ends_when_the_weight_is_mended(stage, worker):
    assert by_hand(worker, "5.7")["step"] == "medical_officer"
    by_hand(worker, "8.7")
    assert steps(stage) == ["medical_officer", "none"]
    assert 'data-step="none"' in worker.page("/weigh/baby")


def test_older_care_stands_again_when_a_wrong_weight_is_mended(stage, worker):
    before = under_care(stage, "centre")
    assert by_hand(worker, "5.7")["step"] == "medical_officer"
    by_hand(worker, "8.7")
    assert steps(stage) == ["medical_officer", "centre"]
    assert stage.recorded(CareDecided)[-1].visits == before.visits


def test_a_loss_that_was_a_mistake_is_taken_back(stage, worker):
    by_hand(worker, "7.9")
    by_hand(worker, "8.4")
    assert [care.faltering for care in stage.recorded(CareDecided)] == ["lost", None]


def test_what_was_measured_today_is_known_after_logging_in_again(stage, worker):
    weigh(stage, worker, 6600, 6600)
    measure(worker, cm="74.0", position="L", muac="112", oedema="no")
    worker.post("/weigh/baby/save")
    worker.post("/weigh/baby/signs", appetite="failed")
    worker.post("/logout")
    worker.post("/login", post="AWW", pin="2580")
    page = worker.page("/weigh/baby")
    assert 'data-saved="yes"' in page
    assert 'data-step="nrc"' in page
    weigh(stage, worker, 6700, 6700)
    again = worker.post("/weigh/baby/save")
    assert (again["step"], again["acute"]) == ("nrc", "SAM")
    assert stage.recorded(Measured)[-1].length == 740


def test_a_weighing_under_way_does_not_outlive_the_log_in(stage, worker):
    weigh(stage, worker, 8600, 8600)
    measure(worker, cm="74.0")
    worker.post("/logout")
    worker.post("/login", post="AWW", pin="2580")
    assert worker.client.get("/weigh/baby").headers["location"] == "/weigh/baby/scale"


def test_a_newer_decision_that_came_with_the_roster_is_not_undone_by_an_older_one_of_this_kiosk(
    stage, worker
):
    today, baby = stage.session.today(), PersonId("baby")
    stage.change("baby", care=Care(day=today - timedelta(2), step="nrc"))
    stage.session.record(
        CareDecided.none(today - timedelta(9), baby)
    )  # as the journal says it over a new roster
    assert stage.session.people[baby].care.step == "nrc"


def test_a_child_whose_care_stands_is_not_said_to_grow_well(stage, worker):
    under_care(stage, "nrc")
    weigh(stage, worker, 8600, 8600)
    only_the_weight(worker)
    worker.post("/weigh/baby/save")
    page = worker.page("/weigh/baby")
    assert 'data-care="nrc"' in page
    assert "अच्छे से बढ़ रहा है" not in page
    worker.post("/weigh/baby/speak")
    assert "पुनर्वास" in stage.voice.said[-1][1]


@pytest.mark.parametrize("typed", [{"oedema": "no"}, {"cm": "74.0"}, {"cm": "60.0", "muac": "140"}])
def test_a_child_that_was_not_weighed_or_is_short_is_not_said_to_grow_well(worker, typed):
    measure(worker, **typed)
    worker.post("/weigh/baby/save", confirmed="true")
    assert "अच्छे से बढ़ रहा है" not in worker.page("/weigh/baby")


def test_a_weight_that_cannot_be_right_is_not_praised(stage, worker):
    stage.change("baby", weights=())
    by_hand(worker, "30")
    assert "अच्छे से बढ़ रहा है" not in worker.page("/weigh/baby")


def test_care_that_stands_tells_its_next_visit_and_no_day_that_is_over(stage, worker):
    care = under_care(stage, "medical_officer")
    weigh(stage, worker, 8600, 8600)
    only_the_weight(worker)
    worker.post("/weigh/baby/save")
    over = [care.seen_by, care.visits[0]]
    for path in ("/weigh/baby", "/weigh/baby/slip"):
        page = worker.page(path).replace("\u2060", "")
        assert f"{care.visits[1]:%d-%m-%Y}" in page
        assert not any(f"{day:%d-%m-%Y}" in page for day in over)


def test_signs_that_led_to_the_nrc_can_be_mended(stage, worker):
    weigh(stage, worker, 6600, 6600)
    measure(worker, cm="74.0", position="L", muac="112", oedema="no")
    worker.post("/weigh/baby/save")
    worker.post("/weigh/baby/signs", appetite="failed")
    assert 'href="/weigh/baby/signs"' in worker.page("/weigh/baby")
    assert worker.post("/weigh/baby/signs", appetite="passed")["step"] == "medical_officer"


def test_readings_under_way_lead_back_to_the_scale_though_the_length_is_known(stage, worker):
    measure(worker, **WELL)
    weigh(stage, worker, 8600)
    assert worker.client.get("/weigh/baby").headers["location"] == "/weigh/baby/scale"


def test_a_grown_up_weighed_as_an_infant_still_gives_an_event_that_can_be_read(stage, worker):
    today = stage.session.today()
    person = stage.session.people["baby"].person
    stage.change("baby", person=replace(person, born=today, registered=today), weights=())
    weigh(stage, worker, 152_000, 152_000)
    measure(worker, cm="50.0")
    assert worker.post("/weigh/baby/save", confirmed="true")["flagged"]
    (weighed,), (measured,) = stage.recorded(Weighed), stage.recorded(Measured)
    assert (weighed.waz, weighed.flagged) == (None, True)
    assert (measured.whz, measured.flagged) == (None, ("whz",))


def test_readings_of_two_scales_make_no_weight(stage, worker, monkeypatch):
    weigh(stage, worker, 8600)
    first = stage.scale.weigh
    monkeypatch.setattr(
        stage.scale, "weigh", lambda *args, **more: replace(first(*args, **more), device_id="SIM-8")
    )
    stage.scale.grams = 0
    worker.get("/weigh/live")
    stage.scale.grams = 8600
    assert worker.post("/weigh/baby/reading", 409)["error"] == "other_scale"
    assert weigh(stage, worker, 8600, 8600)["weight"] == 8600


def test_a_weight_off_a_simulated_scale_is_marked_in_the_event_wherever_the_kiosk_stands(stage, worker):
    stage.session._simulated = False
    weigh(stage, worker, 8600, 8600)
    worker.post("/weigh/baby/save")
    by_hand(worker, "8.7")
    weighed = [event for _, event in stage.session._store.journal() if isinstance(event.body, Weighed)]
    marked = {event.body.source: event.simulated for event in weighed}
    assert marked == {"scale": True, "manual": False}


def test_in_a_doubt_of_the_length_measuring_again_is_the_next_step_and_the_weight_stays(stage, worker):
    weigh(stage, worker, 8600, 8600)
    measure(worker, cm="110.0")
    page = worker.page("/weigh/baby")
    assert '<a class="button go grow" href="/weigh/baby/measures">' in page
    assert '<button class="button go">' not in page


def test_a_child_without_a_guardian_on_the_list_is_not_said_to_have_brought_itself(stage, worker):
    measure(worker, person="child-10", muac="110")
    worker.post("/weigh/child-10/save")
    assert "Brought by" not in worker.page("/weigh/child-10/slip")
    measure(worker, muac="110")
    worker.post("/weigh/baby/save")
    assert "Brought by" in worker.page("/weigh/baby/slip")


def test_two_children_under_way_at_once_keep_their_own_readings(stage, worker):
    weigh(stage, worker, 8600)
    weigh(stage, worker, 13_000, person="child")
    assert weigh(stage, worker, 8620)["readings"] == [8600, 8620]
    assert weigh(stage, worker, 13_020, person="child")["readings"] == [13_000, 13_020]
    assert weigh_in_arms(stage, worker, (52_000, 52_000 + 12_000), person="five")["readings"] == [12_000]


def test_a_weight_of_before_birth_or_of_tomorrow_says_nothing(stage, worker):
    born, today = stage.session.people["baby"].person.born, stage.session.today()
    stage.change(
        "baby",
        weights=(
            PastWeight(born - timedelta(40), Grams(9000)),
            PastWeight(today + timedelta(1), Grams(3000)),
        ),
    )
    weigh(stage, worker, 8600, 8600)
    only_the_weight(worker)
    assert worker.post("/weigh/baby/save")["faltering"] is None


@pytest.mark.parametrize("age", [0, 45, 182, 183, 730, 731, 1825, 1826, 1827, 2100])
def test_a_visit_can_be_saved_shown_and_printed_at_every_edge_of_the_ages(stage, worker, age):
    today, person = stage.session.today(), stage.session.people[PersonId("baby")].person
    stage.change("baby", person=replace(person, born=today - timedelta(age)), weights=())
    kg, cm = ("3.3", "50.0") if age < 60 else ("7.4", "66.5") if age < 200 else ("13.0", "95.0")
    worker.post("/weigh/baby/manual", kg=kg, reason="scale_broken")
    measure(worker, cm=cm, muac="130", oedema="no")
    saved = worker.post("/weigh/baby/save", confirmed="true")
    assert saved["haz"] is not None
    assert saved["whz"] is not None or age >= 1827
    assert stage.recorded(Measured)[-1].position == ("L" if age < 731 else "H")
    for path in ("", "/scale", "/measures", "/signs", "/print"):
        worker.page(f"/weigh/baby{path}", "ur")


@pytest.mark.parametrize("typed", [{"muac": "112"}, {"cm": "74.0", "oedema": "yes"}])
def test_a_chart_does_not_call_wrong_what_was_not_judged_today(stage, worker, typed):
    weigh(stage, worker, *((8600, 8600) if "cm" in typed else ()))
    measure(worker, **typed)
    worker.post("/weigh/baby/save")
    assert "Cannot be right" not in worker.page("/weigh/baby?chart=weight_for_age")
    assert "Cannot be right" not in worker.page("/weigh/baby/print")
