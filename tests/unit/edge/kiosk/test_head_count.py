"""Heads counted by the camera, beside the tapped attendance."""

from anganwadi.events import HeadCounted


def test_only_the_number_is_recorded_beside_the_tapped_one(stage, worker):
    worker.post("/attendance/all")
    assert worker.post("/attendance/heads") == {"counted": 23, "marked": 25}
    assert worker.accepted == "head_counted=1"
    (counted,) = stage.recorded(HeadCounted)
    assert (counted.counted, counted.marked) == (23, 25)
    assert stage.camera.stops == 1


def test_a_difference_is_shown_and_accuses_nobody(worker):
    worker.post("/attendance/all")
    worker.post("/attendance/heads")
    page = worker.page("/attendance/heads")
    assert 'data-marked="25" data-counted="23"' in page
    assert 'data-differs="yes"' in page
    assert 'class="note bad"' not in page


def test_the_same_number_is_said_to_be_the_same(stage, worker):
    stage.heads.number = 0
    worker.post("/attendance/heads")
    assert "Both numbers are the same." in worker.page("/attendance/heads")


def test_without_a_camera_attendance_is_enough(stage, worker):
    stage.camera.broken = True
    assert worker.post("/attendance/heads", 503)["error"] == "cannot_count"
    assert "The tapped attendance is enough." in worker.page("/attendance/heads")
