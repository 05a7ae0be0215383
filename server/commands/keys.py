"""`python -m server keys` and `retire`: the monthly sealing key, from its making to the deletion of the old ones.

    keys new REQUEST     makes the next key and asks the district's root to announce it
    keys announce FILE   takes the root's announcement; from now on kiosks are told to seal to the new key
    keys public OUT      writes the public keys that a new kiosk is made with
    keys prune           deletes old keys that no device needs any more
    retire ORIGIN        nothing more comes from a device: it needs no key

A running server notices by itself. `docs/provisioning.md` gives the month's procedure.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from anganwadi.ids import DistrictId
from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused

keys = typer.Typer(
    help="Sealing keys: a new one every month.", no_args_is_help=True, pretty_exceptions_show_locals=False
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.add_typer(keys, name="keys")
    program.command("retire")(retire)


@keys.command("new")
def new(
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="Where to write what the root is to sign.")
    ],
    number: Annotated[
        int,
        typer.Option(
            min=2, help="Give it this number at least: kiosks know a key that a restored server lost."
        ),
    ] = 2,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Make the next sealing key; nobody seals to it before it is announced."""
    from server import rotation
    from server.keys import KeyRing, KeysDamaged

    settings = read_settings(config)
    try:
        asked = rotation.ask(
            KeyRing(settings.keys), DistrictId(settings.district), _now_ms(), request, number
        )
    except (OSError, KeysDamaged) as error:
        raise refused(error) from error
    typer.echo(
        f"sealing key {asked.number}, id {asked.seal_id.hex()}: have {request} signed by"
        " `python -m provisioning root sign`"
    )


@keys.command("announce")
def announce(
    announced: Annotated[Path, typer.Argument(metavar="FILE", help="The announcement, signed by the root.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Give out the new sealing key: every kiosk is told when it next says how it is."""
    from anganwadi.wire.announcement import BadAnnouncement
    from provisioning import root
    from server import rotation
    from server.keys import KeyRing, KeysDamaged
    from server.storage import engine

    settings = read_settings(config)
    if settings.root_key is None:
        raise refused("no root_key in the settings: the path of the district's root.pub")
    try:
        number = rotation.announce(
            engine.connect(settings.database),
            KeyRing(settings.keys),
            DistrictId(settings.district),
            root.read_public(settings.root_key),
            announced.read_bytes(),
            _now_ms(),
        )
    except (OSError, KeysDamaged, BadAnnouncement, rotation.NotOurs, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    typer.echo(f"sealing key {number} is given out from now on")


@keys.command("list")
def show(config: Config = DEFAULT_CONFIG) -> None:
    """Every sealing key: since when, whether it is still here, how many devices need it."""
    from server import rotation
    from server.keys import KeyRing, KeysDamaged
    from server.storage import engine

    settings = read_settings(config)
    try:
        ring = KeyRing(settings.keys)
        with engine.connect(settings.database).connect() as connection:
            found = rotation.overview(connection, ring, DistrictId(settings.district))
    except (OSError, KeysDamaged, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    for key in found:
        since = "" if not key.announced_ms else f"{datetime.fromtimestamp(key.announced_ms / 1000, UTC):%F}"
        typer.echo(
            f"{key.number:4} {key.seal_id.hex():17} {since:11} {key.state:12} {key.needed_by:6} devices"
        )


@keys.command("public")
def public(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Where to write them: a kiosk's server.pub.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write the server's public keys, with the newest sealing key, for a kiosk that is being made."""
    from provisioning.identity import write_public_keys
    from server.keys import KeyRing, KeysDamaged

    try:
        ring = KeyRing(read_settings(config).keys)
        write_public_keys(target, ring.public)
    except (OSError, KeysDamaged) as error:
        raise refused(error) from error
    typer.echo(f"{target}: sealing key {ring.newest_number}, id {ring.public.seal_id.hex()}")


@keys.command("prune")
def prune(
    config: Config = DEFAULT_CONFIG,
    despite_quarantine: Annotated[
        bool, typer.Option("--despite-quarantine", help="Give up frames in quarantine that only they open.")
    ] = False,
) -> None:
    """Delete the old sealing keys that no device needs any more. It cannot be undone."""
    from server import rotation
    from server.keys import KeyRing, KeysDamaged
    from server.storage import engine

    settings = read_settings(config)
    try:
        pruned = rotation.prune(
            engine.connect(settings.database),
            KeyRing(settings.keys),
            DistrictId(settings.district),
            _now_ms(),
            despite_quarantine=despite_quarantine,
        )
    except (OSError, KeysDamaged, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    for number, frames in pruned.quarantined.items():
        typer.echo(
            f"key {number} opens {frames} frames in quarantine: `python -m server quarantine list`, release what is "
            "true, then prune with --despite-quarantine"
        )
    typer.echo(f"deleted {', '.join(map(str, pruned.deleted))}" if pruned.deleted else "nothing was deleted")
    for need in pruned.waiting_for:
        why = f"holds frames sealed to key {need.oldest_key}" if need.heard else "was never heard from"
        typer.echo(f"kept for {need.origin}, epoch {need.epoch}: it {why}")


def retire(
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="The kiosk's name.")],
    epoch: Annotated[
        int | None, typer.Option(help="Only this epoch of it; all of them if not given.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Be done with a device that is lost, broken or replaced: nothing of it is taken, and no key kept for it."""
    from anganwadi.ids import Origin
    from server import rotation
    from server.storage import engine

    settings = read_settings(config)
    try:
        retired = rotation.retire(
            engine.connect(settings.database),
            DistrictId(settings.district),
            Origin(origin),
            epoch,
            _now_ms(),
        )
    except (rotation.NoSuchDevice, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    for each in retired:
        missing = f", {each.missing} events it recorded never came" if each.missing else ""
        typer.echo(f"{origin}, epoch {each.epoch}: retired{missing}")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
