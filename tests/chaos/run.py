"""Four kiosks, a broker and a server, killed without warning again and again, over lines that fail, for some minutes.

    python -m tests.chaos.run --minutes 10

Half way the server's database is deleted and restored from a backup made before. At the end everything is let run
out, and the server's log is compared with what the drivers saw accepted (`tests.chaos.checker`). Prints and writes
`var/chaos.json`; exit 1 where an event was lost, doubled or out of order, or anything is in quarantine.
"""

import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tests.chaos.storm import ChaosRun


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long.")] = 10.0,
    seed: Annotated[int | None, typer.Option(help="Repeats the kills and faults of another run.")] = None,
    out: Annotated[Path, typer.Option(help="Where the result goes.")] = Path("var/chaos.json"),
    keep: Annotated[bool, typer.Option(help="Leave the district's folder, to look at it.")] = False,
) -> None:
    """Kill everything again and again; say whether an event was lost, doubled or out of order."""
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    root = Path(tempfile.mkdtemp(prefix="aangan-chaos-"))
    typer.echo(f"seed {chosen}, {root}")
    typed = sys.stderr.isatty()

    def say(line: str) -> None:
        sys.stderr.write(f"\r\033[K{line}" if typed else f"{line}\n")
        sys.stderr.flush()

    result = ChaosRun(root, minutes, chosen, say).play()
    say("\n" if typed else "")
    written = msgspec.json.format(msgspec.json.encode(result), indent=2)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(written + b"\n")
    typer.echo(written.decode())
    if result.good and not keep:
        shutil.rmtree(root)
    if not result.good:
        typer.echo(f"not good: see {root}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
