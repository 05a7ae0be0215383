"""The authored checklist, and what becomes of an XLSForm."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from server.supervision.credit import CreditRuleError, parse_credit
from server.supervision.form import (
    FORMS,
    Form,
    FormError,
    FormLibrary,
    UnknownFormError,
    compile_xlsform,
    load_form,
)

LANGUAGES = {"en", "hi", "ur"}


def workbook(path: Path, survey: list[list[str]], settings: list[list[str]] | None = None) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in (("survey", survey), ("settings", settings or [])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_every_item_of_the_checklist_is_in_the_form_exactly_once(form: Form, codes: list[str]) -> None:
    assert list(form.items) == codes
    assert len(codes) == 91
    for code in codes:
        assert form.xform.count(f"<{code}/>") == 1


def test_the_form_has_twelve_sections_in_three_languages(form: Form) -> None:
    assert len(form.sections) == 12
    assert all(set(section.labels) == LANGUAGES and all(section.labels.values()) for section in form.sections)


def test_every_item_and_option_speaks_english_hindi_and_urdu(form: Form) -> None:
    for item in form.items.values():
        for words in (item.labels, *(option.labels for option in item.options)):
            assert set(words) == LANGUAGES, item.code
            assert all(words.values()), item.code


def test_urdu_is_written_in_urdu_letters_and_hindi_in_devanagari(form: Form) -> None:
    for item in form.items.values():
        assert any("\u0600" <= letter <= "\u06ff" for letter in item.labels["ur"]), item.code
        assert any("\u0900" <= letter <= "\u097f" for letter in item.labels["hi"]), item.code


def test_a_critical_item_is_marked_where_the_supervisor_reads_it(form: Form) -> None:
    for item in form.items.values():
        assert {words.startswith("⚠") for words in item.labels.values()} == {item.critical}, item.code
    assert sum(item.critical for item in form.items.values()) == 47


def test_a_critical_answer_is_required_except_for_the_place_which_a_phone_may_not_give(form: Form) -> None:
    assert {item.code for item in form.items.values() if item.critical and not item.required} == {"VIS05"}


def test_every_choice_offers_options_and_its_credit_names_only_those(form: Form) -> None:
    for item in form.items.values():
        if item.kind == "choice":
            names = {option.name for option in item.options}
            assert len(names) >= 2, item.code
            assert item.credit is None or set(item.credit.options) <= names, item.code


def test_numbers_are_text_with_a_keypad_so_that_no_typed_digit_is_lost(form: Form) -> None:
    numbers = [item for item in form.items.values() if item.kind == "number"]
    assert len(numbers) == 18
    assert 'type="int"' not in form.xform


def test_asking_for_pay_or_turning_away_earns_nothing(form: Form) -> None:
    asked = form.items["FBK03"]
    assert asked.credit is not None
    assert (asked.credit.credit("no"), asked.credit.credit("yes")) == (1.0, 0.0)


def test_the_form_keeps_its_id_and_a_dated_version(form: Form) -> None:
    assert form.form_id == "supervision_checklist"
    assert form.version.isdecimal()
    assert len(form.version) == 10


def test_the_same_workbook_is_compiled_once() -> None:
    source = FORMS / "supervision_checklist.xlsx"
    assert load_form(source) is load_form(source)


def test_a_workbook_with_a_mistake_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    source = workbook(tmp_path / "form.xlsx", [["type", "name", "label"], ["texxt", "A01", "A?"]])
    with pytest.raises(FormError, match="texxt"):
        compile_xlsform(source)


def test_a_credit_that_cannot_be_read_names_its_item(tmp_path: Path) -> None:
    source = workbook(
        tmp_path / "form.xlsx",
        [
            ["type", "name", "label", "appearance", "bind::aangan:credit"],
            ["begin_group", "SEC", "Section", "", ""],
            ["text", "SEC01", "How many?", "numbers", "many=good"],
            ["end_group", "", "", "", ""],
        ],
        [["form_id", "version", "namespaces"], ["f", "1", 'aangan="urn:aangan:supervision-form"']],
    )
    with pytest.raises(CreditRuleError, match="SEC01: 'many=good'"):
        load_form(source)


def test_credit_of_a_number_follows_its_range() -> None:
    rule = parse_credit("0..50=1 51..100=0.5 101..2000=0", "EQP05")
    assert [rule.credit(n) for n in ("0", "50", "51", "2000", "2001", "-1", "x")] == [
        1,
        1,
        0.5,
        0,
        None,
        None,
        None,
    ]


def test_an_option_without_credit_does_not_apply() -> None:
    assert parse_credit("yes=1 no=0", "THR09").credit("not_applicable") is None


def test_a_visit_keeps_the_version_it_began_with(form: Form) -> None:
    newer = Form(form.form_id, "2027010101", form.title, form.xform, "", form.sections, form.items)
    library = FormLibrary([newer, form])
    assert library.current().version == "2027010101"
    assert library.get(form.form_id, form.version) is form


def test_a_form_that_is_not_kept_is_named_as_unknown(library: FormLibrary) -> None:
    with pytest.raises(UnknownFormError):
        library.get("supervision_checklist", "1999010101")
    with pytest.raises(UnknownFormError):
        library.current("another_form")
