"""The right person is accepted and another refused, over many pictures of the replay camera."""

from itertools import islice

import pytest

from anganwadi.ids import PersonId
from edge.face.engine import FaceEngine, FaceFinding
from edge.face.hints import Hint
from edge.face.matching import DEFAULT_THRESHOLD, OtherModelError, duplicates, verify
from edge.face.template import FaceTemplate, OtherRotationError
from models.face.rotation import Rotation

PEOPLE = ("astronaut", "grace_hopper")
SEEDS = range(3)
PICTURES = 4


@pytest.mark.parametrize("person", PEOPLE)
def test_the_enrolled_person_is_accepted_in_every_later_picture(engine: FaceEngine, show, enrol, person: str):
    template = enrol(person, 100)
    for seed in SEEDS:
        for rgb, _ in islice(show(person, seed, start=30.0), PICTURES):
            match = verify(template, engine.look(rgb))
            assert match.accepted
            assert match.score is not None
            assert match.score > 0.85


@pytest.mark.parametrize(("person", "stranger"), [PEOPLE, PEOPLE[::-1]])
def test_another_person_is_refused_in_every_picture(
    engine: FaceEngine, show, enrol, person: str, stranger: str
):
    template = enrol(person, 100)
    for seed in SEEDS:
        for rgb, _ in islice(show(stranger, seed), PICTURES):
            match = verify(template, engine.look(rgb))
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
            finding = engine.look(rgb)
            match = verify(template, finding)
            assert not match.accepted
            assert match.hint is Hint.TOO_DARK
            assert finding.template is None


def test_an_empty_room_has_no_face_by_day_and_is_too_dark_by_night(engine: FaceEngine, show):
    for dark, hint in ((False, Hint.NO_FACE), (True, Hint.TOO_DARK)):
        rgb, _ = next(show(None, 1, dark=dark))
        finding = engine.look(rgb)
        assert (finding.status, finding.hint) == ("no_face", hint)


def test_the_threshold_can_be_set(engine: FaceEngine, show, enrol):
    rgb, _ = next(show("astronaut", 5))
    finding = engine.look(rgb)
    template = enrol("astronaut", 6)
    assert verify(template, finding, threshold=0.999).accepted is False
    assert verify(enrol("grace_hopper", 6), finding, threshold=0.0).accepted is True
    assert verify(template, finding).threshold == engine.threshold == DEFAULT_THRESHOLD
    assert verify(template, FaceFinding("no_face", engine.model)).threshold == DEFAULT_THRESHOLD


def test_a_template_of_another_model_is_an_error_and_not_a_refusal(engine: FaceEngine, show, enrol):
    rgb, _ = next(show("astronaut", 5))
    old = FaceTemplate("mobilefacenet-of-last-year", enrol("astronaut", 6).vectors)
    with pytest.raises(OtherModelError, match="enrol again"):
        verify(old, engine.look(rgb))


def test_a_template_turned_by_the_centres_rotation_scores_as_it_did(engine: FaceEngine, stand, enrol):
    template, rotation = enrol("astronaut", 6), Rotation(3, bytes(range(32)))
    turned = FaceTemplate.of_record(template.record(rotation))
    finding = engine.look(stand("astronaut", 5))
    plain, same = verify(template, finding), verify(turned, finding, rotation=rotation)
    assert plain.score is not None
    assert same.score == pytest.approx(plain.score, abs=2e-3)
    with pytest.raises(OtherRotationError, match="log in again"):
        verify(turned, finding)


def test_an_embedded_finding_scores_as_one_that_was_only_looked_at(engine: FaceEngine, stand, enrol):
    template, finding = enrol("astronaut", 6), engine.look(stand("astronaut", 5))
    assert finding.template is None
    embedded = engine.embedded(finding)
    bare = FaceFinding("ok", engine.model, template=embedded.template)
    assert verify(template, bare).score == pytest.approx(verify(template, finding).score, abs=1e-5)


def test_who_resembles_a_newly_enrolled_woman_is_named_with_the_score_and_nobody_else(enrol):
    rotation = Rotation(3, bytes(range(32)))
    same, other = enrol("astronaut", 8), enrol("grace_hopper", 8)
    turned = FaceTemplate.of_record(same.record(rotation))
    foreign = FaceTemplate("of-last-year", same.vectors)
    people = [("a", other, None), ("b", turned, rotation), ("c", foreign, None), ("d", same, None)]
    found = duplicates(enrol("astronaut", 6), [(PersonId(who), face, by) for who, face, by in people])
    assert {alike.person_id for alike in found} == {"b", "d"}
    assert [alike.score for alike in found] == sorted((alike.score for alike in found), reverse=True)
    assert all(alike.score > 0.9 for alike in found)
