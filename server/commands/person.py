"""`python -m server person`: what is held about a person, its correction, and its erasure."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import msgspec
import typer

from anganwadi.ids import DistrictId, PersonId, WorkerId
from server.commands.console import DEFAULT_CONFIG, Config, errors, read_settings, refused
from server.commands.progress import shown

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from server.settings import ServerSettings
    from server.storage.erasure_register import ErasureRegister

CONSOLE = WorkerId("command")
"""Stands for whoever did it, where it was done by this command."""

Id = Annotated[str, typer.Argument(metavar="ID", help="The person's id.")]

person = typer.Typer(
    help="A person's data: what is held, correcting it, erasing it.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.add_typer(person, name="person")


@person.command("export")
def export(
    person_id: Id,
    out: Annotated[Path | None, typer.Option(help="The file to write; else standard output.")] = None,
    template: Annotated[
        bool, typer.Option("--template", help="With the face template itself, not only that there is one.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Everything held about a person, as JSON. That it was asked for is noted in the access log."""
    from provisioning.files import write_private
    from server.storage import engine, person_export, vault

    settings = read_settings(config)
    district = DistrictId(settings.district)
    database = _database(settings)
    try:
        with shown() as progress, engine.snapshot(database) as connection:
            found = person_export.export(
                connection, district, PersonId(person_id), with_template=template, progress=progress
            )
    except vault.UnknownPerson as error:
        raise refused(error) from error
    _note_access(database, district, person_id)
    written = msgspec.json.format(msgspec.json.encode(found), indent=2)
    if out is None:
        typer.echo(written.decode())
    else:
        write_private(out, written + b"\n")


@person.command("correct")
def correct(
    person_id: Id,
    changes: Annotated[
        list[str],
        typer.Option("--set", metavar="FIELD=VALUE", help="A field of the record; may be repeated."),
    ],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Correct a person's record; her kiosk gets it at once, if it is connected."""
    from anganwadi.events import Proof
    from server.storage import correction, vault

    settings = read_settings(config)
    if wrong := [each for each in changes if "=" not in each]:
        raise refused(f"{wrong[0]!r} is not of the form FIELD=VALUE")
    try:
        correction.correct(
            _database(settings),
            DistrictId(settings.district),
            PersonId(person_id),
            dict(each.split("=", 1) for each in changes),
            by=CONSOLE,
            proof=Proof.NONE,
            now=datetime.now(UTC),
        )
    except (vault.UnknownPerson, correction.BadCorrection, LookupError) as error:
        raise refused(error) from error
    typer.echo(f"{person_id}: corrected")


@person.command("erase")
def erase(
    people: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of people.")],
    reason: Annotated[str, typer.Option(help="On whose word; it stands in the log: no names.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Erase people from the vault. It cannot be undone; older backups hold them until they are deleted."""
    from anganwadi.events import Proof
    from server.storage import erasure, scrubbing, vault

    settings = read_settings(config)
    database = _database(settings)
    register = _register(settings)
    try:
        try:
            for each in people:
                erasure.erase(
                    database,
                    DistrictId(settings.district),
                    PersonId(each),
                    reason,
                    by=CONSOLE,
                    proof=Proof.NONE,
                    register=register,
                    now=datetime.now(UTC),
                )
                typer.echo(f"{each}: erased")
        finally:  # also what was left of those before one that cannot be erased
            scrubbing.scrub(database, erasure.HELD_IN)
    except (vault.UnknownPerson, LookupError, OSError, scrubbing.StillRead) as error:
        raise refused(error) from error
    typer.echo("nothing is left of them in the database; older backups hold them until they are deleted")


def _database(settings: "ServerSettings") -> "Engine":
    from server.storage import engine

    try:
        return engine.connect(settings.database)
    except engine.DatabaseUnusable as error:
        raise refused(error) from error


def _register(settings: "ServerSettings") -> "ErasureRegister | None":
    from server.keys import KeyRing
    from server.storage.erasure_register import ErasureRegister

    if settings.backup is None:
        errors.print(
            "no backup in the settings, so no register of erasures: restoring a backup made by hand brings them back",
            style="yellow",
        )
        return None
    try:
        return ErasureRegister(settings.backup.folder, DistrictId(settings.district), KeyRing(settings.keys))
    except (OSError, ValueError) as error:
        raise refused(error) from error


def _note_access(database: "Engine", district: DistrictId, person_id: str) -> None:
    from server.accounts import queries
    from server.storage.engine import writing

    with writing(database) as connection:
        queries.add_access(
            connection,
            district,
            access_id=str(uuid4()),
            officer_id=CONSOLE,
            action="person_export",
            subject=person_id,
            at_ms=round(datetime.now(UTC).timestamp() * 1000),
        )
