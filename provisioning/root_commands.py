"""`python -m provisioning root`: the district's root key, on the machine where the districts are made."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anganwadi.ids import BadIdentifier
from anganwadi.ids import district_id as checked_district
from anganwadi.wire.announcement import BadAnnouncement
from provisioning.files import write_public
from provisioning.identity import KeysUnsafe
from provisioning.root import NoRoot, Root, RootExists

app = typer.Typer(
    help="The district's root key, which announces sealing keys.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Folder = Annotated[Path, typer.Option(help="Folder of the root key. Keep it off the server.")]


@app.command("make")
def make(
    district: Annotated[str, typer.Option(help="The district's name: lower-case letters, digits and `-`.")],
    folder: Folder,
) -> None:
    """Make a district's root key: root.key stays here, root.pub goes to the server and to every kiosk."""
    try:
        Root.make(folder, checked_district(district))
    except (RootExists, BadIdentifier) as error:
        raise _said(error) from error
    out.print(f"made {folder / 'root.key'} and {folder / 'root.pub'}")


@app.command("sign")
def sign(
    request: Annotated[Path, typer.Argument(help="What `python -m server keys new` wrote.")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="The announcement, for `python -m server keys announce`.")
    ],
    folder: Folder,
) -> None:
    """Announce a new sealing key. Compare the key's id with what `python -m server keys new` printed first."""
    try:
        asked, signed = Root.read(folder).sign(request.read_bytes())
    except (NoRoot, KeysUnsafe, BadAnnouncement, OSError) as error:
        raise _said(error) from error
    write_public(target, signed)
    out.print(f"{asked.district}: sealing key {asked.number}, id {asked.seal_id.hex()}, signed into {target}")


def _said(error: Exception) -> typer.Exit:
    """What the user can mend is said, without a traceback."""
    err.print(str(error), markup=False)
    return typer.Exit(1)
