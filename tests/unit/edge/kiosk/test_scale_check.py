"""The daily check of the scale by a known mass."""

import pytest

from edge.devices import scale_checks


def checks(stage):
    return scale_checks.read(scale_checks.log_path(stage.kiosk.settings.state_dir))


def check(stage, worker, grams: int, kg: str = "5.00", status: int = 200) -> dict:
    stage.scale.grams = grams
    return worker.post("/weigh/check", status, kg=kg)


def test_a_check_is_logged_with_scale_mass_and_reading_right_or_wrong(stage, worker):
    assert check(stage, worker, 5005) == {"grams": 5005, "passed": True}
    assert check(stage, worker, 5100) == {"grams": 5100, "passed": False}
    right, wrong = checks(stage)
    assert (right.device_id, right.mass, right.grams, right.passed) == ("SIM-7", 5000, 5005, True)
    assert not wrong.passed


def test_the_list_of_children_says_whether_the_scale_was_checked_today(stage, worker):
    assert 'data-checked="no"' in worker.page("/weigh")
    check(stage, worker, 5000)
    assert 'data-checked="yes"' in worker.page("/weigh")
    check(stage, worker, 5200)
    assert 'data-checked="off"' in worker.page("/weigh")


def test_a_check_never_keeps_a_child_from_being_weighed(stage, worker):
    scale_checks.log_path(stage.kiosk.settings.state_dir).mkdir()  # nothing can be read or written there
    assert 'data-checked="no"' in worker.page("/weigh")
    assert check(stage, worker, 5000, status=500)["error"] == "not_saved"


@pytest.mark.parametrize("kg", ["0.5", "90", "five", "nan"])
def test_a_mass_nobody_has_is_refused(stage, worker, kg):
    assert check(stage, worker, 5000, kg, 422)["error"] == "bad_mass"
    assert checks(stage) == []


def test_an_empty_scale_is_no_check(stage, worker):
    assert check(stage, worker, 0, status=409)["error"] == "scale_empty"
    assert checks(stage) == []


def test_the_last_mass_is_offered_again(stage, worker):
    check(stage, worker, 10_000, "10.00")
    assert 'value="10.00"' in worker.page("/weigh/check")
