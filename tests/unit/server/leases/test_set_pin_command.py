"""`python -m server set-pin`, as the IT officer or her script uses it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.ids import CentreId, DistrictId
from anganwadi.wire.keys import PrivateKeys
from provisioning import demo_facts as facts
from server.__main__ import program
from server.leases import pins
from server.seed import district as demo
from server.settings import Database
from server.storage import engine as databases
from server.storage import own_origin, tables
from tests.unit.server.settings_file import write_settings

DISTRICT, CENTRE = DistrictId("namuna"), CentreId(facts.CENTRE_ID)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    (tmp_path / "db.key").write_text("ab" * 32)
    made = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    tables.metadata.create_all(made)
    with databases.writing(made) as connection:
        own_origin.enrol_self(connection, DISTRICT, PrivateKeys.generate().public)
    demo.seed(made, DISTRICT)
    return made


@pytest.fixture
def config(tmp_path: Path, engine: sa.Engine) -> Path:
    return write_settings(tmp_path, DISTRICT)


def run(config: Path, *args: str, typed: str) -> Result:
    return CliRunner().invoke(program, ["set-pin", *args, "--config", str(config)], input=typed)


def test_pin_from_a_script_or_typed_twice_lets_the_worker_in(engine: sa.Engine, config: Path) -> None:
    for args, typed, pin in ((["--pin-stdin"], "97531\n", "97531"), ([], "8642\n8642\n", "8642")):
        done = run(config, CENTRE, "AWW", *args, typed=typed)
        assert done.exit_code == 0, done.output
        assert pin not in done.output
        assert pins.check(engine, DISTRICT, CENTRE, "AWW", pin, NOON)


@pytest.mark.parametrize(
    ("centre", "post", "pin", "said"),
    [
        ("09999999999", "AWW", "8642", "the district has no centre 09999999999"),
        (CENTRE, "COOK", "8642", "nobody holds the post COOK"),
        (CENTRE, "AWW", "12", "a PIN has 4 to 6 digits"),
    ],
)
def test_pin_that_cannot_be_set_ends_with_one_line(
    config: Path, centre: str, post: str, pin: str, said: str
) -> None:
    done = run(config, centre, post, "--pin-stdin", typed=f"{pin}\n")
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
