from hypothesis import given
from hypothesis import strategies as st

from anganwadi.verification import (
    CARD_TRIES,
    CODE_TRIES,
    FACE_TRIES,
    NOMINEES,
    Leaving,
    Rung,
    Standing,
    is_followed_up,
    is_refusal,
    next_rung,
    open_rungs,
)

standings = st.builds(
    Standing,
    enrolled=st.booleans(),
    camera_works=st.booleans(),
    face_tries=st.integers(0, 5),
    nominees=st.integers(0, 3),
    nominee_tries=st.integers(0, 3),
    card_issued=st.booleans(),
    card_tries=st.integers(0, 4),
    phone_reachable=st.booleans(),
    code_tries=st.integers(0, 4),
)
STRENGTH = list(Rung)


@given(standings)
def test_there_always_is_a_rung_that_hands_out_the_ration(standing):
    assert next_rung(standing) in Rung


@given(standings)
def test_the_workers_word_and_the_doorstep_are_never_spent(standing):
    assert open_rungs(standing)[-2:] == (Rung.ATTESTATION, Rung.DOORSTEP)


@given(standings)
def test_rungs_are_offered_strongest_first_and_the_first_is_asked_for(standing):
    found = open_rungs(standing)
    assert sorted(found, key=STRENGTH.index) == list(found)
    assert len(set(found)) == len(found)
    assert next_rung(standing) is found[0]


@given(standings)
def test_failed_tries_lead_to_attestation_in_a_few_steps(standing):
    steps = 0
    while (rung := next_rung(standing)) is not Rung.ATTESTATION:
        spent = {
            Rung.FACE: "face_tries",
            Rung.FACE_RETRY: "face_tries",
            Rung.NOMINEE_FACE: "nominee_tries",
            Rung.CARD: "card_tries",
            Rung.PHONE_OTP: "code_tries",
        }[rung]
        fields = {name: getattr(standing, name) for name in standing.__struct_fields__}
        standing = Standing(**{**fields, spent: fields[spent] + 1})
        steps += 1
    assert steps <= FACE_TRIES + NOMINEES + CARD_TRIES + CODE_TRIES


@given(standings)
def test_a_failed_try_never_opens_a_stronger_rung(standing):
    before = STRENGTH.index(next_rung(standing))
    fields = {name: getattr(standing, name) for name in standing.__struct_fields__}
    for tries in ("face_tries", "nominee_tries", "card_tries", "code_tries"):
        after = next_rung(Standing(**{**fields, tries: fields[tries] + 1}))
        assert STRENGTH.index(after) >= before


def test_own_face_then_a_second_try_then_two_nominees_then_card_then_code_then_the_workers_word():
    everything = {"enrolled": True, "nominees": 2, "card_issued": True, "phone_reachable": True}
    assert next_rung(Standing(**everything)) is Rung.FACE
    everything |= {"face_tries": 1}
    assert next_rung(Standing(**everything)) is Rung.FACE_RETRY
    everything |= {"face_tries": 2}
    assert next_rung(Standing(**everything)) is Rung.NOMINEE_FACE
    assert next_rung(Standing(**everything, nominee_tries=1)) is Rung.NOMINEE_FACE
    everything |= {"nominee_tries": 2}
    assert next_rung(Standing(**everything)) is Rung.CARD
    assert next_rung(Standing(**everything, card_tries=3)) is Rung.PHONE_OTP
    assert next_rung(Standing(**everything, card_tries=3, code_tries=3)) is Rung.ATTESTATION


def test_a_third_nominee_is_not_asked():
    assert next_rung(Standing(enrolled=False, nominees=3, nominee_tries=2)) is Rung.ATTESTATION


def test_broken_camera_skips_faces_at_once():
    assert next_rung(Standing(enrolled=True, nominees=1, camera_works=False)) is Rung.ATTESTATION
    assert next_rung(Standing(enrolled=True, camera_works=False, card_issued=True)) is Rung.CARD


def test_only_who_is_not_the_one_is_refused():
    assert [reason for reason in Leaving if is_refusal(reason)] == [Leaving.STRANGER]


def test_weaker_evidence_is_followed_up_and_faces_are_not():
    assert {rung for rung in Rung if is_followed_up(rung)} == {
        Rung.CARD,
        Rung.PHONE_OTP,
        Rung.ATTESTATION,
        Rung.DOORSTEP,
    }
