"""The program that opens: it has the server's keys to open with, and neither database nor network.

    python -m server.ingest.opening_program DESCRIPTOR

It is started by `opening_process`, at the other end of the socket of that number. What it is told goes over the
socket, never into arguments or environment; the keys it reads itself from the server's own files, and follows their
rotation. First comes a `Brief`, which it answers with nothing; then `Ask` after `Ask`, each answered by an `Answer`;
nothing ends it, and so does the end of the socket, so that it never outlives the server. Signals meant for the server
are not for it.
"""

import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from anganwadi.ids import DistrictId, Origin
from server.ingest.opening import Device, Found, Opener
from server.keys import KeyRing

END = b""
"""Said instead of an `Ask` at the end; and by the process when it is ready."""


class Brief(msgspec.Struct, frozen=True, array_like=True):
    """What is to be opened: the messages of this district, with the keys in the file of that path."""

    district: DistrictId
    keys: str
    demo: bool


class Ask(msgspec.Struct, frozen=True, array_like=True):
    """Messages to open, as topic and payload, and `devices` that are known from now on."""

    devices: list[Device]
    messages: list[tuple[str, bytes]]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What was found in each message, None where only the database can tell; and the CPU seconds spent, by stage."""

    found: list[Found | None]
    spent: dict[str, float]


class _NotTold(Exception):
    """A device that this process was not told of, or that should be looked up anew."""


class ToldDevices:
    """The devices this process was told of."""

    def __init__(self) -> None:
        self._told: dict[tuple[Origin, int], Device] = {}

    def learn(self, devices: list[Device]) -> None:
        for device in devices:
            self._told[device.origin, device.epoch] = device

    def remembered(self, origin: Origin, epoch: int) -> Device | None:
        """As `Devices.remembered`."""
        return self._told.get((origin, epoch))

    def look_up(self, origin: Origin, epoch: int | None) -> Device:
        """Nothing can be looked up here.

        Raises:
            _NotTold: always.
        """
        raise _NotTold(origin, epoch)


def serve(connection: Connection) -> None:
    """Answer until the end.

    Raises:
        EOFError, OSError: the server is gone.
        KeysUnsafe, KeysDamaged: as `KeyRing`.
    """
    brief = msgspec.msgpack.decode(connection.recv_bytes(), type=Brief)
    devices = ToldDevices()
    opener = Opener(devices, brief.district, KeyRing(Path(brief.keys)), demo=brief.demo)
    connection.send_bytes(END)
    asked, encoder = msgspec.msgpack.Decoder(Ask), msgspec.msgpack.Encoder()
    while (said := connection.recv_bytes()) != END:
        ask = asked.decode(said)
        devices.learn(ask.devices)
        opener.keep_up()
        found = [_open(opener, topic, payload) for topic, payload in ask.messages]
        connection.send_bytes(encoder.encode(Answer(found, opener.laps.taken())))


def _open(opener: Opener, topic: str, payload: bytes) -> Found | None:
    """None also for whatever went wrong: the server tries it again itself, and has somebody to tell."""
    try:
        return opener.open(topic, payload)
    except Exception:
        return None


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with Connection(int(sys.argv[1])) as connection:
        try:
            serve(connection)
        except (EOFError, ConnectionError):
            sys.exit(1)


if __name__ == "__main__":
    main()
