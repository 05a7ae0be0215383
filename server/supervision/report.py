"""A sent visit as its page tells it: sections of questions and answers, in the reader's language, each with its mark.

Only the form knows the words, so a visit whose form version is no longer kept has a score and no report.
"""

from enum import StrEnum

import msgspec

from server.supervision.form import Form
from server.supervision.items import Item, Words
from server.supervision.score import Score, score

CRITICAL_SIGN = "⚠ "
"""Before the label of a critical item in the form; pages draw an icon instead."""


class Mark(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    UNSCORED = "unscored"
    """Information only, not applicable here, or left empty."""


class Line(msgspec.Struct, frozen=True):
    """One question with its answer as people read it; `answer` is empty where it was left so."""

    code: str
    question: str
    answer: str
    critical: bool
    mark: Mark


class SectionReport(msgspec.Struct, frozen=True):
    """The questions that one section asked."""

    code: str
    title: str
    lines: tuple[Line, ...]

    @property
    def scored(self) -> int:
        return sum(line.mark is not Mark.UNSCORED for line in self.lines)

    @property
    def met(self) -> int:
        return sum(line.mark is Mark.MET for line in self.lines)

    @property
    def failures(self) -> tuple[Line, ...]:
        """The critical items not met at all."""
        return tuple(line for line in self.lines if line.critical and line.mark is Mark.NOT_MET)


class Report(msgspec.Struct, frozen=True):
    sections: tuple[SectionReport, ...]
    score: Score

    @property
    def failures(self) -> tuple[Line, ...]:
        return tuple(line for section in self.sections for line in section.failures)


def report(form: Form, answers: dict[str, str], language: str) -> Report:
    """Tell `answers` in `language`."""
    lines = {code: _line(form.items[code], answer, language) for code, answer in answers.items()}
    sections = (
        SectionReport(
            section.code,
            _in(section.labels, language),
            tuple(
                lines[code]
                for code, item in form.items.items()
                if item.section == section.code and code in lines
            ),
        )
        for section in form.sections
    )
    return Report(tuple(one for one in sections if one.lines), score(form.items.values(), answers))


def question(item: Item, language: str) -> str:
    """The question without the sign of a critical item."""
    return _in(item.labels, language).removeprefix(CRITICAL_SIGN)


def answer_text(item: Item, answer: str, language: str) -> str:
    """An answer as people read it: the chosen option's words, a clock time, a place with how exact it is."""
    if item.kind == "choice":
        return next((_in(one.labels, language) for one in item.options if one.name == answer), answer)
    if item.kind == "time":
        return answer[:5]
    if item.kind == "place" and answer:
        latitude, longitude, *rest = answer.split()
        exact = f" (±{float(rest[1]):.0f} m)" if len(rest) > 1 else ""
        return f"{float(latitude):.5f}, {float(longitude):.5f}{exact}"
    return answer


def _line(item: Item, answer: str, language: str) -> Line:
    return Line(
        item.code,
        question(item, language),
        answer_text(item, answer, language),
        item.critical,
        _mark(item, answer),
    )


def _mark(item: Item, answer: str) -> Mark:
    credit = item.credit.credit(answer) if item.credit and answer else None
    if credit is None:
        return Mark.UNSCORED
    if credit == 0:
        return Mark.NOT_MET
    return Mark.MET if credit == 1 else Mark.PARTLY


def _in(words: Words, language: str) -> str:
    return words.get(language) or words.get("en", "")
