"""Three good pictures of one person in three poses, or no template."""

import numpy as np
import pytest

from edge.face.engine import FaceEngine
from edge.face.enrolment import Enrolment, EnrolmentError
from edge.face.hints import Hint


def test_a_straight_look_and_a_small_turn_to_either_side_make_a_template(engine: FaceEngine, stand):
    enrolment = Enrolment(engine)
    asked = []
    for number, turn in enumerate((0, 12, -12)):
        asked.append(enrolment.asking)
        step = enrolment.take(stand(turn=turn, seconds=number), number)
        assert (step.taken, step.count, step.hint) == (True, number + 1, None)
    assert asked == ["straight", "slightly_left", "slightly_right"]
    assert enrolment.done
    assert enrolment.asking is None
    template = enrolment.template()
    assert (template.model, template.parts) == (engine.model, engine.parts)
    assert template.rows().shape == (3, sum(engine.parts))


@pytest.mark.parametrize("face", ["astronaut", "grace_hopper"])
@pytest.mark.parametrize(
    ("turns", "hint"),
    [
        ((28,), Hint.TURNED),
        ((0, 0), Hint.TURN_MORE),
        ((0, -12), Hint.TURN_MORE),
        ((0, 34), Hint.TURN_LESS),
        ((0, 12, 0), Hint.TURN_MORE),
        ((0, 12, 12), Hint.TURN_MORE),
        ((0, 12, -34), Hint.TURN_LESS),
    ],
)
def test_the_wrong_pose_is_not_taken_and_the_hint_says_what_to_change(
    engine: FaceEngine, stand, face: str, turns: tuple[int, ...], hint: Hint
):
    enrolment = Enrolment(engine)
    for number, turn in enumerate(turns[:-1]):
        assert enrolment.take(stand(face, turn=turn, seconds=number), number).taken
    step = enrolment.take(stand(face, turn=turns[-1], seconds=9), 9.0)
    assert (step.taken, step.count, step.hint) == (False, len(turns) - 1, hint)


def test_two_pictures_are_not_enough(engine: FaceEngine, stand):
    enrolment = Enrolment(engine)
    for number, turn in enumerate((0, 12)):
        enrolment.take(stand(turn=turn), number)
    with pytest.raises(EnrolmentError, match="2 of 3"):
        enrolment.template()


def test_pictures_taken_in_one_moment_count_once(engine: FaceEngine, stand):
    enrolment = Enrolment(engine)
    assert enrolment.take(stand(), 0.0).taken
    assert enrolment.take(stand(turn=12), 0.1).finding is None
    assert enrolment.take(np.zeros((480, 640, 3), np.uint8), 0.2).count == 1


def test_another_face_in_between_is_refused_with_a_hint_and_the_first_can_go_on(engine: FaceEngine, stand):
    enrolment = Enrolment(engine)
    assert enrolment.take(stand("astronaut"), 0.0).taken
    step = enrolment.take(stand("grace_hopper", turn=12), 1.0)
    assert (step.taken, step.hint) == (False, Hint.ANOTHER_FACE)
    assert enrolment.take(stand("astronaut", turn=12), 2.0).taken


def test_a_dark_picture_is_not_taken_and_says_so(engine: FaceEngine, show):
    enrolment = Enrolment(engine)
    step = enrolment.take(next(show("astronaut", 1, dark=True))[0], 0.0)
    assert (step.taken, step.count, step.hint) == (False, 0, Hint.TOO_DARK)


def test_a_finished_enrolment_takes_no_more(engine: FaceEngine, stand):
    enrolment = Enrolment(engine)
    for number, turn in enumerate((0, 12, -12)):
        enrolment.take(stand(turn=turn), number)
    before = enrolment.template()
    assert not enrolment.take(stand(seconds=4), 4.0).taken
    assert enrolment.template() == before
