"""`python -m server backup`, `backup-check`, `backup-key` and `restore`: a copy off the box, and the way back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anganwadi.ids import DistrictId
from server.commands.console import DEFAULT_CONFIG, Config, errors, read_settings, refused
from server.commands.progress import shown

if TYPE_CHECKING:
    from anganwadi.wire.keys import PublicKeys
    from server.settings import ServerSettings
    from server.storage.erasure_register import Erasure
    from server.storage.restore import Opened, Restored

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
Private = Annotated[Path, typer.Option("--key", help="The private half of the recovery key.")]
ServerKeys = Annotated[
    Path | None,
    typer.Option("--server-pub", help="The server's public keys (server.pub), where its own are lost."),
]

recovery_keys = typer.Typer(
    help="The recovery key, to which backups are sealed.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.command("backup")(backup)
    program.command("backup-check")(check)
    program.command("restore")(restore)
    program.add_typer(recovery_keys, name="backup-key")


@recovery_keys.command("new")
def new_key(
    private: Annotated[Path, typer.Argument(metavar="PRIVATE", help="To be kept off the server, in a safe.")],
    public: Annotated[Path, typer.Argument(metavar="PUBLIC", help="For the server's settings.")],
) -> None:
    """Make the district's recovery key. Whoever has the private half can read every backup; without it nobody can."""
    from provisioning import recovery

    try:
        recovery.make(private, public)
    except OSError as error:
        raise refused(error) from error
    typer.echo(
        f"{public} goes into the settings as backup.recovery_key; keep {private} off the server, twice"
    )


@recovery_keys.command("show")
def show_key(public: Annotated[Path, typer.Argument(metavar="PUBLIC")]) -> None:
    """The id of a recovery key, as backups name it."""
    from anganwadi.wire.keys import key_id
    from provisioning import recovery

    try:
        typer.echo(key_id(recovery.read_public(public).public_bytes_raw()).hex())
    except (OSError, recovery.BadRecoveryKey) as error:
        raise refused(error) from error


def backup(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="If not given, backup.folder of the settings.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Delete all but so many of the newest backups.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Back up the database, while the server runs; kiosks then forget what is in it."""
    from provisioning import recovery
    from provisioning.identity import KeysUnsafe
    from server.keys import KeyRing, KeysDamaged
    from server.storage import backup as backing_up
    from server.storage import engine

    settings = read_settings(config)
    if settings.backup is None:
        raise refused("no backup in the settings: backup.folder and backup.recovery_key are needed")
    into = folder or settings.backup.folder
    try:
        with shown() as progress, engine.opened(settings.database) as database:
            made = backing_up.make(
                database,
                DistrictId(settings.district),
                KeyRing(settings.keys),
                recovery.read_public(settings.backup.recovery_key),
                into,
                server_files=_server_files(settings.keys),
                keep=keep,
                progress=progress,
            )
    except (
        OSError,
        KeysUnsafe,
        KeysDamaged,
        recovery.BadRecoveryKey,
        engine.DatabaseUnusable,
        backing_up.BackupFailed,
    ) as error:
        raise refused(error) from error
    manifest = made.manifest
    typer.echo(
        f"{made.path}: {manifest.events} events of {len(manifest.origins)} origins, {manifest.size} bytes"
    )
    for name in made.pruned:
        typer.echo(f"deleted {name}")
    if _same_disk(settings, into):
        errors.print(
            "the backup lies on the database's own disk: it does not survive that disk", style="yellow"
        )


def check(file: File, key: Private, server_pub: ServerKeys = None, config: Config = DEFAULT_CONFIG) -> None:
    """Prove that a backup is this district's and whole, and that the recovery key opens it."""
    opened = _open(file, key, server_pub, read_settings(config))
    manifest = opened.manifest
    made = datetime.fromtimestamp(manifest.made_ms / 1000, UTC)
    typer.echo(
        f"{file}: whole, made {made:%F %T} UTC, generation {manifest.generation}, schema {manifest.schema}"
    )
    typer.echo(f"{manifest.events} events")
    for mark in manifest.origins:
        typer.echo(f"{mark.origin:24} epoch {mark.epoch:3} through {mark.stored_through:10}")


def restore(
    file: File,
    key: Private,
    force: Annotated[
        bool, typer.Option("--force", help="Set a database that holds something aside, and replace it.")
    ] = False,
    server_pub: ServerKeys = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Restore a backup; the server must be stopped. Kiosks send again what came after it."""
    from server.storage import engine, erasure_register
    from server.storage import restore as restoring

    settings = read_settings(config)
    opened = _open(file, key, server_pub, settings)
    try:
        erasures = _erasures(file, server_pub, settings)
        with shown() as progress:
            restored = restoring.restore(settings.database, opened, erasures, force=force, progress=progress)
        _put_back_keys(settings.keys, restoring.server_files(opened))
    except (
        OSError,
        erasure_register.RegisterDamaged,
        restoring.BadBackup,
        restoring.NotRestored,
        engine.DatabaseUnusable,
    ) as error:
        raise refused(error) from error
    _tell(restored)


def _tell(restored: "Restored") -> None:
    made = datetime.fromtimestamp(restored.manifest.made_ms / 1000, UTC)
    typer.echo(f"restored as of {made:%F %T} UTC: {restored.manifest.events} events")
    typer.echo(f"this is generation {restored.generation}: start the server, and its kiosks send the rest")
    if restored.erased_again:
        typer.echo(f"{restored.erased_again} people erased since the backup were erased again")
    if restored.set_aside is not None:
        typer.echo(f"the old database lies at {restored.set_aside}: delete it once nobody needs it")
    typer.echo(
        "what the office did since then is not in the backup: look again at kiosks enrolled and retired, PINs,"
        " corrections of people, messages, quarantine"
    )


def _open(file: Path, key: Path, server_pub: Path | None, settings: "ServerSettings") -> "Opened":
    from provisioning import recovery
    from server.storage import restore as restoring

    try:
        private = recovery.read_private(key)
        server = _server_keys(server_pub, settings)
        with shown() as progress:
            return restoring.open_backup(file, DistrictId(settings.district), private, server, progress)
    except (OSError, ValueError, restoring.BadBackup) as error:
        raise refused(error) from error


def _server_keys(server_pub: Path | None, settings: "ServerSettings") -> "PublicKeys":
    """By what the backup's signature is checked."""
    from provisioning.identity import read_public_keys
    from server.keys import KeyRing

    if server_pub is not None:
        return read_public_keys(server_pub)
    if not settings.keys.exists():
        raise FileNotFoundError(
            f"the server's keys are not at {settings.keys}: give its public ones (any kiosk's server.pub) as"
            " --server-pub; the private ones come out of the backup"
        )
    return KeyRing(settings.keys).public


def _erasures(file: Path, server_pub: Path | None, settings: "ServerSettings") -> "list[Erasure]":
    """Everybody in the registers beside the backup and in the configured folder."""
    from server.storage import erasure_register

    district = DistrictId(settings.district)
    folders = {
        file.absolute().parent,
        *([] if settings.backup is None else [settings.backup.folder.absolute()]),
    }
    found = [erasure_register.path_in(folder, district) for folder in sorted(folders)]
    if not any(path.exists() for path in found):
        errors.print(
            "no register of erasures was found: nobody was erased since, or it is lost", style="yellow"
        )
    server = _server_keys(server_pub, settings)
    return [each for path in found for each in erasure_register.read(path, district, server)]


def _server_files(keys: Path) -> dict[str, bytes]:
    """The server's key files by name: the file of `settings.keys`, and the ring of sealing keys beside it."""
    ring = keys.with_suffix(".ring")
    files = [keys, *(sorted(ring.iterdir()) if ring.is_dir() else [])]
    return {str(path.relative_to(keys.parent)): path.read_bytes() for path in files}


def _put_back_keys(keys: Path, files: dict[str, bytes]) -> None:
    """Write the server's key files where there are none."""
    from provisioning.files import write_private

    if keys.exists():
        return
    for name, content in sorted(files.items(), reverse=True):
        write_private(keys.parent / name, content)
    typer.echo(f"the server's keys were put back to {keys.parent}")


def _same_disk(settings: "ServerSettings", folder: Path) -> bool:
    path = settings.database.path
    return path is not None and not settings.demo and path.stat().st_dev == folder.stat().st_dev
