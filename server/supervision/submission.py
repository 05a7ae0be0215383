"""A filled form as it arrives: XML from a phone or from ODK Collect, checked before anything is believed.

    submission = parse_submission(raw, library)
    submission.answers["PSE01"]     # "23"; "" where the item was asked and left empty
    "VIS02" in submission.answers   # False where the item did not apply and so was not asked

The phone has already checked what it asks, but a submission is only bytes: the form and its version must be
known, choices must be offered ones, numbers must be whole, required items answered.
"""

import re
from datetime import datetime

import msgspec

from server.supervision.form import Form, FormLibrary, UnknownFormError
from server.supervision.items import Item
from server.supervision.xml import Element, UnsafeXmlError, local_name, parse_xml

MAX_BYTES = 256 * 1024  # a full checklist is under 8 kB
MAX_TEXT = 1000  # characters, as the form itself says

_INSTANCE_ID = re.compile(r"^uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_NUMBER = re.compile(r"^[0-9]{1,6}$")
_TIME = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?$")
_PLACE = re.compile(r"^-?\d{1,2}(\.\d+)? -?\d{1,3}(\.\d+)?( -?\d+(\.\d+)?){0,2}$")


class SubmissionError(ValueError):
    """A submission that is not taken; the text says why, without any answer in it."""


class SubmissionTooLargeError(SubmissionError):
    """More bytes than any honest submission has."""


class MalformedSubmissionError(SubmissionError):
    """Not XML, or not the XML of a form instance."""


class WrongFormError(SubmissionError):
    """The submission is of a form that this server does not offer."""


class UnknownVersionError(SubmissionError):
    """The form is known, this version of it is not."""


class InvalidAnswerError(SubmissionError):
    """An answer that the form would not have allowed; `code` names the item."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


class Submission(msgspec.Struct, frozen=True):
    """One visit as answered. `instance_id` is the phone's own and makes a resend recognisable."""

    instance_id: str
    form_id: str
    version: str
    started: datetime | None
    ended: datetime | None
    answers: dict[str, str]


def parse_submission(raw: bytes, library: FormLibrary) -> Submission:
    """Read and check one submission.

    Raises:
        SubmissionTooLargeError, MalformedSubmissionError: the bytes are no submission.
        WrongFormError, UnknownVersionError: the form is not one of `library`.
        InvalidAnswerError: an answer breaks the form's own rules.
    """
    root = _root(raw)
    form = _form(root, library)
    leaves = {local_name(leaf): (leaf.text or "").strip() for leaf in root.iter("*") if len(leaf) == 0}
    return Submission(
        instance_id=_instance_id(leaves),
        form_id=form.form_id,
        version=form.version,
        started=_moment(leaves.get("visit_started", "")),
        ended=_moment(leaves.get("visit_ended", "")),
        answers=_answers(form, leaves),
    )


def _root(raw: bytes) -> Element:
    if len(raw) > MAX_BYTES:
        raise SubmissionTooLargeError(f"A submission has at most {MAX_BYTES} bytes; this one has {len(raw)}.")
    try:
        return parse_xml(raw)
    except UnsafeXmlError as error:
        raise MalformedSubmissionError(str(error)) from error


def _form(root: Element, library: FormLibrary) -> Form:
    form_id, version = root.get("id", ""), root.get("version", "")
    if not library.knows(form_id):
        raise WrongFormError("This form is not offered here.")
    try:
        return library.get(form_id, version)
    except UnknownFormError as error:
        raise UnknownVersionError(str(error)) from error


def _instance_id(leaves: dict[str, str]) -> str:
    instance_id = leaves.get("instanceID", "")
    if not _INSTANCE_ID.match(instance_id):
        raise MalformedSubmissionError("The submission has no instanceID of the form uuid:…")
    return instance_id.lower()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _answers(form: Form, leaves: dict[str, str]) -> dict[str, str]:
    for item in form.items.values():
        if item.required and item.always and item.code not in leaves:
            raise InvalidAnswerError(item.code, "an answer is required.")
    return {code: _checked(item, leaves[code]) for code, item in form.items.items() if code in leaves}


def _checked(item: Item, answer: str) -> str:
    if not answer:
        if item.required:
            raise InvalidAnswerError(item.code, "an answer is required.")
        return answer
    if item.kind == "choice" and answer not in {option.name for option in item.options}:
        raise InvalidAnswerError(item.code, "the answer is not one of those offered.")
    if item.kind == "number" and not _NUMBER.match(answer):
        raise InvalidAnswerError(item.code, "the answer is not a whole number.")
    if item.kind == "time" and not _TIME.match(answer):
        raise InvalidAnswerError(item.code, "the answer is not a time of day.")
    if item.kind == "place" and not _PLACE.match(answer):
        raise InvalidAnswerError(item.code, "the answer is not a place.")
    if len(answer) > MAX_TEXT:
        raise InvalidAnswerError(item.code, f"the answer is longer than {MAX_TEXT} characters.")
    return answer
