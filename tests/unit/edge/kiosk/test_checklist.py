"""What the supervisor looks at, as the forms that came down say it."""

import pytest

from anganwadi.wire import downlink
from anganwadi.wire.downlink import Form, FormItem, Forms, FormSection, Kind, Name
from edge.kiosk import checklist
from edge.kiosk.checklist import ITEMS, sheets
from tests.unit.edge.kiosk.forms import FormReader

WATER = {"en": "⚠ Is there safe water?", "hi": "⚠ क्या पानी सुरक्षित है?", "ur": "⚠ کیا پانی صاف ہے؟"}
FORM = Form(
    "visit",
    "1",
    "Visit",
    (
        FormSection("INF", {"en": "Building", "hi": "भवन", "ur": "عمارت"}),
        FormSection("NIL", {"en": "Nothing"}),
        FormSection("REC", {"en": "Records"}),
    ),
    (
        FormItem("INF01", "INF", WATER, critical=True),
        *(FormItem(f"REC{n}", "REC", {"en": f"Register {n}"}) for n in range(ITEMS + 1)),
    ),
)


@pytest.fixture
def send(stage):
    """Let these forms be what has come down."""
    parts = stage.kiosk._parts

    def sent(*forms: Form) -> None:
        name = Name(parts.identity.district, parts.identity.origin, Kind.FORMS, 1)
        for part in downlink.cut(downlink.seal(Forms(forms), name, b""), name):
            parts.documents.put(part)

    return sent


def test_without_a_form_the_start_page_leads_to_none(visitor):
    assert "/checklist" not in visitor.page("/home")
    assert visitor.client.get("/checklist").headers["location"] == "/home"


def test_with_a_form_the_start_page_leads_to_it_before_and_after_opening(visitor, send):
    send(FORM)
    assert 'href="/checklist"' in visitor.page("/home")
    visitor.post("/centre/open")
    assert 'href="/checklist"' in visitor.page("/home")


@pytest.mark.parametrize(
    ("language", "section", "text"),
    [("en", "Building", "Is there safe water?"), ("hi", "भवन", "क्या पानी सुरक्षित है?"),
     ("ur", "عمارت", "کیا پانی صاف ہے؟")],
)  # fmt: skip
def test_sections_and_items_are_in_the_screens_language(visitor, send, language, section, text):
    send(FORM)
    page = visitor.page("/checklist", language)
    assert section in page
    assert text in page
    assert checklist.WEIGHTY not in page


def test_what_a_language_lacks_is_said_in_one_it_has(send, visitor):
    send(FORM)
    assert '<li lang="en" dir="auto"><span>Register 0</span></li>' in visitor.page("/checklist?page=2", "ur")


def test_a_page_holds_no_more_than_it_has_room_for_and_empty_sections_have_none():
    pages = sheets(Forms((FORM,)), "en")
    assert [(sheet.section, len(sheet.lines)) for sheet in pages] == [
        ("Building", 1),
        ("Records", ITEMS),
        ("Records", 1),
    ]


@pytest.mark.parametrize(("asked", "shown"), [(-1, 1), (0, 1), (3, 3), (99, 3)])
def test_a_page_that_does_not_exist_is_the_nearest_one(visitor, send, asked, shown):
    send(FORM)
    assert f"Page {shown} of 3" in visitor.page(f"/checklist?page={asked}", "en")


def test_the_first_page_leads_home_and_the_last_is_done(visitor, send):
    send(FORM)
    assert 'href="/checklist?page=2"' in visitor.page("/checklist")
    last = visitor.page("/checklist?page=3")
    assert 'href="/checklist?page=2"' in last
    assert "page=4" not in last


def test_the_language_is_changed_without_leaving_the_page(visitor, send):
    send(FORM)
    assert 'name="back" value="/checklist?page=2"' in visitor.page("/checklist?page=2")


def test_it_is_only_read(visitor, send):
    send(FORM)
    page = visitor.page("/checklist")
    assert [form.attributes["action"] for form in FormReader.read(page).forms] == ["/language"]


def test_the_checklist_needs_a_log_in(stranger, send):
    send(FORM)
    assert stranger.client.get("/checklist").headers["location"] == "/login"


def test_an_item_is_text_and_never_markup(visitor, send):
    send(
        Form(
            "f", "1", "F", (FormSection("S", {"en": "<i>S</i>"}),), (FormItem("1", "S", {"en": "<b>x</b>"}),)
        )
    )
    page = visitor.page("/checklist")
    assert "<b>x" not in page
    assert "<i>S" not in page
