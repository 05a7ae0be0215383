"""`python -m server report verification`, as the office or its script uses it."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from server.__main__ import program
from server.settings import Database
from server.storage import engine as databases
from server.storage import tables
from server.web.times import india_day
from tests.unit.server.settings_file import write_settings

DISTRICT, CENTRE, SMALL = "namuna", "09123456701", "09123456702"
TODAY = india_day(datetime.now(UTC))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A district of two centres: eight women served at one, two at the other; and eight more last year."""
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    tables.metadata.create_all(engine)
    with databases.writing(engine) as connection:
        for centre in (CENTRE, SMALL):
            place = {"sector_id": "s", "name_en": f"Centre {centre[-1]}", "name_hi": "र", "name_ur": "ر"}
            connection.execute(
                sa.insert(tables.centres).values(district_id=DISTRICT, centre_id=centre, **place)
            )
        served = [(CENTRE, n, TODAY) for n in range(8)] + [(SMALL, n, TODAY) for n in range(8, 10)]
        served += [(CENTRE, n, TODAY - timedelta(days=365)) for n in range(8)]
        for sequence, (centre, n, day) in enumerate(served):
            connection.execute(
                sa.insert(tables.rations).values(
                    district_id=DISTRICT,
                    origin="kiosk-a",
                    epoch=1,
                    sequence=sequence,
                    centre_id=centre,
                    day=day.isoformat(),
                    at_ms=sequence,
                    person_id=f"p-{n}",
                    rung="face" if n % 2 else "card",
                    serve_ms=9_000,
                )
            )
    engine.dispose()
    return write_settings(tmp_path, DISTRICT)


def run(config: Path, *args: str) -> Result:
    return CliRunner().invoke(program, ["report", "verification", *args, "--config", str(config)])


def test_report_of_this_month_is_a_table_with_targets(config: Path) -> None:
    done = run(config)
    assert done.exit_code == 0, done.output
    assert f"{TODAY.replace(day=1)} to {TODAY}" in done.output
    assert "50.0 %" in done.output
    assert "slowest (95 of 100) 20 s" in done.output


def test_json_hides_the_small_centre_and_what_would_give_it_away(config: Path) -> None:
    found = json.loads(run(config, "--json").output)
    assert found["whole"]["rations"] == {"value": 10, "hidden": False}
    cells = [group["figures"]["rations"] for group in found["centres"]]
    assert cells == [{"value": None, "hidden": True}] * 2
    assert found["liveness"]["failed"] == {"value": None, "hidden": False}


def test_csv_tells_hidden_from_missing(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.csv"
    assert run(config, "--csv", str(target)).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    whole = next(row for row in rows if row["by"] == "all")
    assert (whole["people"], whole["face_share"], whole["false_reject"]) == ("10", "0.5", "")
    assert {row["rations"] for row in rows if row["by"] == "centre"} == {"hidden"}
    assert {"worker", "worker_id"}.isdisjoint(rows[0])


def test_one_centre_and_other_days_can_be_asked_for(config: Path) -> None:
    last_year = (TODAY - timedelta(days=365)).isoformat()
    found = json.loads(
        run(config, "--from", last_year, "--to", last_year, "--centre", CENTRE, "--json").output
    )
    assert (found["first"], found["whole"]["people"]["value"]) == (last_year, 8)
    assert [group["key"] for group in found["centres"]] == [CENTRE]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--from", "november"), "write it as 2026-11-01"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "is after"),
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
