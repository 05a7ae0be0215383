"""`python -m server keys` and `retire`, as the month's procedure uses them, with the root's part beside them."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire.keys import PrivateKeys, key_id
from provisioning.cli import app as provisioning
from provisioning.identity import make_keys, read_keys, read_public_keys
from server.__main__ import program
from server.keys import KeyRing
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, origins, own_origin, tables
from tests.unit.server.settings_file import write_settings

DISTRICT = DistrictId("namuna")


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    (tmp_path / "db.key").write_text("ab" * 32)
    made = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(made)
    with databases.writing(made) as connection:
        own_origin.enrol_self(connection, DISTRICT, make_keys(tmp_path / "keys.msgpack").public)
        for name in ("kiosk-a", "kiosk-b"):
            keys = PrivateKeys.generate().public
            origins.register(connection, DISTRICT, Origin(name), 1, CentreId("09123456701"), keys)
    return made


@pytest.fixture
def folder(tmp_path: Path, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(provisioning, ["root", "make", "--district", DISTRICT, "--folder", "root"])
    assert made.exit_code == 0, made.output
    write_settings(tmp_path, DISTRICT, root_key="root/root.pub")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(program, [*words, "--config", "server.toml"])


def done(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


def rotate() -> None:
    done("keys", "new", "asked")
    signed = CliRunner().invoke(provisioning, ["root", "sign", "asked", "signed", "--folder", "root"])
    assert signed.exit_code == 0, signed.output
    done("keys", "announce", "signed")


def say_oldest(engine: sa.Engine, name: str, oldest: int) -> None:
    """What the log-in desk notes of a kiosk's status."""
    with databases.writing(engine) as connection:
        connection.execute(
            sa.update(tables.origins).where(tables.origins.c.origin == name).values(oldest_key=oldest)
        )


def test_new_key_is_asked_for_signed_and_given_out(folder: Path) -> None:
    asked = done("keys", "new", "asked")
    assert KeyRing(Path("keys.msgpack")).newest_number == 1
    assert "sealing key 2" in asked
    signed = CliRunner().invoke(provisioning, ["root", "sign", "asked", "signed", "--folder", "root"])
    assert asked.split("id ")[1][:16] in signed.output
    assert "sealing key 2 is given out" in done("keys", "announce", "signed")
    ring = KeyRing(Path("keys.msgpack"))
    assert (ring.newest_number, ring.announcement()) == (2, Path("signed").read_bytes())
    assert "given out" in done("keys", "announce", "signed")  # once more does no harm


def test_list_says_where_every_key_stands(folder: Path, engine: sa.Engine) -> None:
    rotate()
    rotate()
    done("keys", "new", "asked")
    say_oldest(engine, "kiosk-a", 2)
    lines = [line.split() for line in done("keys", "list").splitlines()]
    assert [(line[0], line[-3], line[-2]) for line in lines] == [
        ("1", "opens", "1"),
        ("2", "opens", "2"),
        ("3", "newest", "2"),
        ("4", "unannounced", "0"),
    ]


def test_new_kiosk_is_made_with_the_newest_key(folder: Path) -> None:
    rotate()
    assert "sealing key 2" in done("keys", "public", "kiosk/server.pub")
    assert read_public_keys(Path("kiosk/server.pub")) == KeyRing(Path("keys.msgpack")).public


def test_key_is_deleted_only_once_no_device_needs_it(folder: Path, engine: sa.Engine) -> None:
    first = read_keys(Path("keys.msgpack")).public.seal_id
    rotate()
    said = done("keys", "prune")
    assert "nothing was deleted" in said
    assert "kept for kiosk-a, epoch 1: it was never heard from" in said
    say_oldest(engine, "kiosk-a", 2)
    say_oldest(engine, "kiosk-b", 1)
    said = done("keys", "prune")
    assert "nothing was deleted" in said
    assert "kept for kiosk-b, epoch 1: it holds frames sealed to key 1" in said
    assert "kiosk-a" not in said
    say_oldest(engine, "kiosk-b", 2)
    assert done("keys", "prune") == "deleted 1\n"
    assert first not in map(key_id, KeyRing(Path("keys.msgpack")).numbers.values())
    assert "deleted" in done("keys", "list").splitlines()[0]
    assert done("keys", "prune") == "nothing was deleted\n"


def test_newest_key_is_never_deleted(folder: Path, engine: sa.Engine) -> None:
    for name in ("kiosk-a", "kiosk-b"):
        say_oldest(engine, name, 99)
    assert done("keys", "prune") == "nothing was deleted\n"
    rotate()
    done("keys", "prune")
    assert list(KeyRing(Path("keys.msgpack")).numbers) == [2]


def test_retired_device_needs_no_key(folder: Path, engine: sa.Engine) -> None:
    rotate()
    say_oldest(engine, "kiosk-a", 2)
    with databases.writing(engine) as connection:
        connection.execute(
            sa.update(tables.origins).where(tables.origins.c.origin == "kiosk-b").values(recorded=7)
        )
    assert "7 events it recorded never came" in done("retire", "kiosk-b")
    assert done("keys", "prune") == "deleted 1\n"


def test_database_is_migrated_under_whatever_sealing_key_is_the_newest(folder: Path) -> None:
    rotate()
    done("migrate")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("retire kiosk-x", "no device kiosk-x that is not retired"),
        ("retire server", "no device server that is not retired"),
        ("retire kiosk-a --epoch 9", "no device kiosk-a"),
        ("keys announce absent", "No such file"),
        ("keys announce garbage", "not signed by the district's root"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(folder: Path, words: str, says: str) -> None:
    Path("garbage").write_bytes(b"garbage" * 20)
    result = run(*words.split())
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_key_that_is_not_here_or_not_the_newest_is_not_given_out(folder: Path) -> None:
    rotate()
    second = Path("signed").read_bytes()
    rotate()
    Path("old").write_bytes(second)
    assert "is older" in run("keys", "announce", "old").stderr
    Path("keys.ring").rename("gone")
    (Path("gone") / "3.announced").unlink()
    assert "not here" in run("keys", "announce", "signed").stderr
