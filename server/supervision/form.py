"""The supervision form: an XLSForm that an author edits, compiled by pyxform into the XForm that phones fill.

    library = shipped_forms()                    # every forms/*.xlsx, compiled once per content
    form = library.current("supervision_checklist")
    form.xform                                   # the XML for the phone, or for ODK Collect
    form.items["HCM01"].critical                 # what the checklist says about one item

A visit keeps the version it began with, so the library finds a form by id and version and old versions stay
in `forms/` as long as phones may still send them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import msgspec
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from server.supervision.items import Item, Section, read_items, read_sections
from server.supervision.xml import parse_xml, qualified

FORMS = Path(__file__).parent / "forms"
CHECKLIST = "supervision_checklist"

_XFORMS = "http://www.w3.org/2002/xforms"
_XHTML = "http://www.w3.org/1999/xhtml"


class FormError(ValueError):
    """The XLSForm cannot be compiled; the text is pyxform's, and names the sheet and row to mend."""


class UnknownFormError(LookupError):
    """No form of this id and version is kept here."""


class Form(msgspec.Struct, frozen=True):
    """A compiled form: `xform` is the XML, `items` its questions by code in form order."""

    form_id: str
    version: str
    title: str
    xform: str
    source_sha256: str
    sections: tuple[Section, ...]
    items: dict[str, Item]

    @property
    def md5(self) -> str:
        """`md5:` and the hash of the XForm, as an OpenRosa form list states it."""
        return "md5:" + hashlib.md5(self.xform.encode(), usedforsecurity=False).hexdigest()


class FormLibrary:
    """The forms that this server knows, by id and version."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms: Mapping[tuple[str, str], Form] = {(form.form_id, form.version): form for form in forms}

    def get(self, form_id: str, version: str) -> Form:
        """Raises UnknownFormError where this id and version are not kept."""
        try:
            return self._forms[form_id, version]
        except KeyError:
            raise UnknownFormError(f"No form {form_id!r} of version {version!r} is kept here.") from None

    def knows(self, form_id: str) -> bool:
        """Whether any version of this form is kept."""
        return any(known == form_id for known, _ in self._forms)

    def current(self, form_id: str = CHECKLIST) -> Form:
        """The newest version, by its number. Raises UnknownFormError."""
        versions = [version for known, version in self._forms if known == form_id]
        if not versions:
            raise UnknownFormError(f"No form {form_id!r} is kept here.")
        return self._forms[form_id, max(versions)]


def compile_xlsform(source: Path, *, validate: bool = False) -> str:
    """The XForm XML of an .xlsx file; with `validate`, ODK Validate (needs Java) checks it as well.

    Raises:
        FormError: the workbook is not a valid XLSForm.
    """
    return _compile(source.read_bytes(), validate)


def load_form(source: Path) -> Form:
    """Compile one .xlsx file and read what the server needs to know of it. Raises FormError, CreditRuleError."""
    workbook = source.read_bytes()
    return _read(_compile(workbook, False), hashlib.sha256(workbook).hexdigest())


def shipped_forms(folder: Path = FORMS) -> FormLibrary:
    """Every form in `folder`, in every version kept there."""
    return FormLibrary(load_form(path) for path in sorted(folder.glob("*.xlsx")))


@lru_cache(maxsize=32)
def _compile(workbook: bytes, validate: bool) -> str:
    try:
        return convert(BytesIO(workbook), validate=validate, file_type=".xlsx").xform
    except PyXFormError as error:
        raise FormError(str(error)) from error


@lru_cache(maxsize=32)
def _read(xform: str, source_sha256: str) -> Form:
    tree = parse_xml(xform.encode())
    model = tree.find(f"{qualified(_XHTML, 'head')}/{qualified(_XFORMS, 'model')}")
    instance = model.find(f"{qualified(_XFORMS, 'instance')}/*") if model is not None else None
    if model is None or instance is None:
        raise FormError("The compiled form holds no primary instance.")
    body = tree.find(qualified(_XHTML, "body"))
    if body is None:
        raise FormError("The compiled form holds no body.")
    sections = read_sections(model, body)
    return Form(
        form_id=instance.get("id", ""),
        version=instance.get("version", ""),
        title=tree.findtext(f"{qualified(_XHTML, 'head')}/{qualified(_XHTML, 'title')}", ""),
        xform=xform,
        source_sha256=source_sha256,
        sections=sections,
        items=read_items(model, body),
    )
