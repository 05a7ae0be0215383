"""What `make run` prints once all is up: where to look, how to log in, what is simulated and what is real."""

from rich.console import Console
from rich.table import Table

from provisioning import demo_facts as facts
from provisioning.stack import Stack

SIMULATED = (
    ("the scale's load cell and HX711", "the hardware panel puts a weight on it"),
    ("what the camera sees", "two synthetic people, made of public-domain portraits"),
    (
        "the kiosk's TPM",
        "swtpm, prepared like a real one; a kiosk without one asks the server at each log-in",
    ),
    ("the officers' SMS", "codes are shown on the server's outbox page"),
    ("the people", "80 invented names in one invented centre"),
)
REAL = (
    ("the way of an event", "sealed (HPKE), fsynced, signed, receipted"),
    ("the broker", "mosquitto, TLS 1.3, a certificate and an access list per kiosk"),
    ("the scale's firmware", "the Pico's own files, under MicroPython, over a serial line"),
    ("the face check", "the TFLite models on the kiosk; no picture is stored or sent"),
    ("the stores", "SQLCipher on the server, encrypted roster and sealed outbox on the kiosk"),
    ("the checklist", "an XLSForm, compiled by pyxform, filled in with ODK Web Forms"),
)


def print_summary(console: Console, stack: Stack, seconds: float) -> None:
    """Print the tables, and how long it took to get here."""
    console.print()
    console.print(_addresses(stack))
    console.print(_log_ins())
    console.print(_parts())
    console.print(
        f"[bold green]ready[/] in {seconds:.1f} s; logs in {stack.district.logs}; Ctrl-C stops everything",
        highlight=False,
        soft_wrap=True,
    )


def _addresses(stack: Stack) -> Table:
    table = Table("open", "address", title="Addresses", title_justify="left")
    table.add_row("the kiosk (made for 1024x600)", stack.url("kiosk"))
    table.add_row("the district server", stack.url("server"))
    table.add_row("one-time codes for its log-in", f"{stack.url('server')}/outbox")
    table.add_row("scale and camera: the hardware panel", stack.url("panel"))
    return table


def _log_ins() -> Table:
    table = Table("who", "where", "log-in", title="Demo log-ins", title_justify="left")
    table.add_row("Anganwadi worker", "kiosk", f"PIN {facts.WORKER_PIN}")
    table.add_row("Anganwadi helper", "kiosk", f"PIN {facts.HELPER_PIN}")
    table.add_row(
        f"ration card of {facts.CARD_HOLDER}", "kiosk", f"{facts.CARD_NUMBER}, PIN {facts.CARD_PIN}"
    )
    for who, mobile in (
        ("sector supervisor", facts.SUPERVISOR_MOBILE),
        ("CDPO", facts.CDPO_MOBILE),
        ("DPO", facts.DPO_MOBILE),
    ):
        table.add_row(who, "server", f"mobile {mobile}, code from the outbox page")
    return table


def _parts() -> Table:
    table = Table("", "part", "how", title="What is what", title_justify="left")
    for kind, rows in (("simulated", SIMULATED), ("real", REAL)):
        for part, how in rows:
            table.add_row(kind, part, how)
        table.add_section()
    return table
