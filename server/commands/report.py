"""`python -m server report`: how people were verified, and whether it was fair; how the children grow. The figures are
those of the pages."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from anganwadi.ids import BadIdentifier, centre_id
from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused

Centre = Annotated[
    str | None, typer.Option(metavar="CENTRE", help="One centre's code of 11 digits; else all.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable, with all there is.")]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write the groups into this file.")
]

report = typer.Typer(
    help="Figures of groups, never of a worker.", no_args_is_help=True, pretty_exceptions_show_locals=False
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.add_typer(report, name="report")


@report.callback()
def reports() -> None:
    """Figures of groups, never of a worker."""


@report.command("verification")
def verification(
    config: Config = DEFAULT_CONFIG,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="First day, as 2026-11-01; else of this month."),
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day; else today.")] = None,
    centre: Centre = None,
    as_json: AsJson = False,
    csv_file: CsvFile = None,
) -> None:
    """Attempts, share by face, estimate of false rejects, time to serve, failed liveness; by centre, age and light."""
    from server.storage import engine as databases
    from server.verification import written
    from server.web.times import india_day

    settings = read_settings(config)
    today = india_day(datetime.now(UTC))
    try:
        last = _day(end) if end else today
        first = _day(start) if start else last.replace(day=1)
        chosen = None if centre is None else centre_id(centre)
        if first > last:
            raise ValueError(f"{first} is after {last}")
    except (ValueError, BadIdentifier) as error:
        raise refused(error) from error
    try:
        with databases.opened(settings.database) as database:
            found = written.made(database, settings.district, chosen, first, last)
    except (databases.DatabaseUnusable, written.NoSuchCentre) as error:
        raise refused(error) from error
    if csv_file is not None:
        _write(csv_file, written.as_csv(found))
    typer.echo(_as_json(found) if as_json else written.as_text(found))


@report.command("growth")
def growth(
    config: Config = DEFAULT_CONFIG,
    month: Annotated[
        str | None, typer.Option(metavar="MONTH", help="A month, as 2026-11; else this one.")
    ] = None,
    centre: Centre = None,
    as_json: AsJson = False,
    csv_file: CsvFile = None,
) -> None:
    """Who was measured, how many are malnourished, how many are to be seen, how well it was measured."""
    from server.growth import written
    from server.storage import engine as databases
    from server.verification.months import BadMonth, days_of, month_of
    from server.web.times import india_day

    settings = read_settings(config)
    today = india_day(datetime.now(UTC))
    chosen = month or month_of(today)
    try:
        where = None if centre is None else centre_id(centre)
        days_of(chosen)
        if chosen > month_of(today):
            raise ValueError(f"{chosen} has not begun")
        with databases.opened(settings.database) as database:
            found = written.made(database, settings.district, where, chosen, today)
    except BadMonth as error:
        raise refused(ValueError(f"{chosen!r} is not a month: write it as 2026-11")) from error
    except (ValueError, BadIdentifier, databases.DatabaseUnusable, written.NoSuchCentre) as error:
        raise refused(error) from error
    if csv_file is not None:
        _write(csv_file, written.as_csv(found))
    typer.echo(_as_json(found) if as_json else written.as_text(found))


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise refused(error) from error


def _as_json(found: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _day(text: str) -> date:
    """Read a day.

    Raises:
        ValueError: it is not of that form.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day: write it as 2026-11-01") from error
