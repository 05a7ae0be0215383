"""The whole of Aangan on one machine: which programs a demo district consists of, and the order they start in.

The broker first, and the kiosk's simulated TPM where one is installed. Then kiosk, scale and panel start beside the
server's preparation, since none waits for another: a kiosk works without its server, and a server without its kiosks.

    with Stack(district, ports) as stack:
        for step in stack.start():
            print(step)
        stack.watch()
"""

import contextlib
import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

import httpx
import msgspec

from hardware.scale_simulator import write_control
from provisioning import parts
from provisioning.broker import LOOPBACK, find_mosquitto
from provisioning.district import DemoDistrict
from provisioning.files import make_folder, write_public
from provisioning.ports import Ports, is_open, require_free
from provisioning.processes import Program, Supervisor
from provisioning.swtpm import SimulatedTpm
from provisioning.tpm import Tpm, TpmError, TpmTaken, new_lockout_password, prepare

PREPARES = ("server/storage/migrations/versions", "server/seed")
"""The code by which a district's database is made and filled: when it changes, both are done again."""


class AlreadyRunning(RuntimeError):
    """Another stack uses this district; the text says where it is and what to do."""


class Step(msgspec.Struct, frozen=True):
    """Something that is done now, after so many seconds."""

    done: str
    after: float


class Stack:
    """A demo district's programs, from `start` until the `with` block ends."""

    def __init__(self, district: DemoDistrict, ports: Ports) -> None:
        self.district = district
        self.ports = ports
        self._open = contextlib.ExitStack()
        self._programs: Supervisor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(self, *, fresh: bool = False) -> Iterator[Step]:
        """Make the district if it is not there, start everything, and tell each step as it is done.

        Raises:
            AlreadyRunning: the district is in use.
            provisioning.parts.PartsMissing: something is not installed or not built.
            provisioning.ports.PortInUse: another program holds a port.
            provisioning.processes.ProgramFailed: a program did not start.
        """
        began = time.monotonic()

        def done(what: str) -> Step:
            return Step(what, time.monotonic() - began)

        self._open.enter_context(_only_one(self.district.root))
        parts.require_all()
        require_free(self.ports)
        made = self.district.make(self.ports, fresh=fresh)
        yield done("district made" if made else "district found")
        programs = self._programs = self._open.enter_context(Supervisor())
        programs.start(self._broker())
        if self.district.tpm is not None:
            programs.start(self._tpm(self.district.tpm))
        for name in programs.wait_ready():
            yield done(f"{name} ready")
        if self.district.tpm is not None:
            _prepare(self.district.tpm)
        write_control(self.district.scale_control)
        for program in (self._scale(), self._panel(), self._kiosk()):
            programs.start(program)
        yield from (done(what) for what in self._prepare_server(programs))
        programs.start(self._server())
        for name in programs.wait_ready():
            yield done(f"{name} ready")

    def watch(self) -> None:
        """Keep watching until interrupted.

        Raises:
            provisioning.processes.ProgramFailed: one of the programs ended.
        """
        assert self._programs is not None  # noqa: S101 - started before
        self._programs.watch()

    def check(self) -> None:
        """Make sure that all programs are alive.

        Raises:
            provisioning.processes.ProgramFailed: one is not.
        """
        assert self._programs is not None  # noqa: S101 - started before
        self._programs.check()

    def url(self, part: str) -> str:
        """The address of `server`, `kiosk` or `panel`."""
        return f"http://{LOOPBACK}:{self.ports.each()[part]}"

    def pid(self, program: str) -> int:
        """The process of a program that was started."""
        assert self._programs is not None  # noqa: S101 - started before
        return self._programs.pid(program)

    def _prepare_server(self, programs: Supervisor) -> Iterator[str]:
        """Make the database, let the kiosk in, put people into its centre; again only when the code for it changed."""
        district, config = self.district, str(self.district.server_settings)
        recipe = _recipe()
        if (
            district.database.exists()
            and district.prepared.exists()
            and district.prepared.read_bytes() == recipe
        ):
            return
        for done, arguments in {
            "database up to date": ["migrate", "--config", config],
            "kiosk enrolled": ["enrol", "--config", config, str(district.card)],
            "centre seeded": ["seed", "--config", config],
        }.items():
            programs.run(
                f"`python -m server {arguments[0]}`",
                [*_python("server"), *arguments],
                district.logs / "prepare.log",
                parts.HOUSE,
            )
            yield done
        write_public(district.prepared, recipe)

    def _broker(self) -> Program:
        configuration = self.district.broker / "mosquitto.conf"
        port = self.ports.broker
        return self._program(
            "broker", [str(find_mosquitto()), "-c", str(configuration)], lambda: is_open(port)
        )

    def _tpm(self, tpm: SimulatedTpm) -> Program:
        return self._program("tpm", tpm.command(), tpm.is_ready)

    def _scale(self) -> Program:
        district = self.district
        options = {
            "--link": district.scale_port,
            "--control": district.scale_control,
            "--flash": district.scale_flash,
        }
        command = [*_python("hardware"), "scale", *_options(options)]
        return self._program("scale", command, lambda: district.scale_port.exists())

    def _panel(self) -> Program:
        options = {
            "--port": self.ports.panel,
            "--scale-control": self.district.scale_control,
            "--camera-scene": self.district.scene,
        }
        url = self.url("panel")
        return self._program(
            "panel", [*_python("hardware"), "panel", *_options(options)], lambda: answers(f"{url}/")
        )

    def _server(self) -> Program:
        command = [*_python("server"), "run", "--config", str(self.district.server_settings)]
        url = self.url("server")
        return self._program("server", command, lambda: answers(f"{url}/readyz"))

    def _kiosk(self) -> Program:
        command = [*_python("edge"), "run", "--config", str(self.district.kiosk_settings)]
        url = self.url("kiosk")
        return self._program("kiosk", command, lambda: answers(f"{url}/api/status"))

    def _program(self, name: str, command: list[str], is_ready: Callable[[], bool]) -> Program:
        log = self.district.logs / f"{name}.log"
        log.unlink(missing_ok=True)
        return Program(name=name, command=command, log=log, folder=parts.HOUSE, is_ready=is_ready)


def _prepare(simulated: SimulatedTpm) -> None:
    """As a real kiosk's TPM is prepared, and like there, once."""
    tpm = Tpm(simulated.tcti)
    with contextlib.suppress(TpmTaken, TpmError):  # a TPM that does not answer stops no kiosk
        prepare(tpm, new_lockout_password())


def answers(url: str) -> bool:
    """Whether `url` answers 200."""
    try:
        return httpx.get(url, timeout=1.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _recipe() -> bytes:
    """A hash of the code that prepares the server's database."""
    digest = hashlib.sha256()
    for path in sorted(
        file for folder in PREPARES for file in (parts.HOUSE / folder).iterdir() if file.is_file()
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest().encode()


def _python(room: str) -> list[str]:
    return [sys.executable, "-m", room]


def _options(named: Mapping[str, Path | int]) -> list[str]:
    return [word for name, value in named.items() for word in (name, str(value))]


@contextlib.contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Hold the district for this process; the kernel lets go of it when the process ends, however it ends."""
    make_folder(root.parent)
    lock = os.open(root.with_name(f".{root.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode().strip()
            raise AlreadyRunning(
                f"the district in {root} is already running (process {holder}): stop it with Ctrl-C there, "
                f"or `kill {holder}`"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)
