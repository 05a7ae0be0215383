"""What the figures of the fairness report are made of."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.verification import Rung
from server.verification.claims import Claim, Look
from server.verification.figures import Cell, percentile, whole


def look(rung: Rung = Rung.FACE, *, accepted: bool = False, light: str | None = None, **more: object) -> Look:
    values = {"score": 0.3, "live": None, "why_not": None, "challenge_ms": None, "machine_ms": None, **more}
    return Look(rung=rung, accepted=accepted, light=light, **values)  # type: ignore[arg-type]


def claim(person: int, rung: Rung | None, *looks: Look, serve_ms: int | None = None) -> Claim:
    made = Claim("c", f"p-{person}", "2026-11", rung=rung, serve_ms=serve_ms)
    for each in looks:
        made.add(each)
    return made


def five(make: Callable[[int], Claim]) -> list[Claim]:
    return [make(n) for n in range(5)]


def test_false_reject_is_the_share_not_served_on_her_own_face_of_those_served_whose_face_was_tried():
    claims = [
        *five(lambda n: claim(n, Rung.FACE, look(accepted=True))),
        claim(5, Rung.FACE_RETRY, look(), look(Rung.FACE_RETRY, accepted=True)),
        claim(6, Rung.CARD, look(), look(Rung.FACE_RETRY)),
        claim(7, Rung.NOMINEE_FACE, look(), look(Rung.NOMINEE_FACE, accepted=True)),
    ]
    assert whole(claims).false_reject == Cell(0.25)


@pytest.mark.parametrize(
    "rung", [Rung.NOMINEE_FACE, Rung.CARD, Rung.PHONE_OTP, Rung.ATTESTATION, Rung.DOORSTEP]
)
def test_every_other_evidence_after_her_own_face_counts_as_a_false_reject(rung: Rung):
    assert whole(five(lambda n: claim(n, rung, look()))).false_reject == Cell(1.0)


def test_nobody_whose_face_was_not_tried_or_who_was_not_served_is_in_the_false_rejects():
    claims = five(lambda n: claim(n, Rung.FACE, look(accepted=True)))
    claims += [claim(n, Rung.CARD) for n in range(5, 9)]
    claims += [claim(9, None, look()), claim(10, Rung.NOMINEE_FACE, look(Rung.NOMINEE_FACE, accepted=True))]
    assert whole(claims).false_reject == Cell(0.0)


def test_face_share_counts_a_nominees_face_too():
    claims = [*five(lambda n: claim(n, Rung.ATTESTATION)), *five(lambda n: claim(n, Rung.NOMINEE_FACE))]
    assert whole(claims).face_share == Cell(0.5)


def test_ration_whose_time_was_not_taken_has_no_part_in_the_times():
    claims = [claim(n, Rung.FACE, serve_ms=1000 * n) for n in range(1, 11)]
    timed = whole([*claims, claim(11, Rung.FACE)])
    assert (timed.rations, timed.serve_p50_s, timed.serve_p95_s) == (Cell(11), Cell(5.0), Cell(10.0))


def test_where_nothing_was_measured_there_is_no_figure_rather_than_nought():
    figures = whole(five(lambda n: claim(n, None)))
    assert (figures.face_share, figures.false_reject, figures.serve_p95_s) == (Cell(), Cell(), Cell())


def test_figure_of_four_people_is_hidden_though_they_came_often():
    claims = [claim(n % 4, Rung.FACE, look(accepted=True)) for n in range(40)]
    assert whole(claims).rations == Cell(hidden=True)


@given(values=st.lists(st.integers(0, 100), min_size=1), share=st.floats(0.01, 1))
def test_percentile_is_a_value_that_the_share_does_not_exceed(values: list[int], share: float):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def test_percentile_of_nothing_is_nothing():
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(
    ("seen", "failure"),
    [
        (look(accepted=True), None),
        (look(live=False), "not_live"),
        (look(score=None), "unusable"),
        (look(), "not_matched"),
        (look(live=True), "not_matched"),
    ],
)
def test_look_fails_for_one_reason(seen: Look, failure: str | None):
    assert seen.failure == failure
