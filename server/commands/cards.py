"""`python -m server cards`: printing ration cards, and ending one that was lost."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from anganwadi.ids import CentreId, DistrictId, PersonId, WorkerId
from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused

CONSOLE = WorkerId("command")
"""Stands for whoever did it, where it was done by this command."""

cards = typer.Typer(
    help="Ration cards: printing them, ending a lost one.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.add_typer(cards, name="cards")


@cards.command("print")
def print_cards(
    centre: Annotated[str, typer.Option(metavar="CENTRE", help="The centre's code of 11 digits.")],
    out: Annotated[Path, typer.Option(help="The PDF to write; nobody but you may read it.")],
    person: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="For this person only; may be repeated.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Also for those who have a card; the old one ends.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Give cards to those of a centre who come for rations and have none, and write the sheet to print.

    The sheet holds names and PINs, and the PINs stand nowhere else: print it at once, hand it out, delete the file.
    """
    from provisioning.files import write_private
    from server.cards import issuing, sheet
    from server.cards.typography import NoFonts
    from server.storage import engine, vault
    from server.web.times import india_day

    settings = read_settings(config)
    district, now = DistrictId(settings.district), datetime.now(UTC)
    try:
        database = engine.connect(settings.database)
        names, new = issuing.draw(
            database,
            district,
            CentreId(centre),
            india_day(now),
            only={PersonId(each) for each in person or ()},
            anew=anew,
        )
        if not new:
            typer.echo(f"{centre}: everybody who comes for rations has a card; --anew gives new ones")
            return
        if out.exists():
            raise refused(
                f"{out} is there already, perhaps with PINs that stand nowhere else: print and delete it"
            )
        write_private(out, sheet.render(new, names))
        try:
            issuing.issue(database, district, new, by=CONSOLE, now=now, simulated=settings.demo)
        except BaseException:
            out.unlink()  # cards that do not hold must not be handed out
            raise
    except (
        issuing.NoSuchCentre,
        issuing.NotOfCentre,
        issuing.Overtaken,
        vault.UnknownPerson,
        engine.DatabaseUnusable,
        NoFonts,
        LookupError,
        OSError,
    ) as error:
        raise refused(error) from error
    typer.echo(f"{out}: {len(new)} cards; it holds names and PINs: print it, hand it out, delete it")


@cards.command("revoke")
def revoke(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The card's number, as it is printed.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """End a card. Its holder gets her rations on other evidence until she has a new one."""
    from anganwadi.cards import BadCardNumber
    from server.cards import issuing
    from server.storage import engine

    settings = read_settings(config)
    try:
        person = issuing.revoke(
            engine.connect(settings.database),
            DistrictId(settings.district),
            number,
            by=CONSOLE,
            now=datetime.now(UTC),
            simulated=settings.demo,
        )
    except (BadCardNumber, LookupError, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    typer.echo(f"{person}: her card is ended; print her a new one with --person {person}")
