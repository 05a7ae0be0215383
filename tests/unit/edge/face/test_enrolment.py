"""Three good and different pictures of one person, or no template."""

from itertools import islice

import numpy as np
import pytest

from edge.face.engine import FaceEngine
from edge.face.enrolment import Enrolment, EnrolmentError
from edge.face.hints import Hint


def test_three_pictures_half_a_second_apart_make_a_template(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    steps = [enrolment.take(rgb, at) for rgb, at in islice(show("astronaut", 1), 3)]
    assert [(step.taken, step.count) for step in steps] == [(True, 1), (True, 2), (True, 3)]
    assert enrolment.done
    template = enrolment.template()
    assert template.model == engine.model
    assert template.rows().shape == (3, 192)


def test_two_pictures_are_not_enough(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    for rgb, at in islice(show("astronaut", 1), 2):
        enrolment.take(rgb, at)
    with pytest.raises(EnrolmentError, match="2 of 3"):
        enrolment.template()


def test_pictures_taken_in_one_moment_count_once(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    for number, (rgb, _) in enumerate(islice(show("astronaut", 1), 4)):
        enrolment.take(rgb, 0.05 * number)
    assert not enrolment.done
    assert enrolment.take(np.zeros((480, 640, 3), np.uint8), 0.2).count == 1


def test_the_same_picture_twice_counts_once(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    rgb, _ = next(show("astronaut", 1))
    assert enrolment.take(rgb, 0.0).taken
    assert not enrolment.take(rgb, 1.0).taken


def test_another_face_in_between_is_refused_with_a_hint_and_the_first_can_go_on(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    own, other = show("astronaut", 1), show("grace_hopper", 1)
    assert enrolment.take(next(own)[0], 0.0).taken
    step = enrolment.take(next(other)[0], 1.0)
    assert (step.taken, step.hint) == (False, Hint.ANOTHER_FACE)
    assert enrolment.take(next(own)[0], 2.0).taken


def test_a_dark_picture_is_not_taken_and_says_so(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    step = enrolment.take(next(show("astronaut", 1, dark=True))[0], 0.0)
    assert (step.taken, step.count, step.hint) == (False, 0, Hint.TOO_DARK)


def test_a_finished_enrolment_takes_no_more(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    pictures = show("astronaut", 1)
    for rgb, at in islice(pictures, 3):
        enrolment.take(rgb, at)
    before = enrolment.template()
    rgb, at = next(pictures)
    assert not enrolment.take(rgb, at).taken
    assert enrolment.template() == before
