"""`python -m hardware`: the parts of a kiosk that a developer's machine lacks, simulated.

scale   the Pico scale: its real firmware on a pseudo-terminal
tables  what is made from the pin table and the list of parts: the firmware's constants, the page
panel   a web page to put a load on that scale and to choose who stands before the replay camera
"""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hardware import parts, pin_table
from hardware.scale_simulator import MicroPythonMissing, SimulatedScale, fault_asked

app = typer.Typer(
    help="Simulated parts for a machine without a Raspberry Pi, a camera or a scale.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
console = Console(stderr=True)

WATCH_SECONDS = 0.1


@app.callback()
def main() -> None:
    """Simulated parts for a machine without a Raspberry Pi, a camera or a scale.

    They are used by `make run`, `make demo` and the tests. What they cannot show is in
    docs/not-tested-on-hardware.md.
    """


@app.command()
def scale(
    link: Annotated[Path, typer.Option(help="Where to make the serial port: a link to a pseudo-terminal.")],
    control: Annotated[
        Path,
        typer.Option(
            help='JSON file to read the load from: {"load_kg": 9.12, "motion_kg": 0, "fault": null}.'
        ),
    ],
    flash: Annotated[
        Path | None, typer.Option(help="Folder that stands for the Pico's flash; temporary if not given.")
    ] = None,
    rate: Annotated[int, typer.Option(help="Samples a second of the simulated HX711: 10 or 80.")] = 10,
) -> None:
    """Run the scale's real firmware with a simulated load cell until stopped (Ctrl-C or SIGTERM)."""
    if rate not in (10, 80):
        raise typer.BadParameter("an HX711 gives 10 or 80 samples a second", param_hint="--rate")
    stopped = _on_signals()
    link.parent.mkdir(parents=True, exist_ok=True)
    simulated = SimulatedScale(
        link=link, control=control, flash=flash, samples_per_second=80 if rate == 80 else 10
    )
    try:
        with simulated:
            console.print(f"simulated scale on {link}, load from {control}")
            while not stopped.wait(WATCH_SECONDS):
                simulated.follow_plug(fault_asked(control))
    except MicroPythonMissing as error:
        console.print(str(error))
        raise typer.Exit(1) from error


@app.command()
def panel(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")],
    scale_control: Annotated[Path, typer.Option(help="The control file that `hardware scale` reads.")],
    camera_scene: Annotated[Path, typer.Option(help="The scene file that the replay camera reads.")],
) -> None:
    """Serve the page that says what stands before the kiosk: a load on the scale, a face in the picture."""
    import uvicorn

    from hardware.panel import create_panel

    for path in (scale_control, camera_scene):
        path.parent.mkdir(parents=True, exist_ok=True)
    uvicorn.run(create_panel(scale_control, camera_scene), host="127.0.0.1", port=port, log_level="warning")


@app.command()
def tables(
    write: Annotated[
        bool, typer.Option("--write", help="Write them anew; else only say which are stale.")
    ] = False,
) -> None:
    """Make the firmware's pins.py from pins.toml and the page parts.md from parts.csv."""
    made = {
        pin_table.FIRMWARE_MODULE: pin_table.firmware_module(pin_table.read_pin_table()),
        parts.PAGE: parts.page(parts.read_parts()),
    }
    stale = [
        path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        console.print(f"{'written' if write else 'stale'}: {path.name}")
        if write:
            path.write_text(made[path], encoding="utf-8")
    if stale and not write:
        raise typer.Exit(1)


def _on_signals() -> threading.Event:
    """Give an event that Ctrl-C and SIGTERM set."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


if __name__ == "__main__":
    app(prog_name="python -m hardware")
