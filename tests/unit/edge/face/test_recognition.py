"""The right person is accepted and another refused, over many pictures of the replay camera."""

from itertools import islice

import pytest

from edge.face.engine import FaceEngine
from edge.face.hints import Hint
from edge.face.matching import DEFAULT_THRESHOLD, OtherModelError, verify
from edge.face.template import FaceTemplate

PEOPLE = ("astronaut", "grace_hopper")
SEEDS = range(4)
PICTURES = 12


@pytest.mark.parametrize("person", PEOPLE)
def test_the_enrolled_person_is_accepted_in_every_later_picture(engine: FaceEngine, show, enrol, person: str):
    template = enrol(person, 100)
    for seed in SEEDS:
        for rgb, _ in islice(show(person, seed, start=30.0), PICTURES):
            match = verify(template, engine.analyse(rgb))
            assert match.accepted
            assert match.score is not None
            assert match.score > 0.9


@pytest.mark.parametrize(("person", "stranger"), [PEOPLE, PEOPLE[::-1]])
def test_another_person_is_refused_in_every_picture(
    engine: FaceEngine, show, enrol, person: str, stranger: str
):
    template = enrol(person, 100)
    for seed in SEEDS:
        for rgb, _ in islice(show(stranger, seed), PICTURES):
            match = verify(template, engine.analyse(rgb))
            assert not match.accepted
            assert match.score is not None
            assert match.score < 0.4


@pytest.mark.parametrize("person", PEOPLE)
def test_the_right_person_in_the_dark_is_refused_with_the_hint_that_it_is_too_dark(
    engine: FaceEngine, show, enrol, person: str
):
    template = enrol(person, 100)
    for seed in SEEDS:
        for rgb, _ in islice(show(person, seed, dark=True), PICTURES):
            finding = engine.analyse(rgb)
            match = verify(template, finding)
            assert not match.accepted
            assert match.hint is Hint.TOO_DARK
            assert finding.template is None


def test_an_empty_room_has_no_face_by_day_and_is_too_dark_by_night(engine: FaceEngine, show):
    for dark, hint in ((False, Hint.NO_FACE), (True, Hint.TOO_DARK)):
        rgb, _ = next(show(None, 1, dark=dark))
        finding = engine.analyse(rgb)
        assert (finding.status, finding.hint) == ("no_face", hint)


def test_the_threshold_can_be_set(engine: FaceEngine, show, enrol):
    rgb, _ = next(show("astronaut", 5))
    finding = engine.analyse(rgb)
    template = enrol("astronaut", 6)
    assert verify(template, finding, threshold=0.999).accepted is False
    assert verify(enrol("grace_hopper", 6), finding, threshold=0.0).accepted is True
    assert verify(template, finding).threshold == DEFAULT_THRESHOLD


def test_a_template_of_another_model_is_an_error_and_not_a_refusal(engine: FaceEngine, show, enrol):
    rgb, _ = next(show("astronaut", 5))
    old = FaceTemplate("mobilefacenet-of-last-year", enrol("astronaut", 6).vectors)
    with pytest.raises(OtherModelError, match="enrol again"):
        verify(old, engine.analyse(rgb))
