"""One compiled checklist, its item codes written out, a way to fill it in, and a district to send it to."""

from collections.abc import Callable, Mapping

import pytest

from server.supervision.form import Form, FormLibrary, shipped_forms
from server.supervision.items import Item
from tests.unit.server.web_district import web

__all__ = ["web"]

ITEMS_PER_SECTION = {
    "VIS": 7,
    "INF": 11,
    "EQP": 10,
    "REC": 6,
    "GRO": 10,
    "THR": 10,
    "HCM": 8,
    "PSE": 7,
    "HOM": 6,
    "VHN": 5,
    "FBK": 6,
    "ACT": 5,
}
INSTANCE_ID = "uuid:00000000-1111-4222-8333-444444444444"

Fill = Callable[..., bytes]


@pytest.fixture(scope="session")
def library() -> FormLibrary:
    return shipped_forms()


@pytest.fixture(scope="session")
def form(library: FormLibrary) -> Form:
    return library.current()


@pytest.fixture(scope="session")
def codes() -> list[str]:
    return [f"{section}{n:02d}" for section, count in ITEMS_PER_SECTION.items() for n in range(1, count + 1)]


@pytest.fixture(scope="session")
def good_answers(form: Form) -> dict[str, str]:
    """A visit in which every item applies and is met."""
    return {code: _best(form, code) for code in form.items}


@pytest.fixture(scope="session")
def fill(form: Form) -> Fill:
    """Write answers as the XML that a phone sends."""

    def write(answers: Mapping[str, str], **changed: str) -> bytes:
        about = {"id": form.form_id, "version": form.version, "instance_id": INSTANCE_ID} | changed
        groups = "".join(
            f"<{section.code}>"
            + "".join(f"<{c}>{a}</{c}>" for c, a in answers.items() if c.startswith(section.code))
            + f"</{section.code}>"
            for section in form.sections
        )
        return (
            f'<data xmlns:orx="http://openrosa.org/xforms" id="{about["id"]}" version="{about["version"]}">'
            "<visit_started>2026-11-21T09:05:00.000+05:30</visit_started><visit_ended>2026-11-21T10:00:00+05:30</visit_ended>"
            f"{groups}<orx:meta><orx:instanceID>{about['instance_id']}</orx:instanceID></orx:meta></data>"
        ).encode()

    return write


def _best(form: Form, code: str) -> str:
    item = form.items[code]
    if item.kind == "choice":
        names = [option.name for option in item.options]
        return max(names, key=lambda name: (item.credit.credit(name) or 0) if item.credit else 0)
    if item.kind == "number":
        return _best_number(item)
    return {"time": "09:10:00.000+05:30", "place": "26.85 80.94 0 8", "text": "ठीक है"}[item.kind]


def _best_number(item: Item) -> str:
    if item.credit is None:
        return "1"
    whole = [number for number, credit in item.credit.options.items() if credit == 1]
    return whole[0] if whole else str(next(low for low, _, credit in item.credit.ranges if credit == 1))
