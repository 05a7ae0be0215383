"""The score of a supervision visit: the share of applicable items that are met, and a grade.

An item applies when the form asked it, it carries a credit rule, and the rule knows the answer (so "not
applicable here" and "first visit" are left out). A critical item that is not met at all caps the grade: a
centre where a family was turned away is not a good centre, however tidy its records are. Items left
unanswered are counted, not guessed. The thresholds are proposed values that a district may change.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from server.supervision.items import Item

Grade = Literal["A", "B", "C", "D"]


class Thresholds(msgspec.Struct, frozen=True):
    """Least percent for each grade, and the best grade that a critical failure leaves."""

    a: float = 85.0
    b: float = 70.0
    c: float = 50.0
    cap: Grade = "C"


class Score(msgspec.Struct, frozen=True):
    """`percent` is None where nothing applied; `failures` are the critical items not met, in form order."""

    percent: float | None
    grade: Grade | None
    capped: bool
    applicable: int
    unanswered: int
    failures: tuple[str, ...]


def score(items: Iterable[Item], answers: Mapping[str, str], thresholds: Thresholds | None = None) -> Score:
    """Score the answers of one visit; `answers` holds "" for an item asked and left empty."""
    credits: list[float] = []
    failures: list[str] = []
    unanswered = 0
    for item in items:
        answer = answers.get(item.code)
        if item.credit is None or answer is None:
            continue
        if not answer:
            unanswered += 1
            continue
        credit = item.credit.credit(answer)
        if credit is None:
            continue
        credits.append(credit)
        if item.critical and credit == 0:
            failures.append(item.code)
    percent = round(100 * sum(credits) / len(credits), 1) if credits else None
    earned = _grade(percent, thresholds or Thresholds())
    grade = _capped(earned, thresholds or Thresholds()) if failures else earned
    return Score(percent, grade, grade != earned, len(credits), unanswered, tuple(failures))


def _grade(percent: float | None, thresholds: Thresholds) -> Grade | None:
    if percent is None:
        return None
    if percent >= thresholds.a:
        return "A"
    if percent >= thresholds.b:
        return "B"
    return "C" if percent >= thresholds.c else "D"


def _capped(grade: Grade | None, thresholds: Thresholds) -> Grade | None:
    if grade is None:
        return None
    return grade if grade > thresholds.cap else thresholds.cap  # letters sort from best to worst
