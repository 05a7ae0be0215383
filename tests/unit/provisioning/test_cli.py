"""`python -m provisioning`: the commands of its document work, and what the user can mend is one line."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from provisioning.authority import Authority, common_name, read_certificate
from provisioning.cli import app
from provisioning.root import Root
from provisioning.stack import Stack, Step

HOUSE = Path(__file__).resolve().parents[3]
run = CliRunner().invoke


def documented_commands() -> list[list[str]]:
    text = (HOUSE / "docs" / "provisioning.md").read_text(encoding="utf-8")
    section = text.partition("## Making a real district by hand")[2].partition("\n## ")[0]
    return [shlex.split(line) for line in re.findall(r"^python -m provisioning (.*)$", section, re.MULTILINE)]


def test_a_district_made_by_the_documented_commands_holds_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = documented_commands()
    assert len(commands) == 6
    for command in commands:
        result = run(app, command)
        assert result.exit_code == 0, result.output
    authority = Authority.load(tmp_path / "ca")
    for folder, name in (("broker", "broker"), ("server", "server"), ("kiosks/awc-0112", "awc-0112")):
        assert authority.vouches_for(tmp_path / folder)
        assert common_name(read_certificate(tmp_path / folder / "tls.crt")) == name
    assert Root.read(tmp_path / "root").public == (tmp_path / "root" / "root.pub").read_bytes()
    assert f"certfile {tmp_path / 'broker' / 'tls.crt'}" in (tmp_path / "broker/mosquitto.conf").read_text()


def test_an_authority_is_not_made_over_another(tmp_path: Path) -> None:
    command = ["authority", "create", "--district", "t", "--folder", str(tmp_path / "ca")]
    assert run(app, command).exit_code == 0
    before = (tmp_path / "ca" / "ca.key").read_bytes()
    refused = run(app, command)
    assert refused.exit_code == 1
    assert "already holds an authority" in refused.output
    assert (tmp_path / "ca" / "ca.key").read_bytes() == before


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("authority issue kiosk-a --authority nowhere --into k", "no certificate authority in nowhere"),
        ("authority create --district A/B --folder ca", "is not a device name"),
        ("district make --ports kiosk=x --folder d", "is no port"),
        ("district make --folder .", "give another --folder"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letters.txt").touch()
    result = run(app, shlex.split(command))
    assert result.exit_code == 1
    assert says in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_demo_district_is_made_and_then_kept(tmp_path: Path) -> None:
    command = ["district", "make", "--folder", str(tmp_path / "d")]
    assert run(app, command).output.startswith("made")
    assert run(app, command).output.startswith("kept")


@pytest.mark.parametrize(
    "command", [[], ["run"], ["demo"], ["check"], ["district", "make"], ["authority", "issue"]]
)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_where_to_look_is_said_only_when_the_server_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: Stack, *, fresh: bool) -> Iterator[Step]:
        yield Step("kiosk ready", 2.0)
        yield Step("server ready", 4.0)

    def watch(_: Stack) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Stack, "start", start)
    monkeypatch.setattr(Stack, "watch", watch)
    said = run(app, ["run", "--folder", str(tmp_path / "d")]).output
    assert said.index("kiosk ready") < said.index("server ready") < said.index("Addresses")
