import time
from datetime import date

import pytest

from anganwadi.events import Weighed
from edge.devices.scale import LiveReading, Reason, ScaleState
from tests.unit.edge.kiosk.at_the_scale import only_the_weight, weigh


def test_two_readings_and_save_record_the_weight_with_scale_and_class(stage, worker):
    assert weigh(stage, worker, 7900, 7940) == {"readings": [7900, 7940], "weight": 7920, "next": "save"}
    assert worker.accepted == ""
    saved = worker.post("/weigh/baby/save")
    assert worker.accepted == "weighed=1,care_decided=1"
    assert saved["grams"] == 7920
    (event,) = stage.recorded(Weighed)
    assert (event.grams, event.readings, event.source) == (7920, (7900, 7940), "scale")
    assert (event.device, event.firmware, event.calibrated) == ("SIM-7", "1.2.0", date(2026, 1, 5))
    assert (event.temperature_c, event.warm) == (24, True)
    assert (event.waz, event.weight_class) == (saved["waz"], saved["weight_class"])
    assert event.weight_class == "NORMAL"


def test_every_load_goes_into_the_event_with_its_tare_and_raw_counts(stage, worker):
    weigh(stage, worker, 7900, 7940)
    worker.post("/weigh/baby/save")
    (event,) = stage.recorded(Weighed)
    first, second = event.taken
    assert (first.grams, first.tare, first.zero) == (7900, 300, 84_217)
    assert first.counts == tuple(84_217 + 7900 * 10 + n for n in (0, 5, -3))
    assert (second.grams, second.load) == (7940, "child")


def test_the_child_is_lifted_between_two_readings(stage, worker):
    stage.scale.grams = 6600
    worker.post("/weigh/baby/reading")
    assert worker.post("/weigh/baby/reading", 409)["error"] == "lift_first"


def test_an_empty_or_faulty_scale_gives_no_reading(stage, worker):
    assert worker.post("/weigh/baby/reading", 409)["error"] == "scale_empty"
    stage.scale.fault = Reason.OUT_OF_STEP
    assert worker.post("/weigh/baby/reading", 409)["error"] == "scale_out_of_step"


def test_nothing_is_saved_before_two_readings_agree(stage, worker):
    assert worker.post("/weigh/baby/save", 409)["error"] == "no_weight"
    weigh(stage, worker, 7900)
    assert worker.post("/weigh/baby/save", 409)["error"] == "no_weight"


def test_a_weight_is_saved_once(stage, worker):
    weigh(stage, worker, 7900, 7940)
    worker.post("/weigh/baby/save")
    assert worker.post("/weigh/baby/save", 409)["error"] == "no_weight"


def test_beginning_again_drops_the_readings(stage, worker):
    weigh(stage, worker, 7900)
    assert worker.post("/weigh/baby/restart") == {"readings": []}
    assert weigh(stage, worker, 9000)["readings"] == [9000]


def test_the_live_weight_is_shown_with_its_state_and_marked_as_simulated(stage, worker):
    assert worker.get("/weigh/live")["state"] == "empty"
    stage.scale.grams = 6600
    live = worker.get("/weigh/live")
    assert (live["state"], live["grams"], live["kg"], live["simulated"]) == ("stable", 6600, "6.60", True)
    assert "Simulated scale" in worker.page("/weigh/baby/scale")


def test_two_readings_lead_to_the_other_measures_and_these_to_the_result(stage, worker):
    weigh(stage, worker, 7900, 7940)
    assert worker.client.get("/weigh/baby").headers["location"] == "/weigh/baby/measures"
    only_the_weight(worker)
    assert 'data-saved="no"' in worker.page("/weigh/baby")


def test_the_result_shows_class_words_shape_and_chart_before_and_after_saving(stage, worker):
    weigh(stage, worker, 6600, 6640)
    only_the_weight(worker)
    before = worker.page("/weigh/baby")
    for expected in (
        '<b class="num">6.62</b>',
        "Underweight",
        '<svg xmlns="http://www.w3.org/2000/svg" class="growth-chart"',
        "1380 g less than last time",
        "Lost weight since last time",
    ):
        assert expected in before
    worker.post("/weigh/baby/save")
    after = worker.page("/weigh/baby")
    assert 'data-saved="yes"' in after
    assert "Your child needs more food" not in after  # the mother speaks Hindi
    assert "आपके बच्चे को और खाना चाहिए" in after


def test_a_loss_is_never_praised(stage, worker):
    weigh(stage, worker, 7940, 7940)
    only_the_weight(worker)
    worker.post("/weigh/baby/save")
    page = worker.page("/weigh/baby")
    assert 'data-class="NORMAL"' in page
    assert 'data-faltering="lost"' in page
    assert "अच्छे से बढ़ रहा है" not in page


def test_from_five_years_the_class_is_that_of_the_2007_reference_and_there_is_no_chart(stage, worker):
    weigh(stage, worker, 12000, 12000, person="five")
    saved = worker.post("/weigh/five/save")
    assert saved["weight_class"] == "SEVERE"
    page = worker.page("/weigh/five")
    assert "growth-chart" not in page
    assert "end at five years" in page


def test_a_saturated_sensor_is_a_fault_of_the_scale_and_not_a_heavy_load(stage, worker):
    stage.scale.live = lambda: LiveReading(ScaleState.OVERLOAD, time.monotonic(), reason=Reason.SATURATED)
    assert worker.get("/weigh/live")["state"] == "error"
    stage.scale.live = lambda: LiveReading(ScaleState.OVERLOAD, time.monotonic())
    assert worker.get("/weigh/live")["state"] == "overload"


def test_a_broken_scale_offers_to_restart_it_and_then_to_go_on_by_hand(worker):
    page = worker.page("/weigh/baby/scale")
    assert 'class="row bottom when-broken"' in page
    mending = page.split('class="row bottom when-broken"')[1].split("</div>")[0]
    assert '<button class="button go">' in mending
    assert 'href="/weigh/baby/manual"' in mending


def test_a_weight_that_cannot_be_this_childs_is_not_saved_until_the_worker_says_that_it_is(stage, worker):
    weigh(stage, worker, 18400, 18400)
    only_the_weight(worker)
    page = worker.page("/weigh/baby")
    assert "18.40 kg" in page
    assert "8.00 kg: weigh again?" in page
    assert worker.post("/weigh/baby/save", 409)["error"] == "measure_again"
    assert stage.recorded(Weighed) == []
    worker.post("/weigh/baby/save", confirmed="true")
    (event,) = stage.recorded(Weighed)
    assert (event.grams, event.confirmed, event.flagged) == (18400, True, True)


def test_a_plausible_weight_is_not_marked_as_confirmed(stage, worker):
    weigh(stage, worker, 8200, 8200)
    worker.post("/weigh/baby/save", confirmed="true")
    assert not stage.recorded(Weighed)[0].confirmed


def test_a_weight_by_hand_is_marked_and_carries_its_reason(stage, worker):
    worker.post("/weigh/baby/manual", kg="7,9", reason="scale_broken")
    assert stage.recorded(Weighed) == []  # seen and checked first, like one from the scale
    worker.post("/weigh/baby/save")
    (event,) = stage.recorded(Weighed)
    assert (event.grams, event.source, event.reason, event.readings) == (7900, "manual", "scale_broken", ())
    assert (event.device, event.taken) == (None, ())


def test_a_weight_by_hand_is_checked_against_the_last_one_too(worker):
    worker.post("/weigh/baby/manual", kg="18.4", reason="scale_broken")
    assert worker.post("/weigh/baby/save", 409)["error"] == "measure_again"


@pytest.mark.parametrize("reason", ["", "because"])
def test_a_weight_by_hand_needs_a_known_reason(stage, worker, reason):
    assert worker.post("/weigh/baby/manual", 422, kg="7.9", reason=reason)["error"] == "no_reason"
    assert stage.recorded(Weighed) == []


@pytest.mark.parametrize("kg", ["", "nan", "inf", "-3", "0.2", "90", "seven"])
def test_a_weight_no_child_has_is_refused(worker, kg):
    assert worker.post("/weigh/baby/manual", 422, kg=kg or " ", reason="scale_away")["error"] == "bad_weight"


def test_only_children_are_weighed(worker):
    assert worker.post("/weigh/mother/reading", 409)["error"] == "not_weighed"


def test_a_faulty_scale_can_be_started_again_from_the_page(stage, worker):
    answer = worker.client.post("/weigh/scale/restart", data={"back": "baby"})
    assert (stage.scale.restarts, answer.headers["location"]) == (1, "/weigh/baby/scale")
