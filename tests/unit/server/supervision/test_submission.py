"""What a submission must be before it is believed."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.supervision.form import FormLibrary
from server.supervision.submission import (
    MAX_BYTES,
    InvalidAnswerError,
    MalformedSubmissionError,
    SubmissionError,
    SubmissionTooLargeError,
    UnknownVersionError,
    WrongFormError,
    parse_submission,
)

Fill = Callable[..., bytes]
INDIA = timezone(timedelta(hours=5, minutes=30))


def test_a_filled_form_becomes_its_answers_by_item_code(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str]
) -> None:
    submission = parse_submission(fill(good_answers), library)
    assert submission.answers == good_answers
    assert submission.instance_id == "uuid:00000000-1111-4222-8333-444444444444"
    assert submission.started == datetime(2026, 11, 21, 9, 5, tzinfo=INDIA)


def test_an_item_that_was_not_asked_is_absent_and_one_left_empty_is_empty(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str]
) -> None:
    answers = {code: answer for code, answer in good_answers.items() if code != "VIS02"} | {"INF05": ""}
    submission = parse_submission(fill(answers), library)
    assert "VIS02" not in submission.answers
    assert submission.answers["INF05"] == ""


def test_text_in_any_script_comes_through_unchanged(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str]
) -> None:
    words = "वजन ठीक लिया; اچھا کام &amp; clean"
    submission = parse_submission(fill(good_answers | {"ACT01": words}), library)
    assert submission.answers["ACT01"] == "वजन ठीक लिया; اچھا کام & clean"


def test_another_form_is_refused(library: FormLibrary, fill: Fill, good_answers: dict[str, str]) -> None:
    with pytest.raises(WrongFormError):
        parse_submission(fill(good_answers, id="birth_register"), library)


def test_an_unknown_version_is_refused(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str]
) -> None:
    with pytest.raises(UnknownVersionError, match="1999010101"):
        parse_submission(fill(good_answers, version="1999010101"), library)


def test_a_submission_too_large_is_not_even_parsed(library: FormLibrary) -> None:
    with pytest.raises(SubmissionTooLargeError):
        parse_submission(b"<" * (MAX_BYTES + 1), library)


def test_entities_are_never_expanded(library: FormLibrary, fill: Fill, good_answers: dict[str, str]) -> None:
    declared = b'<!DOCTYPE data [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(MalformedSubmissionError):
        parse_submission(declared + fill(good_answers | {"ACT01": "&secret;"}), library)


def test_a_billion_laughs_is_refused(library: FormLibrary) -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d id="supervision_checklist">&b;</d>'
    with pytest.raises(MalformedSubmissionError):
        parse_submission(bomb, library)


@pytest.mark.parametrize(
    "instance_id", ["", "uuid:1", "../../etc/passwd", "uuid:zzzzzzzz-1111-4222-8333-444444444444"]
)
def test_a_submission_without_a_proper_instance_id_is_refused(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str], instance_id: str
) -> None:
    with pytest.raises(MalformedSubmissionError, match="instanceID"):
        parse_submission(fill(good_answers, instance_id=instance_id), library)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("HCM08", "excellent"),
        ("GRO01", "-1"),
        ("GRO01", "1e3"),
        ("GRO01", "१२"),
        ("VIS05", "near the school"),
        ("VIS06", "half past nine"),
        ("VIS06", "25:10"),
        ("ACT01", "x" * 1001),
        ("VIS01", ""),
    ],
)
def test_an_answer_the_form_would_not_allow_is_refused_by_its_code(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str], code: str, answer: str
) -> None:
    with pytest.raises(InvalidAnswerError) as refusal:
        parse_submission(fill(good_answers | {code: answer}), library)
    assert refusal.value.code == code
    assert not answer or answer not in str(refusal.value)


def test_a_question_asked_on_every_visit_cannot_be_left_out(
    library: FormLibrary, fill: Fill, good_answers: dict[str, str]
) -> None:
    with pytest.raises(InvalidAnswerError, match="VIS01"):
        parse_submission(fill({k: v for k, v in good_answers.items() if k != "VIS01"}), library)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_no_bytes_raise_anything_but_a_submission_error(library: FormLibrary, raw: bytes) -> None:
    with pytest.raises(SubmissionError):
        parse_submission(raw, library)
