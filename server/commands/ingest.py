"""`python -m server ingest`: take what kiosks send, and nothing else, as one of several processes that share it."""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused


def add(program: typer.Typer) -> None:
    """Add this command to `python -m server`."""
    program.command("ingest")(ingest)


def ingest(
    config: Config = DEFAULT_CONFIG,
    certificate: Annotated[
        Path | None, typer.Option(help="This worker's own certificate; the one in the settings if not given.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its key.")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Serve /metrics here, on this machine only.")
    ] = None,
) -> None:
    """Take what kiosks send as one of several workers, until stopped; the pages then run with `ingest = "workers"`."""
    from provisioning.identity import KeysUnsafe
    from server.groundwork import NotMigrated
    from server.keys import KeysDamaged
    from server.storage.engine import DatabaseUnusable
    from server.workers import Worker

    settings = read_settings(config)
    given = {name: path for name, path in (("certificate", certificate), ("key", key)) if path is not None}
    settings = settings.model_copy(update={"broker": settings.broker.model_copy(update=given)})
    try:
        Worker(settings, metrics_port).run()
    except (NotMigrated, DatabaseUnusable, OSError, KeysDamaged, KeysUnsafe) as error:
        raise refused(error) from error
