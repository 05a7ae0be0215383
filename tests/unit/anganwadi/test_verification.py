from hypothesis import given
from hypothesis import strategies as st

from anganwadi.verification import FACE_TRIES, Rung, Standing, is_followed_up, next_rung

standings = st.builds(
    Standing, face_tries=st.integers(0, 5), nominee_tries=st.integers(0, 3), card_tries=st.integers(0, 3)
)


@given(standings)
def test_there_always_is_a_rung_that_hands_out_the_ration(standing):
    assert next_rung(standing) in Rung


@given(standings)
def test_failed_tries_lead_to_attestation_in_a_few_steps(standing):
    steps = 0
    while (rung := next_rung(standing)) is not Rung.ATTESTATION:
        spent = {
            Rung.FACE: ("face_tries", standing.face_tries),
            Rung.FACE_RETRY: ("face_tries", standing.face_tries),
            Rung.NOMINEE_FACE: ("nominee_tries", standing.nominee_tries),
            Rung.CARD: ("card_tries", standing.card_tries),
        }[rung]
        fields = {name: getattr(standing, name) for name in standing.__struct_fields__}
        standing = Standing(**{**fields, spent[0]: spent[1] + 1})
        steps += 1
    assert steps <= FACE_TRIES + 2


def test_own_face_comes_first_then_a_second_try_then_the_nominee_then_the_card():
    everything = {"enrolled": True, "nominees": 2, "card_issued": True}
    assert next_rung(Standing(**everything)) is Rung.FACE
    assert next_rung(Standing(**everything, face_tries=1)) is Rung.FACE_RETRY
    assert next_rung(Standing(**everything, face_tries=2)) is Rung.NOMINEE_FACE
    assert next_rung(Standing(**everything, face_tries=2, nominee_tries=1)) is Rung.CARD
    assert next_rung(Standing(**everything, face_tries=2, nominee_tries=1, card_tries=1)) is Rung.ATTESTATION


def test_broken_camera_skips_faces_at_once():
    assert next_rung(Standing(enrolled=True, nominees=1, camera_works=False)) is Rung.ATTESTATION


def test_weaker_evidence_is_followed_up_and_faces_are_not():
    assert is_followed_up(Rung.ATTESTATION)
    assert not is_followed_up(Rung.FACE)
