"""`python -m server forms compile`, as a form's author uses it."""

from pathlib import Path

from typer.testing import CliRunner

from server.__main__ import program
from server.supervision.form import FORMS, Form

CHECKLIST = FORMS / "supervision_checklist.xlsx"


def test_compiled_form_is_what_phones_get(tmp_path: Path, form: Form) -> None:
    out = tmp_path / "checklist.xml"
    done = CliRunner().invoke(program, ["forms", "compile", str(CHECKLIST), str(out)])
    assert done.exit_code == 0
    assert out.read_text(encoding="utf-8") == form.xform
    assert "91 items" in done.stdout


def test_form_goes_beside_its_workbook_if_no_place_is_given(tmp_path: Path) -> None:
    workbook = tmp_path / "checklist.xlsx"
    workbook.write_bytes(CHECKLIST.read_bytes())
    assert CliRunner().invoke(program, ["forms", "compile", str(workbook)]).exit_code == 0
    assert (tmp_path / "checklist.xml").exists()


def test_workbook_that_is_not_there_or_none_ends_with_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a workbook")
    for source in (tmp_path / "none.xlsx", broken):
        done = CliRunner().invoke(program, ["forms", "compile", str(source)])
        assert done.exit_code == 2, done.output
        assert source.name in done.stderr
