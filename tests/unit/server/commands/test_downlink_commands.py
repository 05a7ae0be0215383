"""`python -m server message` and `kiosk-settings`, as the office or its script uses them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.ids import CentreId, DistrictId
from anganwadi.wire.downlink import DistrictSettings
from server.__main__ import program
from server.downlink import kiosk_settings, messages
from server.settings import Database
from server.storage import engine as databases
from server.storage import tables
from tests.unit.server.settings_file import write_settings

DISTRICT, CENTRE = DistrictId("namuna"), CentreId("09123456701")


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    (tmp_path / "db.key").write_text("ab" * 32)
    made = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    tables.metadata.create_all(made)
    with databases.writing(made) as connection:
        connection.execute(
            sa.insert(tables.centres).values(
                district_id=DISTRICT, centre_id=CENTRE, sector_id="s", name_en="R", name_hi="र", name_ur="ر"
            )
        )
    return made


@pytest.fixture
def config(tmp_path: Path, engine: sa.Engine) -> Path:
    return write_settings(tmp_path, DISTRICT)


def run(config: Path, *args: str) -> Result:
    return CliRunner().invoke(program, [*args, "--config", str(config)])


def test_message_is_there_for_the_centres_kiosk(engine: sa.Engine, config: Path) -> None:
    done = run(config, "message", CENTRE, "कल बैठक है")
    assert done.exit_code == 0, done.output
    with engine.connect() as connection:
        shown = messages.for_kiosk(connection, DISTRICT, CENTRE, datetime.now(UTC)).messages
    assert [message.text for message in shown] == ["कल बैठक है"]
    assert shown[0].message_id in done.output


def test_settings_are_set_shown_and_given_back(engine: sa.Engine, config: Path) -> None:
    assert run(config, "kiosk-settings", "all", "--set", "idle_minutes=20").exit_code == 0
    done = run(config, "kiosk-settings", CENTRE, "--set", "language=ur", "--set", "days_covered=30")
    assert done.exit_code == 0, done.output
    assert "language         ur" in done.output
    assert "idle_minutes     left to the kiosk" in done.output
    run(config, "kiosk-settings", CENTRE, "--set", "language=")
    with engine.connect() as connection:
        now = kiosk_settings.for_kiosk(connection, DISTRICT, CENTRE)
    assert now == DistrictSettings(days_covered=30, idle_minutes=20)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("message", "09999999999", "hello"), "the district has no centre 09999999999"),
        (("message", CENTRE, "  "), "a message has 1 to 500 characters"),
        (("kiosk-settings", CENTRE, "--set", "colour=red"), "no setting colour"),
        (("kiosk-settings", CENTRE, "--set", "language"), "write it as NAME=VALUE"),
        (("kiosk-settings", "09999999999", "--set", "language=ur"), "the district has no centre"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(config: Path, args: tuple[str, ...], said: str) -> None:
    done = run(config, *args)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
