"""`python -m server templates`: the face templates of the centres, and their renewal.

    templates status              how many there are, of which model, turned by which secret
    templates renew --centre C    turns a centre's templates by a new secret: after a kiosk was stolen
    templates renew --all         the same for every centre: once a year, or after a backup came into wrong hands

`docs/biometrics.md` says what a renewal is good for, and what not.
"""

import time
from collections import Counter
from typing import Annotated

import sqlalchemy as sa
import typer

from anganwadi.ids import CentreId, DistrictId
from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused

templates = typer.Typer(
    help="Face templates: how many, and their renewal.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.add_typer(templates, name="templates")


@templates.command("status")
def status(config: Config = DEFAULT_CONFIG) -> None:
    """Count the face templates of every centre, by model; nobody's name is read."""
    from server.storage import engine, rotations

    settings = read_settings(config)
    district = DistrictId(settings.district)
    try:
        with engine.opened(settings.database) as database, database.connect() as connection:
            held = rotations.held(connection, district)
            numbers = rotations.numbers(connection, district)
    except engine.DatabaseUnusable as error:
        raise refused(error) from error
    typer.echo(f"{'centre':12}{'secret':>11}{'faces':>7}  model")
    for (centre, model), faces in sorted(held.items()):
        typer.echo(f"{centre:12}{numbers.get(centre, 0):11}{faces:7}  {model}")
    for model, faces in sorted(_by_model(held).items()):
        typer.echo(f"{'all':23}{faces:7}  {model}")


@templates.command("renew")
def renew(
    centre: Annotated[str | None, typer.Option(metavar="CENTRE", help="The centre's number.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every centre of the district.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Turn templates by a new secret; kiosks get them with their next roster."""
    from server.storage import engine, rotations, scrubbing, tables

    if (centre is None) == (not every):
        raise refused("say which centre with --centre, or --all")
    settings = read_settings(config)
    district = DistrictId(settings.district)
    try:
        with engine.opened(settings.database) as database:
            known = _known(database, district, centre)
            for each in known:
                with engine.writing(database) as connection:
                    turned = rotations.renew(connection, district, each, time.time_ns() // 1_000_000)
                typer.echo(f"{each}: {turned} templates renewed")
            scrubbing.scrub(database, (tables.persons, tables.template_rotations))
    except (engine.DatabaseUnusable, LookupError, scrubbing.StillRead) as error:
        raise refused(error) from error


def _known(database: sa.Engine, district: DistrictId, centre: str | None) -> list[CentreId]:
    from server.storage import rotations

    with database.connect() as connection:
        known = rotations.centres(connection, district)
    if centre is None:
        return known
    if centre not in known:
        raise LookupError(
            f"no centre {centre} in this district: `python -m server templates status` lists them"
        )
    return [CentreId(centre)]


def _by_model(held: dict[tuple[CentreId, str], int]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for (_, model), faces in held.items():
        counted[model] += faces
    return counted
