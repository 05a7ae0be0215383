import re
import time
from datetime import date, timedelta

import pytest

from anganwadi.events import Weighed
from anganwadi.ids import Grams
from anganwadi.wire.login import PastWeight
from edge.devices.scale import LiveReading, Reason, ScaleState


def weigh(stage, worker, *loads, person="baby"):
    answer: dict = {}
    for load in loads:
        stage.scale.grams = 0
        worker.get("/weigh/live")
        stage.scale.grams = load
        answer = worker.post(f"/weigh/{person}/reading")
    return answer


def test_two_readings_and_save_record_the_weight_with_scale_and_class(stage, worker):
    assert weigh(stage, worker, 6600, 6640) == {"readings": [6600, 6640], "weight": 6620, "next": "save"}
    assert worker.accepted == ""
    saved = worker.post("/weigh/baby/save")
    assert worker.accepted == "weighed=1"
    assert saved["grams"] == 6620
    (event,) = stage.recorded(Weighed)
    assert (event.grams, event.readings, event.source) == (6620, (6600, 6640), "scale")
    assert (event.device, event.firmware, event.calibrated) == ("SIM-7", "1.2.0", date(2026, 1, 5))
    assert (event.waz, event.weight_class) == (saved["waz"], saved["weight_class"])
    assert event.weight_class == "MODERATE"


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
    weigh(stage, worker, 6600)
    assert worker.post("/weigh/baby/save", 409)["error"] == "no_weight"


def test_a_weight_is_saved_once(stage, worker):
    weigh(stage, worker, 6600, 6640)
    worker.post("/weigh/baby/save")
    assert worker.post("/weigh/baby/save", 409)["error"] == "no_weight"


def test_beginning_again_drops_the_readings(stage, worker):
    weigh(stage, worker, 6600)
    assert worker.post("/weigh/baby/restart") == {"readings": []}
    assert weigh(stage, worker, 9000)["readings"] == [9000]


def test_the_live_weight_is_shown_with_its_state_and_marked_as_simulated(stage, worker):
    assert worker.get("/weigh/live")["state"] == "empty"
    stage.scale.grams = 6600
    live = worker.get("/weigh/live")
    assert (live["state"], live["grams"], live["kg"], live["simulated"]) == ("stable", 6600, "6.60", True)
    assert "Simulated scale" in worker.page("/weigh/baby")


def test_the_result_shows_class_words_shape_and_chart_before_and_after_saving(stage, worker):
    weigh(stage, worker, 6600, 6640)
    before = worker.page("/weigh/baby")
    assert 'data-saved="no"' in before
    for expected in (
        "6.62 kg",
        "Underweight",
        '<svg xmlns="http://www.w3.org/2000/svg" class="growth-chart"',
        "1380 g less than last time",
    ):
        assert expected in before
    worker.post("/weigh/baby/save")
    assert 'data-saved="yes"' in worker.page("/weigh/baby")


def test_from_five_years_there_is_no_class_and_no_chart(stage, worker):
    weigh(stage, worker, 16000, 16000, person="five")
    assert worker.post("/weigh/five/save") == {
        "grams": 16000,
        "waz": None,
        "weight_class": None,
        "flagged": False,
    }
    page = worker.page("/weigh/five")
    assert "Show the mother the chart" not in page
    assert "growth-chart" not in page
    assert "ends at five years" in page


def lighter(stage, grams, days=30, person="baby"):
    """That child weighed `grams` this many days ago."""
    past = PastWeight(stage.session.today() - timedelta(days), Grams(grams))
    stage.change(person, weights=(past,))


def test_a_loss_of_two_percent_is_never_praised(stage, worker):
    lighter(stage, 9000)
    weigh(stage, worker, 8830, 8830)
    assert "Praise the mother" in worker.page("/weigh/baby")
    worker.post("/weigh/baby/restart")
    weigh(stage, worker, 8820, 8820)
    page = worker.page("/weigh/baby")
    assert 'data-class="NORMAL"' in page
    assert "Praise the mother" not in page
    assert "Lost weight: is it this child?" in page


@pytest.mark.parametrize(
    ("days", "before", "green"), [(62, 8000, "Weigh again"), (63, 8000, "Save"), (62, 8100, "Save")]
)
def test_a_sudden_change_makes_weighing_again_the_next_step(stage, worker, days, before, green):
    lighter(stage, before, days)
    weigh(stage, worker, 9200, 9200)
    buttons = re.findall(r'<button class="button go">.*?</svg>(.*?)</button>', worker.page("/weigh/baby"))
    assert buttons == [green]
    worker.post("/weigh/baby/save")


def test_a_saturated_sensor_is_a_fault_of_the_scale_and_not_a_heavy_load(stage, worker):
    stage.scale.live = lambda: LiveReading(ScaleState.OVERLOAD, time.monotonic(), reason=Reason.SATURATED)
    assert worker.get("/weigh/live")["state"] == "error"
    stage.scale.live = lambda: LiveReading(ScaleState.OVERLOAD, time.monotonic())
    assert worker.get("/weigh/live")["state"] == "overload"


def test_a_broken_scale_offers_to_restart_it_and_then_to_go_on_by_hand(worker):
    page = worker.page("/weigh/baby")
    assert 'class="row bottom when-broken"' in page
    mending = page.split('class="row bottom when-broken"')[1].split("</div>")[0]
    assert '<button class="button go">' in mending
    assert 'href="/weigh/baby/manual"' in mending


def test_an_implausible_weight_asks_to_weigh_again(stage, worker):
    weigh(stage, worker, 1500, 1500)
    assert "cannot be right for this age" in worker.page("/weigh/baby")


def test_a_weight_by_hand_is_marked_and_carries_its_reason(stage, worker):
    worker.post("/weigh/baby/manual", kg="7,9", reason="scale_broken")
    (event,) = stage.recorded(Weighed)
    assert (event.grams, event.source, event.reason, event.readings) == (7900, "manual", "scale_broken", ())


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
    assert (stage.scale.restarts, answer.headers["location"]) == (1, "/weigh/baby")
