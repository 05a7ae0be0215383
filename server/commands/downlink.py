"""`python -m server message` and `kiosk-settings`: what the office tells its kiosks.

A running server notices within a second and sends it to the kiosks that are connected; the others hear of it when they
next are.
"""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from anganwadi.ids import CentreId, DistrictId
from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused

COMMAND = "command"
"""Stands for the officer where a message was written by this command."""

EVERY_CENTRE = "all"


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.command("message")(message)
    program.command("kiosk-settings")(kiosk_settings)


def message(
    centre: Annotated[str, typer.Argument(metavar="CENTRE", help="The centre's code of 11 digits.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What its worker is to read.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write to a centre; its worker reads it on the kiosk when she is logged in."""
    from server.downlink import messages
    from server.storage import engine

    settings = read_settings(config)
    try:
        with engine.writing(engine.connect(settings.database)) as connection:
            message_id = messages.post(
                connection,
                DistrictId(settings.district),
                CentreId(centre),
                COMMAND,
                text,
                datetime.now(UTC),
            )
    except (messages.BadMessage, messages.NoSuchCentre, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    typer.echo(f"{centre}: message {message_id} is on its way")


def kiosk_settings(
    centre: Annotated[
        str,
        typer.Argument(
            metavar="CENTRE", help=f"The centre's code of 11 digits, or {EVERY_CENTRE} for every centre."
        ),
    ],
    config: Config = DEFAULT_CONFIG,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Set this; NAME= alone leaves it to the kiosk again."
        ),
    ] = None,
) -> None:
    """Set something on a centre's kiosks from afar, and show what is set."""
    from server.downlink import kiosk_settings as kept
    from server.downlink.messages import NoSuchCentre
    from server.storage import engine

    settings = read_settings(config)
    place = kept.EVERYWHERE if centre == EVERY_CENTRE else CentreId(centre)
    try:
        named = dict(_named(change) for change in changes or ())
        with engine.writing(engine.connect(settings.database)) as connection:
            now = kept.change(connection, DistrictId(settings.district), place, named)
    except (kept.BadSetting, NoSuchCentre, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    for name, value in msgspec.structs.asdict(now).items():
        typer.echo(f"{name:16} {'left to the kiosk' if value is None else value}")


def _named(change: str) -> tuple[str, str]:
    name, equals, value = change.partition("=")
    if not equals:
        raise refused(f"{change}: write it as NAME=VALUE")
    return name.strip(), value.strip()
