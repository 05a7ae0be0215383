"""The score of a visit: share of applicable items, capped by a critical failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.supervision.form import Form, shipped_forms
from server.supervision.score import Score, Thresholds, score

FORM = shipped_forms().current()


def scored(form: Form, answers: dict[str, str]) -> Score:
    return score(form.items.values(), answers)


def test_a_visit_with_everything_met_scores_a_hundred(form: Form, good_answers: dict[str, str]) -> None:
    result = scored(form, good_answers)
    assert (result.percent, result.grade, result.capped, result.failures) == (100.0, "A", False, ())


def test_one_critical_failure_caps_the_grade_of_an_otherwise_perfect_visit(
    form: Form, good_answers: dict[str, str]
) -> None:
    result = scored(form, good_answers | {"FBK03": "yes"})
    assert result.percent is not None
    assert result.percent > 95
    assert (result.grade, result.capped, result.failures) == ("C", True, ("FBK03",))


def test_a_grade_below_the_cap_is_not_raised_to_it(form: Form) -> None:
    result = scored(form, {"VIS01": "no", "VIS03": "no"})
    assert (result.grade, result.capped) == ("D", False)


def test_an_ordinary_item_not_met_lowers_the_percent_but_caps_nothing(
    form: Form, good_answers: dict[str, str]
) -> None:
    result = scored(form, good_answers | {"INF06": "no"})
    assert (result.grade, result.capped, result.failures) == ("A", False, ())
    assert result.percent is not None
    assert result.percent < 100


def test_what_does_not_apply_is_left_out_of_the_percent(form: Form, good_answers: dict[str, str]) -> None:
    with_it, without = scored(form, good_answers), scored(form, good_answers | {"HOM06": "not_applicable"})
    assert without.percent == 100.0
    assert without.applicable == with_it.applicable - 1


def test_items_left_unanswered_are_counted_not_guessed(form: Form, good_answers: dict[str, str]) -> None:
    result = scored(form, good_answers | {"INF06": "", "INF07": ""})
    assert (result.percent, result.unanswered) == (100.0, 2)


def test_half_met_earns_half_and_is_no_critical_failure(form: Form) -> None:
    result = scored(form, {"HCM08": "acceptable"})
    assert (result.percent, result.failures) == (50.0, ())


def test_counts_and_free_text_are_information_and_never_scored(form: Form) -> None:
    result = scored(form, {"GRO01": "12", "THR07": "40", "ACT01": "x", "INF01": "open_space"})
    assert result == Score(None, None, False, 0, 0, ())


def test_a_district_may_set_its_own_thresholds(form: Form, good_answers: dict[str, str]) -> None:
    strict = Thresholds(a=101, b=100, c=50, cap="D")
    assert score(form.items.values(), good_answers, strict).grade == "B"
    assert score(form.items.values(), good_answers | {"FBK03": "yes"}, strict).grade == "D"


@pytest.mark.parametrize(
    ("limits", "grade"),
    [
        (Thresholds(a=50), "A"),
        (Thresholds(b=50), "B"),
        (Thresholds(c=50), "C"),
        (Thresholds(c=50.1), "D"),
    ],
)
def test_a_threshold_belongs_to_the_better_grade(form: Form, limits: Thresholds, grade: str) -> None:
    assert score(form.items.values(), {"HCM08": "acceptable"}, limits).grade == grade


answers_of_any_visit = st.fixed_dictionaries(
    {},
    optional={
        code: st.sampled_from([option.name for option in item.options] or ["0", "1", "60", "150", ""])
        for code, item in FORM.items.items()
    },
)


@given(answers=answers_of_any_visit)
def test_percent_stays_within_bounds_and_a_failure_never_leaves_a_grade_above_the_cap(
    answers: dict[str, str],
) -> None:
    result = scored(FORM, answers)
    assert result.percent is None or 0 <= result.percent <= 100
    assert result.applicable + result.unanswered <= len(answers)
    assert not result.failures or result.grade in {"C", "D"}
