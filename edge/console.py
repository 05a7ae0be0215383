"""What the commands have in common: where the settings are, and how something the user can mend is said."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from edge.settings import KioskSettings

Config = Annotated[
    Path, typer.Option(help="The kiosk's TOML settings; AANGAN_KIOSK_* variables override them.")
]
DEFAULT_CONFIG = Path("var/district/kiosks/kiosk-a/kiosk.toml")

errors = Console(stderr=True, soft_wrap=True, highlight=False)


def read_settings(config: Path) -> KioskSettings:
    """The settings at `config`; where they cannot be read the command ends."""
    try:
        return KioskSettings.load(config)
    except (FileNotFoundError, ValidationError, ValueError) as error:
        raise refused(error) from error


def refused(error: Exception | str) -> typer.Exit:
    """Say why the command cannot be done; raise what comes back."""
    errors.print(str(error), style="red", markup=False)
    return typer.Exit(2)
