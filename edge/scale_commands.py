"""`python -m edge scale`: look at the scale, calibrate it, check it by a known mass, and see how it did each day."""

import contextlib
import logging
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.live import Live
from rich.table import Table

from edge.console import DEFAULT_CONFIG, Config, errors, read_settings, refused
from edge.devices import scale_checks
from edge.devices.scale import LiveReading, Reason, Scale, ScaleEmpty, ScaleError, ScaleRefused
from edge.devices.scale_checks import ScaleCheck
from edge.devices.scale_open import open_scale
from edge.devices.scale_sics import SicsScale
from edge.devices.scale_sics_wire import RawAnswer
from edge.scale_calibrating import calibrate as lead_through
from edge.scale_calibrating import kg, kilograms
from edge.settings import ScaleSettings
from provisioning.logs import set_up_logs

scale = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
out = Console(soft_wrap=True, highlight=False)

Port = Annotated[str | None, typer.Option(help="Its serial port, in place of the settings'.")]
Kind = Annotated[Literal["sics", "and"] | None, typer.Option(help="Its kind, in place of the settings'.")]

INDIA = ZoneInfo("Asia/Kolkata")
CONNECT_S = 5.0
LOOK_S = 0.25


@scale.callback()
def dialogue() -> None:
    """The scale: look at it, calibrate it, check it. Stop the kiosk first: a port serves one program."""
    set_up_logs("scale", logging.WARNING)  # what goes well is said to whoever sits there


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m edge`."""
    program.add_typer(scale, name="scale")


@scale.command()
def live(config: Config = DEFAULT_CONFIG, port: Port = None, kind: Kind = None) -> None:
    """Show weight, state, temperature and warm-up until Ctrl-C."""
    with _connected(_scale_settings(config, port, kind)) as connected, contextlib.suppress(KeyboardInterrupt):
        if out.is_terminal:
            with Live(console=out, auto_refresh=False) as shown:
                for line in _lines(connected):
                    shown.update(line, refresh=True)
        else:
            last = ""
            for line in _lines(connected):
                if line != last:
                    out.print(line)
                last = line


@scale.command()
def calibrate(config: Config = DEFAULT_CONFIG, port: Port = None, kind: Kind = None) -> None:
    """Calibrate an Aangan scale by one or more known masses; exit 1 if it then reads one wrongly."""
    with _connected(_scale_settings(config, port, kind)) as connected:
        try:
            if not isinstance(connected, SicsScale):
                raise ScaleRefused(Reason.NOT_OURS)
            right = lead_through(connected, AtTerminal(), _today())
        except (KeyboardInterrupt, EOFError):
            errors.print("Stopped. Unless a new calibration was said to be kept, the old one is in force.")
            raise typer.Exit(130) from None
    if not right:
        raise typer.Exit(1)


@scale.command()
def check(
    mass: Annotated[str, typer.Option(help="The known mass, in kg, such as 5.000.")],
    config: Config = DEFAULT_CONFIG,
    port: Port = None,
    kind: Kind = None,
    wait: Annotated[float, typer.Option(help="Seconds to put the mass on and let it come to rest.")] = 60.0,
) -> None:
    """Weigh a known mass and log it; exit 1 if the scale is off by more than 0.1 % of it, or 10 g if that is more."""
    settings = read_settings(config)
    try:
        known = kilograms(mass)
    except ValueError as error:
        raise refused(error) from error
    with _connected(_overridden(settings.scale, port, kind)) as connected:
        out.print(f"Put {kg(known)} on the empty scale.")
        try:
            done = ScaleCheck.of(connected.weigh(wait), known, datetime.now(UTC))
        except ScaleEmpty as error:
            raise refused(f"Nothing was put on the scale within {wait:g} s.") from error
    try:
        scale_checks.append(scale_checks.log_path(settings.state_dir), done)
    except OSError as error:
        raise refused(f"the check could not be logged: {error}") from error
    out.print(
        f"{kg(known)} reads {kg(done.grams)}, {done.difference:+d} g; "
        f"{scale_checks.limit(known)} g are allowed: {_verdict(done)}"
    )
    if not done.passed:
        raise typer.Exit(1)


@scale.command("log")
def show_log(
    config: Config = DEFAULT_CONFIG,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back, today included.")] = 30,
) -> None:
    """Show the checks by known masses, and on which days there was none."""
    path = scale_checks.log_path(read_settings(config).state_dir)
    wanted = [_today() - timedelta(days=back) for back in reversed(range(days))]
    try:
        checks = [check for check in scale_checks.read(path) if _day(check) in wanted]
    except OSError as error:
        raise refused(f"the log could not be read: {error}") from error
    table = Table("day", "time", "scale", "mass", "read", "difference", "verdict", title="Check masses")
    for each in checks:
        named = each.device_id + (" (simulated)" if each.simulated else "")
        at = each.at.astimezone(INDIA)
        table.add_row(
            f"{at:%Y-%m-%d}", f"{at:%H:%M}", named, kg(each.mass), kg(each.grams), f"{each.difference:+d} g",
            _verdict(each),
        )  # fmt: skip
    out.print(table)
    missed = [day.isoformat() for day in wanted if day not in {_day(check) for check in checks}]
    out.print(f"Days without a check: {', '.join(missed) or 'none'}")


class AtTerminal:
    """Whoever sits at the terminal."""

    def say(self, text: str) -> None:
        """Print a line."""
        out.print(text, markup=False)

    def ask(self, text: str) -> str:
        """Print a line and read one."""
        return out.input(f"{text} ", markup=False)

    def wait(self, text: str) -> None:
        """Write over the line before; into a file nothing is written."""
        if out.is_terminal:
            out.print(text, end="\r", markup=False)


@contextlib.contextmanager
def _connected(settings: ScaleSettings) -> Iterator[Scale]:
    """The scale of the settings, once it has answered. Where it does not, or fails later, the command ends."""
    with open_scale(settings) as opened:
        try:
            end = time.monotonic() + CONNECT_S
            while not _answers(opened):
                if opened.live().reason is Reason.PORT_TAKEN or time.monotonic() > end:
                    raise refused(opened.live().help or "The scale does not answer.")
                time.sleep(LOOK_S)
            yield opened
        except ScaleError as error:
            raise refused(error) from error


def _answers(opened: Scale) -> bool:
    try:
        opened.identity()
    except ScaleError:
        return False
    return True


def _lines(connected: Scale) -> Iterator[str]:
    """What the scale says, four times a second, for ever."""
    while True:
        sensor = None
        if isinstance(connected, SicsScale):
            with contextlib.suppress(ScaleError):
                sensor = connected.sensor()
        yield in_words(connected.live(), sensor)
        time.sleep(LOOK_S)


def in_words(reading: LiveReading, sensor: RawAnswer | None) -> str:
    """A reading in a line: weight, state, why there is none, the sensor's temperature and whether it is warm."""
    weight = "-" if reading.grams is None else kg(reading.grams)
    parts = [f"{weight:>11}", reading.state.value]
    if reading.reason is not None:
        parts.append(f"{reading.reason.value}: {reading.help}")
    if sensor is not None:
        parts += [] if sensor.temperature_c is None else [f"{sensor.temperature_c} °C"]
        parts.append("warm" if sensor.warm else "warming up")
    return "  ".join(parts)


def _scale_settings(config: Path, port: str | None, kind: Literal["sics", "and"] | None) -> ScaleSettings:
    """The scale's settings; on a workbench without a kiosk, those of an Aangan scale on any USB port."""
    workbench = config == DEFAULT_CONFIG and not config.exists()
    return _overridden(ScaleSettings() if workbench else read_settings(config).scale, port, kind)


def _overridden(
    settings: ScaleSettings, port: str | None, kind: Literal["sics", "and"] | None
) -> ScaleSettings:
    """The settings with port and kind from the command line; another kind comes with its own baud and framing."""
    known = settings.model_dump() if kind in (None, settings.kind) else {"port": settings.port}
    given = {name: value for name, value in (("port", port), ("kind", kind)) if value is not None}
    try:
        return ScaleSettings.model_validate(known | given)
    except ValidationError as error:
        raise refused(error) from error


def _verdict(check: ScaleCheck) -> str:
    return "[green]pass[/green]" if check.passed else "[red]FAIL[/red]"


def _today() -> date:
    return datetime.now(INDIA).date()


def _day(check: ScaleCheck) -> date:
    return check.at.astimezone(INDIA).date()
