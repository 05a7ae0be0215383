"""`python -m provisioning`: makes districts, and starts the demo one.

run        a throw-away district on this machine, until Ctrl-C
demo       the same, and a scripted day played through it
check      what is missing on this machine
district   make the demo district's files
authority  a district's certificates
root       the district's root key, which announces sealing keys
broker     mosquitto's configuration and access list
tpm        a kiosk's TPM, on the kiosk itself
"""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from anganwadi.ids import BadIdentifier
from anganwadi.ids import district_id as checked_district
from provisioning import parts
from provisioning.authority import Authority, NoAuthority, common_name, read_certificate
from provisioning.broker import LOOPBACK, BrokerFiles, NoMosquitto
from provisioning.district import DemoDistrict, NotADistrict
from provisioning.logs import set_up_logs
from provisioning.ports import BadPorts, PortInUse, Ports
from provisioning.processes import ProgramFailed
from provisioning.root_commands import app as root_app
from provisioning.stack import AlreadyRunning, Stack
from provisioning.summary import print_summary
from provisioning.tpm_commands import app as tpm_app

app = typer.Typer(
    help="Makes districts, and starts the demo one.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
district_app = typer.Typer(
    help="The demo district's files.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
authority_app = typer.Typer(
    help="A district's certificates.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
broker_app = typer.Typer(
    help="mosquitto's configuration and access list.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(district_app, name="district")
app.add_typer(authority_app, name="authority")
app.add_typer(broker_app, name="broker")
app.add_typer(root_app, name="root")
app.add_typer(tpm_app, name="tpm")

out = Console()
err = Console(stderr=True, soft_wrap=True, highlight=False)

KNOWN = (
    AlreadyRunning,
    BadIdentifier,
    BadPorts,
    NoAuthority,
    NoMosquitto,
    NotADistrict,
    PortInUse,
    ProgramFailed,
    parts.PartsMissing,
)

PortsOption = Annotated[
    str,
    typer.Option(
        envvar="AANGAN_DEMO_PORTS",
        help="Other ports, such as `kiosk=8081,server=8001`; `free` takes any four that are free.",
    ),
]
FolderOption = Annotated[Path, typer.Option(help="Folder of the district.")]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Throw the district away first, with all that is in it.")
]


@app.callback()
def main() -> None:
    """Makes districts, and starts the demo one."""
    set_up_logs("provisioning")


@app.command()
def run(
    fresh: Fresh = False,
    ports: PortsOption = "",
    folder: FolderOption = parts.VAR / "district",
    began: Annotated[
        float | None, typer.Option(help="When set-up began, in seconds since 1970.", hidden=True)
    ] = None,
) -> None:
    """Start a throw-away district on this machine: broker, server, kiosk, and the simulated parts. Ctrl-C ends it.

    Its identity and data stay in var/district until `--fresh`, so that a second start is quick.
    """
    started = began or time.time()
    with _one_line_errors(), _interruptible():
        with Stack(DemoDistrict(folder), _ports(ports)) as stack:
            _show_start(stack, fresh=fresh)
            with contextlib.suppress(KeyboardInterrupt):
                print_summary(out, stack, time.time() - started)
                stack.watch()
            out.print("stopping ...")
        out.print("all stopped")


@app.command()
def demo(ports: PortsOption = "free", folder: FolderOption = parts.VAR / "demo") -> None:
    """Play a whole day through a fresh district, and count what arrives.

    Exits 0 only if every event the kiosk accepted is on the server exactly once, and every outcome was as scripted.
    """
    from provisioning.demo.play import play_day

    began = time.monotonic()
    with _one_line_errors(), _interruptible(), Stack(DemoDistrict(folder), _ports(ports)) as stack:
        _show_start(stack, fresh=True)
        good = play_day(stack, out)
        out.print(
            f"\n{'the day went as scripted' if good else '[red]not as scripted[/]'}, "
            f"{time.monotonic() - began:.0f} s with start-up"
        )
    raise typer.Exit(0 if good else 1)


@app.command()
def check() -> None:
    """Name what is missing on this machine; exits 1 if anything is."""
    with _one_line_errors():
        parts.require_all()
        out.print("nothing is missing: `make run`")


@district_app.command("make")
def make_district(
    fresh: Fresh = False, ports: PortsOption = "", folder: FolderOption = parts.VAR / "district"
) -> None:
    """Make the demo district's files, or bring them up to date, without starting anything."""
    with _one_line_errors():
        made = DemoDistrict(folder).make(_ports(ports), fresh=fresh)
        out.print(f"{'made' if made else 'kept'} {folder}", highlight=False)


@authority_app.command("create")
def create_authority(
    district: Annotated[str, typer.Option(help="The district's name: lower-case letters, digits and `-`.")],
    folder: Annotated[Path, typer.Option(help="Where to keep the authority. It must not be there yet.")],
) -> None:
    """Make a district's certificate authority. Keep its folder off the server: it can let anybody in."""
    if (folder / "ca.key").exists():
        err.print(f"{folder} already holds an authority: give another folder")
        raise typer.Exit(1)
    with _one_line_errors():
        made = Authority.create(folder, checked_district(district))
        out.print(f"made {made.path}", highlight=False)


@authority_app.command("issue")
def issue_certificate(
    name: Annotated[str, typer.Argument(help="A kiosk's name, or `server`.")],
    authority: Annotated[Path, typer.Option(help="The authority's folder.")],
    into: Annotated[Path, typer.Option(help="Where to put tls.crt and tls.key.")],
    broker_host: Annotated[
        list[str] | None, typer.Option(help="Issue the broker's certificate for this host; may be repeated.")
    ] = None,
) -> None:
    """Issue a client's certificate, or with --broker-host the broker's."""
    with _one_line_errors():
        issuer = Authority.load(authority)
        if broker_host:
            issuer.issue_broker(into, broker_host)
        else:
            issuer.issue_client(into, name)
        certificate = read_certificate(into / "tls.crt")
        until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        out.print(f"issued {into} to {common_name(certificate)}, good until {until}", highlight=False)


@broker_app.command("configure")
def configure_broker(
    district: Annotated[str, typer.Option(help="The district's name.")],
    folder: Annotated[Path, typer.Option(help="Holds tls.crt and tls.key; takes mosquitto.conf and acl.")],
    ca: Annotated[Path, typer.Option(help="The authority's ca.crt.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8883,
) -> None:
    """Write the configuration of a district's broker."""
    with _one_line_errors():
        files = BrokerFiles(
            folder=folder.resolve(),
            ca=ca.resolve(),
            district=checked_district(district),
            host=host,
            port=port,
        )
        files.write()
        out.print(f"wrote {files.configuration} and {files.access_list}", highlight=False)


def _ports(text: str) -> Ports:
    return Ports.free() if text == "free" else Ports.parse(text)


def _show_start(stack: Stack, *, fresh: bool) -> None:
    with out.status("starting"):
        for step in stack.start(fresh=fresh):
            out.print(f"[green]✓[/] {step.done:<22}[dim]{step.after:5.1f} s[/]", highlight=False)


@contextlib.contextmanager
def _one_line_errors() -> Iterator[None]:
    """What the user can mend is said, without a traceback."""
    try:
        yield
    except KNOWN as error:
        err.print(str(error), markup=False)
        raise typer.Exit(1) from error


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C, a hang-up and a polite kill all end what runs, once; while it ends, further ones are ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        err.print("stopped")
        raise typer.Exit(130) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
