"""Backup, restore, rebuild and a person's data, as an administrator types them."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.wire.keys import PrivateKeys
from provisioning.identity import make_keys, read_keys, write_public_keys
from server.__main__ import program
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, projector, scrubbing, tables
from tests.unit.server.ingest_district import DISTRICT, PEOPLE, Ingest, Pen, fill
from tests.unit.server.settings_file import write_settings


def run(*words: str) -> Result:
    return CliRunner().invoke(program, [*words, "--config", "server.toml"], env={"COLUMNS": "200"})


def opened(folder: Path) -> sa.Engine:
    return databases.connect(Database(path=folder / "server.db", key_file=folder / "db.key"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A district with three attendances stored and projected, its backup disk mounted at `off-box`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "db.key").write_text("ab" * 32)
    (tmp_path / "off-box").mkdir()
    assert run("backup-key", "new", "recovery.key", "recovery.pub").exit_code == 2  # takes no settings
    made = CliRunner().invoke(program, ["backup-key", "new", "recovery.key", "recovery.pub"])
    assert made.exit_code == 0, made.output
    backup = {"folder": "off-box", "recovery_key": "recovery.pub"}
    write_settings(tmp_path, DISTRICT, backup=backup)
    keys, device = make_keys(tmp_path / "keys.msgpack"), PrivateKeys.generate()
    write_public_keys(tmp_path / "server.pub", keys.public)
    engine = opened(tmp_path)
    migrations.migrate(engine)
    fill(engine, keys, device)
    pen = Pen(keys, device)
    Ingest(engine, keys).take(pen.frame(pen.attendance(3)))
    projector.step(engine, DISTRICT)
    engine.dispose()
    return tmp_path


def test_backup_is_made_checked_and_restored(folder):
    made = run("backup", "--keep", "3")
    assert made.exit_code == 0, made.output
    assert "3 events of 2 origins" in made.output
    assert "on the database's own disk" in made.output.replace("\n", "")
    (file,) = (folder / "off-box").glob("*.backup")
    checked = run("backup-check", str(file), "--key", "recovery.key")
    assert checked.exit_code == 0, checked.output
    assert "whole, made" in checked.output
    assert run("backup-check", str(file), "--key", "recovery.pub").exit_code == 2

    refused = run("restore", str(file), "--key", "recovery.key")
    assert (refused.exit_code, "--force" in refused.output) == (2, True)
    restored = run("restore", str(file), "--key", "recovery.key", "--force")
    assert restored.exit_code == 0, restored.output
    assert "3 events" in restored.output
    with opened(folder).connect() as connection:
        generation = connection.execute(sa.select(tables.server_state.c.generation)).scalar_one()
    assert f"generation {generation}" in restored.output


def test_machine_that_lost_everything_gets_its_keys_back_too(folder):
    assert run("backup").exit_code == 0
    (file,) = (folder / "off-box").glob("*.backup")
    before = read_keys(folder / "keys.msgpack")
    for lost in ("keys.msgpack", "server.db", "db.key"):
        (folder / lost).unlink()
    (folder / "db.key").write_text("cd" * 32)
    refused = run("restore", str(file), "--key", "recovery.key")
    assert (refused.exit_code, "--server-pub" in refused.output) == (2, True)
    restored = run("restore", str(file), "--key", "recovery.key", "--server-pub", "server.pub")
    assert restored.exit_code == 0, restored.output
    assert "no register of erasures was found" in restored.output
    assert read_keys(folder / "keys.msgpack") == before


def test_backup_without_settings_for_it_says_what_is_needed(folder):
    text = Path("server.toml").read_text()
    Path("server.toml").write_text(
        text.replace('[backup]\nfolder = "off-box"\nrecovery_key = "recovery.pub"\n', "")
    )
    refused = run("backup")
    assert refused.exit_code == 2
    assert "backup.folder and backup.recovery_key are needed" in refused.output


def test_rebuild_ends_with_one_where_registers_differ_and_mends_them_when_told(folder):
    assert run("rebuild").exit_code == 0
    engine = opened(folder)
    with databases.writing(engine) as connection:
        connection.execute(sa.delete(tables.attendance).where(tables.attendance.c.person_id == PEOPLE[0]))
    engine.dispose()
    found = run("rebuild")
    assert found.exit_code == 1
    (line,) = [line.split() for line in found.output.splitlines() if line.startswith("attendance")]
    assert line == ["attendance", "2", "2", "0", "1", "0"]
    assert run("rebuild", "--write").exit_code == 0
    assert run("rebuild").exit_code == 0


def test_whoever_was_erased_before_an_unknown_id_leaves_nothing_in_the_pages_either(folder, monkeypatch):
    scrubbed = []
    monkeypatch.setattr(scrubbing, "scrub", lambda *_: scrubbed.append(True))
    cut_short = run("person", "erase", PEOPLE[0], "p-nobody", "--reason", "asked")
    assert (cut_short.exit_code, "nothing is held" in cut_short.output) == (2, True)
    assert scrubbed == [True]


def test_person_is_exported_corrected_and_erased(folder):
    exported = run("person", "export", PEOPLE[0])
    assert exported.exit_code == 0, exported.output
    assert json.loads(exported.stdout)["person"]["name_latin"] == "Sunita"
    corrected = run("person", "correct", PEOPLE[0], "--set", "name_latin=Sunita Devi", "--set", "phone=941")
    assert corrected.exit_code == 0, corrected.output
    assert run("person", "export", PEOPLE[0], "--out", "her.json").exit_code == 0
    told = json.loads(Path("her.json").read_text())
    assert (told["person"]["name_latin"], told["person"]["phone"]) == ("Sunita Devi", "941")
    assert [each["action"] for each in told["looked_at"]] == ["person_export"]
    assert Path("her.json").stat().st_mode & 0o077 == 0

    assert run("person", "correct", PEOPLE[0], "--set", "name").exit_code == 2
    erased = run("person", "erase", PEOPLE[0], PEOPLE[1], "--reason", "asked")
    assert erased.exit_code == 0, erased.output
    assert (folder / "off-box" / f"aangan-{DISTRICT}.erasures").read_text().count("\n") == 2
    refused = run("person", "export", PEOPLE[0])
    assert (refused.exit_code, "was erased" in refused.output) == (2, True)
    assert run("person", "erase", PEOPLE[0], "--reason", "asked").exit_code == 0  # scrubs again
