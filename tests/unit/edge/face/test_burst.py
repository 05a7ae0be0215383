"""The best of a few pictures is compared, and only that one is embedded."""

import time

import cv2
import numpy as np
import pytest

from edge.face.burst import PICTURES, Burst
from edge.face.engine import FaceEngine
from edge.face.hints import Hint


def test_the_best_picture_is_taken_wherever_in_the_burst_it_is(engine: FaceEngine, stand):
    sharp = stand(width=0.3)
    blurred, turned, far = cv2.GaussianBlur(sharp, (0, 0), 3), stand(turn=15), stand(width=0.18)
    expected = engine.analyse(sharp).template
    assert expected is not None
    for place in range(4):
        pictures = [blurred, turned, far]
        pictures.insert(place, sharp)
        burst = Burst(engine, size=4)
        assert [burst.take(rgb, number) for number, rgb in enumerate(pictures)] == [None] * 4
        best = burst.best()
        assert burst.done
        assert best is not None
        assert best.template is not None
        np.testing.assert_array_equal(best.template, expected)


def test_pictures_that_cannot_be_used_give_a_hint_and_do_not_count(engine: FaceEngine, stand):
    burst = Burst(engine)
    assert burst.take(np.zeros((480, 640, 3), np.uint8), 0.0) is Hint.TOO_DARK
    assert burst.take(stand(width=0.125), 0.1) is Hint.TOO_FAR
    assert (burst.count, burst.done, burst.best()) == (0, False, None)


def test_one_picture_seen_twice_counts_once(engine: FaceEngine, stand):
    burst, rgb = Burst(engine), stand()
    for _ in range(PICTURES):
        burst.take(rgb, 1.0)
    assert burst.count == 1


def test_only_the_best_is_embedded_and_only_once(engine: FaceEngine, stand, monkeypatch: pytest.MonkeyPatch):
    embedded, embed = [], engine.pipeline.embed
    monkeypatch.setattr(engine.pipeline, "embed", lambda face: embedded.append(face) or embed(face))
    burst = Burst(engine)
    for number in range(PICTURES + 3):
        burst.take(stand(seconds=number), number)
    assert embedded == []
    assert burst.best() is burst.best()
    assert (burst.count, len(embedded)) == (PICTURES, 1)


def test_looking_at_a_picture_leaves_the_camera_time_for_the_next(engine: FaceEngine, stand):
    rgb = stand()
    taken = []
    for _ in range(9):
        began = time.process_time()
        engine.look(rgb)
        taken.append(time.process_time() - began)
    assert sorted(taken)[4] < 1 / 12
