"""`python -m anganwadi.growth IN.csv OUT.csv`: WHO's columns in, WHO's columns out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anganwadi.growth_csv import app

WHO = Path(__file__).parent / "data" / "who_anthro_expected.csv"
REPOSITORY = Path(__file__).parents[3]
DOCUMENT = REPOSITORY / "docs" / "growth.md"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY)}
HEADING = "sex,age_days,weight_kg,lenhei_cm,headc_cm,muac_cm,measure,oedema"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def table(tmp_path: Path, *rows: str, heading: str = HEADING) -> Path:
    path = tmp_path / "in.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_module_reproduces_whos_file_byte_for_byte_from_its_inputs(tmp_path):
    out = tmp_path / "out.csv"
    done = subprocess.run(
        [sys.executable, "-m", "anganwadi.growth", WHO, out],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "409 rows" in done.stdout
    assert out.read_bytes() == WHO.read_bytes()


def test_output_columns_in_the_input_are_computed_anew(tmp_path):
    source = table(tmp_path, "1,365,9.6448,75.7391,46,14,L,n,9.99,Asha", heading=HEADING + ",zwei,name")
    assert run(source, tmp_path / "out.csv").exit_code == 0
    heading, row = (tmp_path / "out.csv").read_text().splitlines()
    found = dict(zip(heading.split(","), row.split(","), strict=True))
    assert (found["zwei"], found["zlen"], found["fwei"], found["cmeasure"]) == ("0", "0", "0", "l")
    assert (found["row"], found["block"]) == ("1", "")
    assert "name" not in found


def test_blank_and_na_are_missing_values_and_letters_have_no_case(tmp_path):
    source = table(tmp_path, "F,NA,8,70,,,h,Y", "m,400,,,na,,,".replace("na", "NA"))
    assert run(source, tmp_path / "out.csv").exit_code == 0
    _, first, second = (tmp_path / "out.csv").read_text().splitlines()
    assert first.endswith("70,h,0,16.3265306122449" + "," * 12)
    assert second.endswith(",,0" + "," * 13)


def test_the_result_may_replace_its_source(tmp_path):
    source = table(tmp_path, "1,365,9.6,75,46,14,L,n")
    assert run(source, source).exit_code == 0
    assert run(source, source).exit_code == 0
    assert source.read_text().startswith("row,block,sex")


def test_a_file_without_rows_gives_a_heading(tmp_path):
    assert run(table(tmp_path), tmp_path / "out.csv").exit_code == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1,x,9,75,46,14,L,n", "row 2: age_days is 'x', not a number"),
        ("1,-3,9,75,46,14,L,n", "row 2: age_days is '-3', an age before birth"),
        ("1,365,nan,75,46,14,L,n", "row 2: weight_kg is 'nan', not a number"),
        ("1,365,1_0,75,46,14,L,n", "row 2: weight_kg is '1_0', not a number"),
        ("3,365,9,75,46,14,L,n", "row 2: sex is '3', not 1 (male) or 2 (female)"),
        ("1,365,9,75,46,14,S,n", "row 2: measure is 'S', not L (lying), H (standing) or blank"),
        ("1,365,9,75,46,14,L,maybe", "row 2: oedema is 'maybe', not y or n"),
        ("1,365,9,75,46,14,L", "row 2: not as many values as the heading has columns"),
        ("1,365,9,75,46,14,L,n,7", "row 2: not as many values as the heading has columns"),
    ],
)
def test_a_bad_value_is_named_with_its_row_and_nothing_is_written(tmp_path, row, says):
    source = table(tmp_path, "1,365,9,75,46,14,L,n", row)
    result = run(source, tmp_path / "out.csv")
    assert result.exit_code == 1
    assert result.stderr == f"error: {source}: {says}\n"
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_file_is_one_line(tmp_path):
    result = run(tmp_path / "none.csv", tmp_path / "out.csv")
    assert (result.exit_code, result.stderr) == (
        1,
        f"error: {tmp_path}/none.csv: No such file or directory\n",
    )


def test_an_output_that_cannot_be_written_is_one_line(tmp_path):
    result = run(table(tmp_path), tmp_path / "no folder" / "out.csv")
    assert (result.exit_code, result.stderr) == (
        1,
        f"error: {tmp_path}/no folder/out.csv: No such file or directory\n",
    )


def test_missing_columns_are_named(tmp_path):
    result = run(
        table(tmp_path, heading="sex,age_days,weight_kg,lenhei_cm,headc_cm,muac_cm"), tmp_path / "out.csv"
    )
    assert result.exit_code == 1
    assert "no column measure, oedema" in result.stderr


def test_bytes_that_are_not_text_are_refused(tmp_path):
    source = tmp_path / "in.csv"
    source.write_bytes(HEADING.encode() + b"\n\xff\xfe\x00")
    result = run(source, tmp_path / "out.csv")
    assert result.exit_code == 1
    assert "not a CSV file in UTF-8" in result.stderr


def test_help_names_every_input_column():
    result = run("--help")
    assert result.exit_code == 0
    for name in HEADING.split(","):
        assert name in result.stdout


def test_the_examples_in_the_documentation_work(tmp_path):
    blocks = dict(
        re.findall(r"```(python|csv|console)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    )
    exec(compile(blocks["python"], DOCUMENT, "exec"), {})
    (tmp_path / "IN.csv").write_text(blocks["csv"], encoding="utf-8")
    command = blocks["console"].removeprefix("$ python").split()
    subprocess.run([sys.executable, *command], cwd=tmp_path, env=ENVIRONMENT, check=True, capture_output=True)
    assert (tmp_path / "OUT.csv").read_text().splitlines()[1].startswith("1,example,1,500,7.5,76")
