"""The logs of every program, whichever command is given: JSON lines on standard error, no local variables."""

import json
from collections.abc import Iterator

import pytest
import structlog
import typer
from typer.testing import CliRunner

import edge.__main__ as kiosk
import hardware.__main__ as hardware
import models.cli as models
import server.__main__ as server
from provisioning import cli as provisioning
from provisioning import parts
from provisioning.parts import PartsMissing

log = structlog.get_logger(__name__)


@pytest.fixture(autouse=True)
def _untouched_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def leak(*_: object) -> None:
    """Go wrong with a PIN at hand."""
    pin = "PIN-" + "2580"
    try:
        raise OSError("the card is full")
    except OSError:
        log.exception("went_wrong", length=len(pin))
    raise PartsMissing("the card is full")


@pytest.mark.parametrize(
    ("program", "name", "arguments"),
    [
        (kiosk.program, "kiosk", ["check"]),
        (kiosk.program, "kiosk", ["run"]),
        *((server.program, "server", [command]) for command in ("run", "migrate", "seed", "counts")),
        (provisioning.app, "provisioning", ["check"]),
    ],
)
def test_every_command_logs_json_without_local_variables(
    monkeypatch: pytest.MonkeyPatch, program: typer.Typer, name: str, arguments: list[str]
) -> None:
    monkeypatch.setattr(kiosk.KioskSettings, "load", leak)
    monkeypatch.setattr(server.ServerSettings, "load", leak)
    monkeypatch.setattr(parts, "require_all", leak)
    said = CliRunner().invoke(program, arguments)
    line = json.loads(said.stderr.splitlines()[0])
    assert (line["event"], line["level"], line["program"]) == ("went_wrong", "error", name)
    assert "OSError: the card is full" in line["exception"]
    assert "PIN-2580" not in said.output


@pytest.mark.parametrize(
    "program",
    [
        kiosk.program,
        server.program,
        server.forms,
        models.app,
        hardware.app,
        provisioning.app,
        provisioning.district_app,
        provisioning.authority_app,
        provisioning.broker_app,
    ],
)
def test_no_program_shows_local_variables_when_it_fails(program: typer.Typer) -> None:
    assert not program.pretty_exceptions_show_locals
