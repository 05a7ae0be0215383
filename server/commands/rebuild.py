"""`python -m server rebuild`: make the registers again from the log, and compare."""

from typing import Annotated

import typer

from anganwadi.ids import DistrictId
from server.commands.console import DEFAULT_CONFIG, Config, errors, read_settings, refused
from server.commands.progress import shown


def add(program: typer.Typer) -> None:
    """Add this command to `python -m server`."""
    program.command("rebuild")(rebuild)


def rebuild(
    config: Config = DEFAULT_CONFIG,
    write: Annotated[
        bool, typer.Option("--write", help="Mend the live registers where they differ.")
    ] = False,
) -> None:
    """Make every register again from the event log and compare; ends with 1 where they differ."""
    from server.storage import engine
    from server.storage import rebuild as rebuilding

    settings = read_settings(config)
    try:
        with shown() as progress, engine.opened(settings.database) as database:
            found = rebuilding.rebuild(
                database, DistrictId(settings.district), write=write, progress=progress
            )
    except engine.DatabaseUnusable as error:
        raise refused(error) from error
    typer.echo(f"{'':16}{'rows':>10}{'same':>10}{'differing':>10}{'missing':>10}{'extra':>10}")
    for each in found:
        counts = (each.rows, each.same, each.differing, each.missing, each.extra)
        typer.echo(f"{each.table.name:16}" + "".join(f"{count:10}" for count in counts))
    if not any(each.any for each in found):
        return
    if not write:
        errors.print("the registers differ from the log: `rebuild --write` mends them", style="red")
        raise typer.Exit(1)
    typer.echo("the registers are mended")
