"""`python -m server`: run the district's server and look after its database."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from pydantic import ValidationError
from rich.console import Console

from anganwadi.ids import CentreId, DistrictId
from provisioning.identity import BadCard, EnrolmentCard, KeysUnsafe
from provisioning.logs import set_up_logs
from server.commands import (
    backup,
    cards,
    downlink,
    ingest,
    keys,
    person,
    quarantine,
    rebuild,
    report,
    templates,
)
from server.settings import ServerSettings

program = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False
)
forms = typer.Typer(
    help="Supervision forms, authored as XLSForms.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
program.add_typer(forms, name="forms")
keys.add(program)
downlink.add(program)
rebuild.add(program)
backup.add(program)
person.add(program)
cards.add(program)
ingest.add(program)
quarantine.add(program)
report.add(program)
templates.add(program)
errors = Console(stderr=True, soft_wrap=True)

Config = Annotated[Path, typer.Option(help="The server's TOML settings.")]
DEFAULT_CONFIG = Path("var/district/server/server.toml")


@program.callback()
def main() -> None:
    """Run the district's server and look after its database."""
    set_up_logs("server")


def _settings(config: Path) -> ServerSettings:
    try:
        return ServerSettings.load(config)
    except (FileNotFoundError, ValidationError, ValueError) as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error


@program.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Take what kiosks send and serve the pages, until stopped."""
    from server.groundwork import NotMigrated
    from server.keys import KeysDamaged
    from server.runtime import Server
    from server.storage.engine import DatabaseUnusable

    settings = _settings(config)
    try:
        Server(settings).run()
    except (NotMigrated, DatabaseUnusable, FileNotFoundError, KeysDamaged, KeysUnsafe) as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error


@program.command()
def migrate(config: Config = DEFAULT_CONFIG) -> None:
    """Make the database, or bring it to this version's schema."""
    from server.groundwork import load_keys
    from server.storage import engine, migrations, own_origin

    settings = _settings(config)
    database = engine.connect(settings.database)
    migrations.migrate(database)
    with engine.writing(database) as connection:
        own_origin.enrol_self(connection, DistrictId(settings.district), load_keys(settings).public)
    typer.echo("the database is at the newest version")


@program.command()
def enrol(
    card: Annotated[
        Path, typer.Argument(help="The kiosk's enrolment.json: its name, centre and public keys.")
    ],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Register a kiosk, so that what it signs is taken."""
    from server.storage import engine, origins

    settings = _settings(config)
    try:
        read = EnrolmentCard.read(card)
        with engine.writing(engine.connect(settings.database)) as connection:
            new = origins.enrol(connection, read)
    except (BadCard, origins.AlreadyEnrolled) as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error
    typer.echo(f"{read.origin}: {'enrolled' if new else 'was enrolled already'} for centre {read.centre_id}")


@program.command()
def seed(config: Config = DEFAULT_CONFIG) -> None:
    """Fill an empty demo district with invented people and accounts."""
    from server.seed import district
    from server.storage import engine

    settings = _settings(config)
    if not settings.demo:
        errors.print("[red]only a demo district is seeded: its settings must say demo = true[/red]")
        raise typer.Exit(2)
    filled = district.seed(engine.connect(settings.database), DistrictId(settings.district))
    typer.echo(
        "the demo district is filled" if filled else "the district has centres already; nothing was done"
    )


@program.command("set-pin")
def set_pin(
    centre: Annotated[str, typer.Argument(metavar="CENTRE", help="The centre's code of 11 digits.")],
    post: Annotated[str, typer.Argument(metavar="POST", help="AWW or AWH.")],
    config: Config = DEFAULT_CONFIG,
    pin_stdin: Annotated[
        bool, typer.Option("--pin-stdin", help="Read the PIN from the first line of standard input.")
    ] = False,
) -> None:
    """Give a centre's worker a new PIN, and end the wait that wrong PINs brought her."""
    from server.leases import pins
    from server.storage import engine

    settings = _settings(config)
    if pin_stdin:
        pin = sys.stdin.readline().strip()
    else:
        pin = typer.prompt("New PIN (4 to 6 digits)", hide_input=True, confirmation_prompt="The same again")
    try:
        database = engine.connect(settings.database)
        pins.set_pin(database, DistrictId(settings.district), CentreId(centre), post, pin)
    except (pins.BadPin, pins.NoSuchCentre, pins.NoSuchPost, engine.DatabaseUnusable) as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error
    typer.echo(f"{centre} {post}: the new PIN holds from now on")


@program.command()
def counts(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[
        bool, typer.Option("--json", help="Machine-readable, with every sequence stored.")
    ] = False,
) -> None:
    """How many events of each type are stored."""
    from server.storage import engine, log

    settings = _settings(config)
    district = DistrictId(settings.district)
    with engine.connect(settings.database).connect() as connection:
        types = log.counts(connection, district)
        if as_json:
            found = {"types": types, "sequences": log.sequences(connection, district)}
            typer.echo(msgspec.json.encode(found).decode())
            return
    for kind, count in sorted(types.items()):
        typer.echo(f"{kind:24} {count:8}")


@forms.command("compile")
def compile_form(
    workbook: Annotated[Path, typer.Argument(metavar="IN.xlsx", help="The XLSForm.")],
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT.xml]", help="Where the XForm goes; beside the XLSForm if not given."),
    ] = None,
    validate: Annotated[bool, typer.Option(help="Check it with ODK Validate as well; needs Java.")] = False,
) -> None:
    """Compile an XLSForm and check what the server reads of it."""
    from server.supervision.credit import CreditRuleError
    from server.supervision.form import FormError, compile_xlsform, load_form

    out = target or workbook.with_suffix(".xml")
    try:
        form = load_form(workbook)
        out.write_text(compile_xlsform(workbook, validate=validate), encoding="utf-8")
    except (OSError, FormError, CreditRuleError) as error:
        errors.print(f"[red]{workbook}: {error}[/red]")
        raise typer.Exit(2) from error
    typer.echo(f"{out}: form {form.form_id}, version {form.version}, {len(form.items)} items")


if __name__ == "__main__":
    program()
