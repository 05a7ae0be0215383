"""`python -m server report growth`, as the office or its script uses it."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from server.__main__ import program
from server.settings import Database
from server.storage import engine as databases
from server.storage import tables
from server.web.times import india_day
from tests.unit.server.settings_file import write_settings

DISTRICT, CENTRE = "namuna", "09123456701"
TODAY = india_day(datetime.now(UTC))
LAST_MONTH = TODAY.replace(day=1) - timedelta(days=1)


def child(number: int) -> dict[str, object]:
    person = Person(
        person_id=PersonId(f"p-{number}"), centre_id=CentreId(CENTRE), household="h", name="गुड़िया",
        name_latin="Gudiya", sex=Sex.FEMALE, born=TODAY - timedelta(days=800), registered=TODAY - timedelta(days=700),
    )  # fmt: skip
    return {
        "person_id": person.person_id, "centre_id": CENTRE, "record": msgspec.msgpack.encode(person), "updated_ms": 0,
    }  # fmt: skip


def weight(number: int, day: date, sequence: int) -> dict[str, object]:
    severe = number < 6
    return {
        "origin": "kiosk-a", "epoch": 1, "sequence": sequence, "centre_id": CENTRE, "day": day.isoformat(),
        "at_ms": sequence, "person_id": f"p-{number}", "grams": 9_000 + number, "source": "scale", "waz": -1.5,
        "weight_class": "SEVERE" if severe else "NORMAL", "flagged": False, "confirmed": False, "way": "alone",
        "spread": 10,
    }  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A centre of twelve girls, weighed today, six of them severely underweight; three of them last month too."""
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    tables.metadata.create_all(engine)
    weighed = [(n, TODAY) for n in range(12)] + [(n, LAST_MONTH) for n in range(3)]
    with databases.writing(engine) as connection:
        place = {"centre_id": CENTRE, "sector_id": "s", "name_en": "Centre 1", "name_hi": "र", "name_ur": "ر"}
        connection.execute(sa.insert(tables.centres).values(district_id=DISTRICT, **place))
        for number in range(12):
            connection.execute(sa.insert(tables.persons).values(district_id=DISTRICT, **child(number)))
        for sequence, (number, day) in enumerate(weighed):
            row = weight(number, day, sequence)
            connection.execute(sa.insert(tables.weighings).values(district_id=DISTRICT, **row))
    engine.dispose()
    return write_settings(tmp_path, DISTRICT)


def run(config: Path, *args: str) -> Result:
    return CliRunner().invoke(program, ["report", "growth", *args, "--config", str(config)])


def test_report_of_this_month_is_a_table_with_numbers_and_what_is_expected(config: Path) -> None:
    done = run(config)
    assert done.exit_code == 0, done.output
    assert f"{TODAY:%Y-%m} as of {TODAY}: 12 children registered" in done.output
    assert "50.0 %" in done.output
    assert "expected 1.00 to 1.20" in done.output
    assert "Gudiya" not in done.output


def test_csv_and_json_say_the_same(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "growth.csv"
    found = json.loads(run(config, "--json", "--csv", str(target)).output)
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    (row,) = [row for row in rows if (row["group"], row["figure"]) == ("below_five", "severely_underweight")]
    (group,) = [group for group in found["prevalence"] if group["key"] == "below_five"]
    assert group["shares"]["severely_underweight"] == {"n": 6, "of": 12, "few": False}
    assert (row["n"], row["of"], row["percent"]) == ("6", "12", "50.0")
    weights = [
        int(row["n"])
        for row in rows
        if (row["part"], row["group"]) == ("digits", "weight") and row["figure"].isdigit()
    ]
    assert sum(weights) == 12


def test_few_children_are_hidden_in_a_file_that_may_travel(config: Path) -> None:
    found = json.loads(run(config, "--month", f"{LAST_MONTH:%Y-%m}", "--centre", CENTRE, "--json").output)
    (group,) = [group for group in found["prevalence"] if group["key"] == "below_five"]
    assert group["shares"]["severely_underweight"] == {"n": None, "of": None, "few": False}
    assert found["coverage"]["weighed"] == {"n": 3, "of": 12, "few": False}


def test_last_digits_of_few_values_are_hidden_in_the_table_not_left_out(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "growth.csv"
    run(config, "--month", f"{LAST_MONTH:%Y-%m}", "--csv", str(target))
    rows = csv.DictReader(io.StringIO(target.read_text(encoding="utf-8")))
    found = [(row["n"], row["of"]) for row in rows if (row["part"], row["group"]) == ("digits", "weight")]
    assert found == [("hidden", "hidden")]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--month", "november"), "write it as 2026-11"),
        (("--month", "2999-01"), "has not begun"),
        (("--centre", "12"), "11 digits"),
        (("--centre", "09999999999"), "the district has no centre"),
        (("--csv", "no/such/folder/report.csv"), "No such file or directory"),
    ],
)
def test_what_cannot_be_reported_ends_with_one_line(config: Path, args: tuple[str, ...], said: str) -> None:
    done = run(config, *args)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
