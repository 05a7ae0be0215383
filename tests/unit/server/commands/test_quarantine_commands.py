"""`python -m server quarantine`: what it shows, and that it never shows whom something is about."""

import shutil
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi import events
from anganwadi.ids import PersonId
from anganwadi.wire.keys import PrivateKeys
from provisioning.files import write_private
from server.__main__ import program
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, tables
from tests.unit.server.ingest_district import DAY, Ingest, Pen, fill, registration
from tests.unit.server.settings_file import write_settings


class Told(Ingest):
    """An ingest worker with the kiosk whose frames it is told."""

    def __init__(self, engine: sa.Engine, keys: PrivateKeys, pen: Pen) -> None:
        super().__init__(engine, keys)
        self.pen = pen


@pytest.fixture
def ingest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_settings(tmp_path, "namuna")
    (tmp_path / "db.key").write_text("ab" * 32)
    keys = PrivateKeys.generate()
    write_private(tmp_path / "keys.msgpack", msgspec.msgpack.encode(keys))
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine)
    device = PrivateKeys.generate()
    fill(engine, keys, device)
    made = Told(engine, keys, Pen(keys, device))
    yield made
    engine.dispose()


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["quarantine", *words, "--config", "server.toml"])


def test_empty_quarantine_says_so(ingest):
    assert run("list").output == "nothing is in quarantine\n"


def test_list_counts_by_reason_and_puts_alarms_first(ingest):
    pen, start = ingest.pen, ingest.pen.head
    old = [
        pen.raw(events.AttendanceMarked(DAY, PersonId("p-1"), True), ago=timedelta(days=500))
        for _ in range(3)
    ]
    ingest.take(pen.frame(old))
    ingest.take(pen.at(1, start, pen.attendance(1)))
    lines = run("list").output.splitlines()
    assert lines[0].startswith("ALARM")
    assert "fork" in lines[0]
    assert lines[1].split()[0] == "3"
    assert "400 days" in lines[1]
    assert len(run("list", "--each").output.splitlines()) == 4


def test_show_says_what_why_and_when_but_not_whom(ingest):
    ingest.take(ingest.pen.frame([ingest.pen.raw(registration("p-new"), simulated=True)]))
    (row,) = ingest.rows(tables.quarantine)
    shown = run("show", row.quarantine_id).output
    assert "event 1: person_record" in shown
    assert "simulated" in shown
    assert "kiosk-a" in shown
    assert not any(secret in shown for secret in ("p-new", "Sunita", "सुनीता"))


def test_release_takes_an_event_and_says_what_stays(ingest):
    old = ingest.pen.raw(events.AttendanceMarked(DAY, PersonId("p-1"), True), ago=timedelta(days=500))
    ingest.take(ingest.pen.frame([old]))
    (row,) = ingest.rows(tables.quarantine)
    refused = run("release", row.quarantine_id)
    assert (refused.exit_code, "400 days" in refused.output) == (1, True)
    released = run("release", row.quarantine_id, "--force")
    assert (released.exit_code, "1 events released" in released.output) == (0, True)
    assert "event, released" in run("show", row.quarantine_id).output
    assert ingest.counts() == {"quarantined": 1, "quarantine_released": 1}


def test_frame_that_nobody_could_open_is_shown_by_its_places(ingest):
    ingest.take(ingest.pen.frame(ingest.pen.attendance(3), to=PrivateKeys.generate()))
    (row,) = ingest.rows(tables.quarantine)
    assert "frame of events 1 to 3" in run("show", row.quarantine_id).output
    assert run("release", row.quarantine_id).exit_code == 1


def test_row_that_is_not_there_is_named(ingest):
    for words in (("show", "nothing"), ("release", "nothing")):
        assert run(*words).exit_code == 2


def test_missing_keys_are_said_and_nothing_is_done(ingest, tmp_path):
    shutil.move(tmp_path / "keys.msgpack", tmp_path / "elsewhere")
    assert run("release", "anything").exit_code == 2
