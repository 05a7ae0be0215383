"""What the commands have in common: where the settings are, and how something the user can mend is said."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from server.settings import ServerSettings

Config = Annotated[Path, typer.Option(help="The server's TOML settings.")]
DEFAULT_CONFIG = Path("var/district/server/server.toml")

errors = Console(stderr=True, soft_wrap=True, highlight=False)


def read_settings(config: Path) -> ServerSettings:
    """The settings at `config`; where they cannot be read the command ends."""
    try:
        return ServerSettings.load(config)
    except (FileNotFoundError, ValidationError, ValueError) as error:
        raise refused(error) from error


def refused(error: Exception | str) -> typer.Exit:
    """Say why the command cannot be done, in one line; raise what comes back."""
    errors.print(str(error), style="red", markup=False)
    return typer.Exit(2)
