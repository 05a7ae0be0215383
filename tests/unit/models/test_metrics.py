"""The measures, on scores whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.identities import Pair, PairsError, people, read_pairs
from models.metrics import equal_error_rate, fold_accuracy, operating_point

scores = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1, 1))


def test_scores_that_never_overlap_are_told_apart_without_error():
    genuine, impostor = np.linspace(0.6, 0.9, 30), np.linspace(-0.2, 0.3, 1000)
    assert equal_error_rate(genuine, impostor) == 0
    assert operating_point(genuine, impostor, 1e-4).tar == 1
    same = np.array([True] * 30 + [False] * 30)
    accuracy = fold_accuracy(np.concatenate([genuine, impostor[:30]]), same)
    assert (accuracy.mean, accuracy.best) == (1, 1)


def test_the_tar_at_a_far_is_the_share_above_the_allowed_impostors():
    impostor = np.arange(100) / 100
    point = operating_point(np.array([0.5, 0.985, 0.995, 1.0]), impostor, 0.01)
    assert point.threshold > 0.98
    assert point.tar == 0.75


@given(scores, scores, st.sampled_from([0.5, 0.1, 1e-2, 1e-3]))
def test_no_more_impostors_are_accepted_than_the_far_allows(
    genuine: np.ndarray, impostor: np.ndarray, far: float
):
    point = operating_point(genuine, impostor, far)
    assert np.mean(impostor >= point.threshold) <= far


@given(scores, scores)
def test_the_equal_error_rate_is_a_rate(genuine: np.ndarray, impostor: np.ndarray):
    assert 0 <= equal_error_rate(genuine, impostor) <= 1


def test_a_missed_face_counts_as_refused():
    values = np.array([0.9] * 9 + [np.nan] + [0.1] * 10)
    same = np.array([True] * 10 + [False] * 10)
    assert fold_accuracy(values, same).best == 0.95


def test_people_follow_from_pairs_and_from_names():
    names = ["A_0001.jpg", "A_0002.jpg", "B_0001.jpg", "x.jpg", "y.jpg", "z.jpg"]
    who = people(
        names,
        [Pair("x.jpg", "y.jpg", True), Pair("y.jpg", "A_0002.jpg", True), Pair("z.jpg", "x.jpg", False)],
    )
    assert who["x.jpg"] == who["y.jpg"] == who["A_0001.jpg"] == who["A_0002.jpg"]
    assert len(set(who.values())) == 3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_who_is_who_does_not_depend_on_the_order_of_the_pairs(links: list[tuple[int, int]]):
    names = [f"{i}.jpg" for i in range(10)]
    pairs = [Pair(names[a], names[b], True) for a, b in links]
    assert people(names, pairs) == people(names[::-1], pairs[::-1])


@pytest.mark.parametrize(
    ("text", "says"),
    [("a,b\nx,y\n", "columns"), ("a,b,same\nx,y,maybe\n", "line 2"), ("a,b,same\n", "no pair")],
)
def test_a_pairs_file_that_cannot_be_used_says_why(tmp_path, text: str, says: str):
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(PairsError, match=says):
        read_pairs(tmp_path / "pairs.csv")
