"""A supervision visit over HTTP: begin it at a centre, fill in its form on the phone, send it, read it."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from provisioning.languages import msgid
from server.accounts.gate import AppServices, CurrentOfficer
from server.centres import wording
from server.services import Services
from server.supervision import visits
from server.supervision.evidence import compare, kiosk_day
from server.supervision.form import Form, FormLibrary, UnknownFormError
from server.supervision.report import answer_text, question, report
from server.supervision.submission import (
    MAX_BYTES,
    InvalidAnswerError,
    SubmissionError,
    SubmissionTooLargeError,
    UnknownVersionError,
    WrongFormError,
)
from server.supervision.visits import AlreadySent, NotYourVisit, Taken, Visit
from server.web.pages import render
from server.web.times import india_day
from server.web.words import language_of, words_of

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger()

FILE_FIELD = "xml_submission_file"
ENVELOPE = 16 * 1024
"""What multipart's own lines may add to a submission."""

_TOO_LARGE = msgid("The form is too long to be taken. Shorten the longest texts, then send it again.")
_UNREADABLE = msgid(
    "The server could not read the form. Send it again; if that does not help, tell the IT officer."
)
_WRONG_FORM = msgid(
    "This is not the form that this visit began with. Open the visit again from the centre's page."
)
_ANSWER = msgid("The answer to “%(question)s” is missing or not allowed. Correct it, then send again.")
_SENT_ALREADY = msgid("This visit was sent before, with other answers. Those are kept; these were not added.")
_NOT_YOURS = msgid("Only the officer who began this visit can send it.")
_NO_VISIT = msgid("There is no such visit, or it is outside your area.")
_FORM_GONE = msgid("The form that this visit began with is no longer kept here. Tell the IT officer.")


def forms_of(request: Request) -> FormLibrary:
    return request.app.state.forms


def visit_of(services: AppServices, officer: CurrentOfficer, visit_id: str) -> Visit:
    """The visit of the path, if it was to a centre in the officer's area."""
    found = visits.find(services.engine, officer, visit_id)
    if found is None:
        raise HTTPException(404)
    return found


Forms = Annotated[FormLibrary, Depends(forms_of)]
PathVisit = Annotated[Visit, Depends(visit_of)]


@router.post("/centres/{centre_id}/visits")
def start_visit(services: AppServices, officer: CurrentOfficer, forms: Forms, centre_id: str) -> Response:
    """Begin a visit, or take up the one begun here today, and open its form."""
    day, now_ms = india_day(services.clock()), services.now_ms()
    visit_id = visits.start(services.engine, officer, centre_id, day, now_ms, forms.current())
    if visit_id is None:
        raise HTTPException(404)
    return RedirectResponse(f"/visits/{visit_id}/form", 303)


@router.get("/visits/{visit_id}/form")
def form_page(request: Request, officer: CurrentOfficer, visit: PathVisit) -> Response:
    """The phone's page. Nothing that the kiosk reported is on it: the supervisor looks for herself first."""
    if visit.submitted_ms is not None:
        return RedirectResponse(f"/visits/{visit.visit_id}", 303)
    if visit.officer_id != officer.officer_id:
        raise HTTPException(403)
    return render(request, "supervision/form.html", visit=visit)


@router.get("/visits/{visit_id}/form.xml")
def form_xml(visit: PathVisit, forms: Forms) -> Response:
    """The form in the version that the visit began with."""
    form = _form_of(visit, forms)
    if form is None:
        raise HTTPException(410)
    return Response(form.xform, media_type="application/xml")


async def submitted_xml(request: Request, _officer: CurrentOfficer) -> bytes | None:
    """The bytes of `xml_submission_file`; None where there are none, or where the request is longer than allowed."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_BYTES + ENVELOPE:
        return None
    async with request.form(max_files=1, max_fields=4) as fields:
        file = fields.get(FILE_FIELD)
        return await file.read() if isinstance(file, UploadFile) else b""


@router.post("/visits/{visit_id}/submission")
def take_submission(
    request: Request,
    services: AppServices,
    officer: CurrentOfficer,
    forms: Forms,
    visit_id: str,
    raw: Annotated[bytes | None, Depends(submitted_xml)],
) -> JSONResponse:
    """Store what the phone sends: 201, or 202 where it is stored already. A refusal says what to do, in `detail`."""
    visit = visits.find(services.engine, officer, visit_id)
    if visit is None:
        return _refusal(request, 404, _NO_VISIT)
    if raw is None:
        return _refusal(request, 413, _TOO_LARGE)
    try:
        taken = visits.take(services.engine, visit, officer, raw, forms, services.now_ms())
    except NotYourVisit:
        return _refusal(request, 403, _NOT_YOURS)
    except UnknownFormError:
        return _refusal(request, 410, _FORM_GONE)
    except AlreadySent:
        return _refusal(request, 409, _SENT_ALREADY)
    except SubmissionError as error:
        _log.info("submission_refused", visit=visit_id, error=type(error).__name__)
        return _submission_refusal(request, error, forms.get(visit.form_id, visit.form_version))
    _log.info("submission_taken", visit=visit_id, again=taken is Taken.AGAIN)
    return JSONResponse({"visit_id": visit_id}, 201 if taken is Taken.NEW else 202)


@router.get("/visits/{visit_id}")
def visit_page(
    request: Request, services: AppServices, officer: CurrentOfficer, forms: Forms, visit: PathVisit
) -> HTMLResponse:
    """What the supervisor saw, beside what the kiosk reported."""
    request.app.state.access_log.viewed(officer, "visit_page", visit.visit_id)
    form = _form_of(visit, forms)
    if visit.answers is None:
        return render(
            request, "supervision/unsent.html", visit=visit, own=visit.officer_id == officer.officer_id
        )
    if form is None:
        return render(request, "supervision/visit.html", visit=visit, report=None, beside=[], wording=wording)
    language = language_of(request)
    return render(
        request,
        "supervision/visit.html",
        visit=visit,
        report=report(form, visit.answers, language),
        beside=_beside(services, visit, visit.answers, form, language),
        wording=wording,
    )


def _beside(
    services: Services, visit: Visit, answers: dict[str, str], form: Form, language: str
) -> list[dict[str, object]]:
    with services.engine.connect() as connection:
        day = kiosk_day(connection, visit)
    return [
        {
            "code": one.code,
            "question": question(form.items[one.code], language),
            "seen": answer_text(form.items[one.code], one.answer, language),
            "reported": answer_text(form.items[one.code], one.reading.answer, language)
            if one.reading
            else None,
            "reading": one.reading,
            "agreement": one.agreement,
            "by": one.by,
            "kind": form.items[one.code].kind,
        }
        for one in compare(answers, day, visit.started_ms)
    ]


def _form_of(visit: Visit, forms: FormLibrary) -> Form | None:
    try:
        return forms.get(visit.form_id, visit.form_version)
    except UnknownFormError:
        return None


def _submission_refusal(request: Request, error: SubmissionError, form: Form) -> JSONResponse:
    match error:
        case SubmissionTooLargeError():
            return _refusal(request, 413, _TOO_LARGE)
        case WrongFormError() | UnknownVersionError():
            return _refusal(request, 409, _WRONG_FORM)
        case InvalidAnswerError(code=code):
            return _refusal(request, 422, _ANSWER, question=question(form.items[code], language_of(request)))
        case _:
            return _refusal(request, 400, _UNREADABLE)


def _refusal(request: Request, status: int, sentence: str, **values: str) -> JSONResponse:
    return JSONResponse({"detail": words_of(request).gettext(sentence) % values}, status)
