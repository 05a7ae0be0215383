"""`python -m server quarantine`: what was not taken, why, and taking it after all.

quarantine list           how much, by reason, alarms first
quarantine list --each    the latest rows, with their ids
quarantine show ID        one row: what, why, from where, when; never whom it is about
quarantine release ID...  what was doubted wrongly enters the log after all
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from anganwadi.ids import DistrictId
from server.commands.console import DEFAULT_CONFIG, Config, read_settings, refused

if TYPE_CHECKING:
    from server.storage.quarantine import Kept

EACH = 50
"""Rows that `list --each` shows, at most."""

quarantine = typer.Typer(
    help="What was not taken, why, and taking it after all.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def add(program: typer.Typer) -> None:
    """Add these commands to `python -m server`."""
    program.add_typer(quarantine, name="quarantine")


@quarantine.command("list")
def show_all(
    config: Config = DEFAULT_CONFIG,
    each: Annotated[bool, typer.Option("--each", help=f"The latest rows, {EACH} at most.")] = False,
) -> None:
    """How much lies here by reason, alarms first."""
    from server.storage import engine
    from server.storage import quarantine as kept

    settings = read_settings(config)
    district = DistrictId(settings.district)
    try:
        with engine.connect(settings.database).connect() as connection:
            rows = kept.latest(connection, district, EACH) if each else []
            counts = kept.counts(connection, district)
    except engine.DatabaseUnusable as error:
        raise refused(error) from error
    if not counts:
        typer.echo("nothing is in quarantine")
    for row in rows:
        place = "" if row.sequence is None else f" {row.sequence}"
        typer.echo(f"{row.quarantine_id}  {_when(row.received_ms)}  {row.origin or '?'}{place}  {row.reason}")
    for count in [] if each else counts:
        alarm = "ALARM" if count.alarm and count.released < count.rows else ""
        typer.echo(f"{alarm:6}{count.rows:8} ({count.released} released)  {count.reason}")


@quarantine.command("show")
def show(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="As `list --each` shows it.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """One row: what it is, why it is here, where it came from and when."""
    from server.storage import engine
    from server.storage import quarantine as kept

    settings = read_settings(config)
    try:
        with engine.connect(settings.database).connect() as connection:
            row = kept.find(connection, DistrictId(settings.district), row_id)
    except engine.DatabaseUnusable as error:
        raise refused(error) from error
    if row is None:
        raise refused(f"{row_id}: no such row; `quarantine list --each` shows their ids")
    typer.echo(f"what      {_what(row)}")
    typer.echo(f"reason    {row.reason}{' (ALARM)' if row.alarm else ''}")
    typer.echo(f"origin    {row.origin or 'nobody proved it its own'}")
    typer.echo(f"epoch     {row.epoch or ''}")
    typer.echo(f"received  {_when(row.received_ms)}")
    typer.echo(f"released  {'' if row.released_ms is None else _when(row.released_ms)}")


@quarantine.command("release")
def release(
    row_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `list --each` shows them.")],
    config: Config = DEFAULT_CONFIG,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="In spite of what speaks against it; needed for a forked or retired device."
        ),
    ] = False,
) -> None:
    """Take what was doubted wrongly, or has become true since, into the log after all."""
    from provisioning.identity import KeysUnsafe
    from server.ingest import release as releasing
    from server.keys import KeyRing, KeysDamaged
    from server.storage import engine
    from server.storage import quarantine as kept

    settings = read_settings(config)
    district = DistrictId(settings.district)
    try:
        ring, database = KeyRing(settings.keys), engine.connect(settings.database)
    except (OSError, KeysDamaged, KeysUnsafe, engine.DatabaseUnusable) as error:
        raise refused(error) from error
    failed = False
    for row_id in row_ids:
        with engine.writing(database) as connection:
            row = kept.find(connection, district, row_id)
            if row is None:
                raise refused(f"{row_id}: no such row; `quarantine list --each` shows their ids")
            try:
                outcome = releasing.release(connection, district, ring, row, demo=settings.demo, force=force)
            except releasing.NotReleased as error:
                outcome = releasing.Outcome(0, (str(error),))
        typer.echo(f"{row_id}: {outcome.released} events released")
        for reason in outcome.refused:
            typer.echo(f"    stays: {reason}")
        failed = failed or bool(outcome.refused)
    if failed:
        raise typer.Exit(1)


def _what(row: "Kept") -> str:
    """What a row holds, without its content."""
    from anganwadi import events
    from anganwadi.wire import frame

    if row.content is None:
        if row.sequence is None:
            return "only a hash"
        return "an event about somebody who was erased" if row.released_ms is None else "an event, released"
    if row.sequence is not None:
        try:
            kind = events.event_type(events.decode(row.content).body)
        except events.UnknownEvent:
            kind = "unreadable"
        return f"event {row.sequence}: {kind}"
    try:
        header = frame.parse(row.content).header
    except frame.BadFrame:
        return "a letter"
    return f"a frame of events {header.first_sequence} to {header.last_sequence}"


def _when(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%SZ}"
