"""A supervision visit: begun at a centre with the form of that moment, sent once, then kept as it is.

visit_id = start(engine, officer, centre_id, day, now_ms, library.current())
visit = find(engine, officer, visit_id)
take(engine, visit, officer, raw, library, now_ms)      # Taken.NEW, then Taken.AGAIN for a resend
"""

import uuid
from datetime import date
from enum import Enum, auto

import msgspec
from sqlalchemy import Engine

from server.accounts.scope import Officer
from server.storage.engine import writing
from server.supervision import queries
from server.supervision.form import Form, FormLibrary
from server.supervision.score import score
from server.supervision.submission import Submission, parse_submission


class NotYourVisit(Exception):
    """Another officer began this visit."""


class AlreadySent(Exception):
    """The visit has been sent with other answers, and those stay."""


class Taken(Enum):
    """Whether a submission was stored now, or had been stored before."""

    NEW = auto()
    AGAIN = auto()


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `visits`, with the names of its centre and its officer; `answers` is None until it is sent."""

    visit_id: str
    district_id: str
    centre_id: str
    centre_names: dict[str, str]
    officer_id: str
    officer_name: str | None
    day: date
    form_id: str
    form_version: str
    started_ms: int
    instance_id: str | None
    submitted_ms: int | None
    answers: dict[str, str] | None
    percent: float | None
    grade: str | None


def start(engine: Engine, officer: Officer, centre_id: str, day: date, now_ms: int, form: Form) -> str | None:
    """The id of the officer's unsent visit to this centre on `day`, begun now if there is none.

    None where the centre is outside her area.
    """
    with writing(engine) as connection:
        if queries.lock_centre(connection, officer, centre_id) is None:
            return None
        found = queries.open_visit(connection, officer, centre_id, day.isoformat())
        if found is not None:
            return found
        visit_id = str(uuid.uuid4())
        queries.add_visit(
            connection,
            officer,
            visit_id=visit_id,
            centre_id=centre_id,
            day=day.isoformat(),
            form_id=form.form_id,
            form_version=form.version,
            started_ms=now_ms,
        )
    return visit_id


def find(engine: Engine, officer: Officer, visit_id: str) -> Visit | None:
    """A visit to a centre in the officer's area."""
    with engine.connect() as connection:
        row = queries.visit_by_id(connection, officer, visit_id)
    if row is None:
        return None
    return Visit(
        visit_id=row.visit_id,
        district_id=row.district_id,
        centre_id=row.centre_id,
        centre_names={"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
        officer_id=row.officer_id,
        officer_name=row.officer_name,
        day=date.fromisoformat(row.day),
        form_id=row.form_id,
        form_version=row.form_version,
        started_ms=row.started_ms,
        instance_id=row.instance_id,
        submitted_ms=row.submitted_ms,
        answers=msgspec.json.decode(row.answers, type=dict[str, str]) if row.answers is not None else None,
        percent=row.score,
        grade=row.grade,
    )


def take(
    engine: Engine, visit: Visit, officer: Officer, raw: bytes, library: FormLibrary, now_ms: int
) -> Taken:
    """Check, score and keep the submission of `visit`, however late it comes.

    Raises:
        NotYourVisit: another officer began it.
        UnknownFormError: the version it began with is no longer kept.
        SubmissionError: the bytes are not an acceptable submission of that version.
        AlreadySent: it was sent before, with other answers.
    """
    if visit.officer_id != officer.officer_id:
        raise NotYourVisit
    form = library.get(visit.form_id, visit.form_version)
    submission = parse_submission(raw, FormLibrary([form]))
    with writing(engine) as connection:
        result = score(form.items.values(), submission.answers)
        stored = queries.store_submission(
            connection,
            visit.district_id,
            visit.visit_id,
            instance_id=submission.instance_id,
            submitted_ms=now_ms,
            submission=raw,
            answers=msgspec.json.encode(submission.answers).decode(),
            score=result.percent,
            grade=result.grade,
        )
    if stored:
        return Taken.NEW
    if not _is_resend(submission, find(engine, officer, visit.visit_id)):
        raise AlreadySent
    return Taken.AGAIN


def _is_resend(submission: Submission, kept: Visit | None) -> bool:
    """The same instance with the same answers: a phone that never got our answer sends it again."""
    return (
        kept is not None and kept.instance_id == submission.instance_id and kept.answers == submission.answers
    )
