"""What the supervisor looks at when she visits: the forms that came down, a page for each section, to read only."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from anganwadi.wire.downlink import Form, FormItem, Forms, FormSection
from edge.kiosk.access import AtDesk, Seated
from edge.kiosk.answers import language_of, page
from edge.kiosk.i18n import LANGUAGES

router = APIRouter(prefix="/checklist")

ITEMS = 12
"""How many items one page has room for: two columns of six."""

WEIGHTY = "⚠"
"""What the labels of critical items begin with; the page draws its own mark."""


class Line(msgspec.Struct, frozen=True):
    """One thing she looks at, in words of the screen's language or, where it has none, of `language`."""

    text: str
    language: str
    critical: bool


class Sheet(msgspec.Struct, frozen=True):
    """One page: a section of a form, or a part of a long one."""

    form: str
    section: str
    lines: tuple[Line, ...]


def sheets(forms: Forms, language: str) -> list[Sheet]:
    """All pages in the forms' own order; a section without items has none."""
    return [
        Sheet(form.title, _label(section.labels, language)[0], tuple(_line(item, language) for item in items))
        for form in forms.forms
        for section in form.sections
        for items in _in_pages(form, section)
    ]


@router.get("")
def show(
    request: Request, desk: AtDesk, _: Seated, number: Annotated[int, Query(alias="page")] = 1
) -> Response:
    found = sheets(desk.kiosk.forms(), language_of(request))
    if not found:
        return RedirectResponse("/home", status_code=303)
    number = min(max(number, 1), len(found))
    several = len({sheet.form for sheet in found}) > 1
    return page(
        request, "checklist.html", sheet=found[number - 1], number=number, count=len(found), several=several
    )


def _in_pages(form: Form, section: FormSection) -> list[list[FormItem]]:
    """The section's items, as many together as a page has room for."""
    items = [item for item in form.items if item.section == section.code]
    return [items[at : at + ITEMS] for at in range(0, len(items), ITEMS)]


def _line(item: FormItem, language: str) -> Line:
    text, spoken = _label(item.labels, language)
    return Line(text.removeprefix(WEIGHTY).lstrip(), spoken, item.critical)


def _label(labels: dict[str, str], language: str) -> tuple[str, str]:
    """The words in `language`, else in any the screen speaks, with the language they are in."""
    for spoken in (language, *LANGUAGES):
        if labels.get(spoken):
            return labels[spoken], spoken
    return next(iter(labels.values()), ""), "en"
