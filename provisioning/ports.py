"""The ports of a demo stack: which they are, whether they are free, and who holds one that is not."""

import socket
from typing import Self

import msgspec
import psutil

LOOPBACK = "127.0.0.1"


class PortInUse(OSError):
    """Another program listens there; the text names port, program and remedy."""


class BadPorts(ValueError):
    """Not a list of ports; the text shows one."""


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Where the parts of a stack listen, on loopback."""

    broker: int = 18883
    server: int = 8000
    kiosk: int = 8080
    panel: int = 8090

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `kiosk=8081,server=8001`; what is not named keeps its usual port.

        Raises:
            BadPorts: another form, an unknown part, or a port out of range.
        """
        chosen: dict[str, int] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, _, number = part.partition("=")
            if name not in cls.__struct_fields__ or not number.isdigit() or not 0 < int(number) < 65536:
                raise BadPorts(
                    f"{part!r} is no port: write for example broker=18884,server=8001,kiosk=8081,panel=8091"
                )
            chosen[name] = int(number)
        return cls(**chosen)

    @classmethod
    def free(cls) -> Self:
        """Four ports that nobody uses now."""
        with _listening() as a, _listening() as b, _listening() as c, _listening() as d:
            numbers = [each.getsockname()[1] for each in (a, b, c, d)]
        return cls(broker=numbers[0], server=numbers[1], kiosk=numbers[2], panel=numbers[3])

    def each(self) -> dict[str, int]:
        """Part to port."""
        return msgspec.structs.asdict(self)


def require_free(ports: Ports) -> None:
    """Make sure that every part can listen.

    Raises:
        PortInUse: one cannot.
    """
    for name, port in ports.each().items():
        if not is_free(port):
            raise PortInUse(
                f"port {port}, meant for the {name}, is in use by {holder(port)}: stop it, or choose another with "
                f"--ports {name}={port + 1} (make run PORTS={name}={port + 1})"
            )


def is_free(port: int) -> bool:
    """Whether one may listen on `port` of loopback."""
    try:
        with _listening(port):
            return True
    except OSError:
        return False


def is_open(port: int) -> bool:
    """Whether somebody listens on `port` of loopback."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False


def holder(port: int) -> str:
    """The program that listens on `port`, as far as we may know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "a program of another user"
    for connection in connections:
        if (
            connection.pid
            and connection.status == psutil.CONN_LISTEN
            and tuple(connection.laddr)[1:] == (port,)
        ):
            return _describe(connection.pid)
    return "a program that does not show itself"


def _describe(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        words = [process.name(), *process.cmdline()[1:4]]
    except psutil.Error:
        return f"process {pid}"
    return f"`{' '.join(words)}` (process {pid})"


def _listening(port: int = 0) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((LOOPBACK, port))
        found.listen(1)
    except OSError:
        found.close()
        raise
    return found
