"""The load of the wire bench, a process of its own: sends the made frames over MQTT and TLS, and waits for receipts.

    python -m tests.bench.wire_load PLAN.json

One connection speaks for all kiosks (the bench's broker lets it), since a frame's signature, not its connection, proves
whose it is. It shares the machine with what is measured, so it writes MQTT 5 itself, the four packets it needs, which
takes a fraction of a client library's time. No more is under way at once than the broker keeps for a subscriber, so
that nothing has to be sent twice. Prints the seconds from the first frame sent to the last receipt.
"""

import mmap
import select
import socket
import ssl
import struct
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import msgspec

from anganwadi.ids import Origin
from anganwadi.wire import topics
from anganwadi.wire.receipt import Receipt
from anganwadi.wire.sealing import SIGNATURE_BYTES
from tests.bench.wire_frames import DISTRICT, Made

WINDOW_FRAMES = 1500
WINDOW_BYTES = 16 << 20
UNACKNOWLEDGED = 80
"""Frames the broker has not taken yet; it allows 100 (`provisioning.broker`)."""
NOTHING_FOR_S = 60.0
"""Seconds without a receipt after which the server is taken for dead."""

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xE0
QOS_1 = 0x02
_PIECE = 256 << 10


class Plan(msgspec.Struct, frozen=True):
    """What to send, and where to."""

    host: str
    port: int
    ca: str
    certificate: str
    key: str
    frames: str
    made: list[Made]


class Result(msgspec.Struct, frozen=True):
    seconds: float
    receipts: int


class Load:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._under_way: dict[Origin, deque[Made]] = {}
        self._frames = self._bytes = self._receipts = self._unacknowledged = 0
        self._decoder = msgspec.msgpack.Decoder(Receipt)
        self._arrived = bytearray()
        self._unsent = memoryview(b"")
        self._socket = _connect(plan)
        self._say(
            CONNECT, _text("MQTT") + bytes((5, 0b10)) + struct.pack(">HB", 0, 0) + _text("load"), CONNACK
        )
        wanted = _text(f"{topics.PREFIX}/{DISTRICT}/+/down/receipt")
        self._say(SUBSCRIBE, struct.pack(">HB", 1, 0) + wanted + b"\0", SUBACK)
        self._socket.setblocking(False)

    def run(self) -> Result:
        with Path(self._plan.frames).open("rb") as file:
            stored = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            began = time.perf_counter()
            left = enumerate(self._plan.made)
            coming = next(left, None)
            while coming is not None or self._frames or self._unsent:
                while not self._unsent and coming is not None and self._may_send():
                    self._unsent = memoryview(self._packet(*coming, stored))
                    coming = next(left, None)
                    self._send()
                self._wait()
            took = time.perf_counter() - began
        self._socket.setblocking(True)
        self._socket.sendall(bytes((DISCONNECT, 0)))
        self._socket.close()
        return Result(took, self._receipts)

    def _may_send(self) -> bool:
        return (
            self._frames < WINDOW_FRAMES
            and self._bytes < WINDOW_BYTES
            and self._unacknowledged < UNACKNOWLEDGED
        )

    def _packet(self, n: int, made: Made, stored: mmap.mmap) -> bytes:
        """The frame as it is published; from now on it is under way."""
        self._under_way.setdefault(made.origin, deque()).append(made)
        self._frames, self._bytes = self._frames + 1, self._bytes + made.length
        self._unacknowledged += 1
        topic = _text(topics.up(DISTRICT, made.origin, "frame"))
        head = topic + struct.pack(">HB", 1 + n % 0xFFFF, 0)
        length = _varint(len(head) + made.length)
        return b"".join(
            (bytes((PUBLISH | QOS_1,)), length, head, stored[made.offset : made.offset + made.length])
        )

    def _send(self) -> None:
        try:
            sent = self._socket.send(self._unsent)
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return
        self._unsent = self._unsent[sent:]

    def _wait(self) -> None:
        """Until something came, or can be sent on."""
        writable = [self._socket] if self._unsent else []
        ready = self._socket.pending() or any(select.select([self._socket], writable, [], NOTHING_FOR_S))
        assert ready, f"nothing for {NOTHING_FOR_S:.0f} s, {self._frames} frames are under way"
        try:
            piece = self._socket.recv(_PIECE)
            assert piece, "the broker hung up"
            self._arrived += piece
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        for kind, body in self._packets():
            self._take(kind, body)
        if self._unsent:
            self._send()

    def _take(self, kind: int, body: bytes) -> None:
        if kind == PUBACK:
            self._unacknowledged -= 1
            return
        assert kind == PUBLISH, f"an unexpected packet: {kind:#x} {body!r}"
        start = 2 + struct.unpack_from(">H", body)[0]
        assert body[start] == 0, "a receipt with properties"
        self._note(self._decoder.decode(body[start + 1 : -SIGNATURE_BYTES]))

    def _note(self, receipt: Receipt) -> None:
        self._receipts += 1
        waiting = self._under_way.get(receipt.origin, deque())
        while waiting and waiting[0].last <= receipt.stored_through:
            self._frames, self._bytes = self._frames - 1, self._bytes - waiting.popleft().length

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        """What has arrived whole: kind and body of each packet."""
        arrived, at = self._arrived, 0
        while (found := _length(arrived, at + 1)) is not None:
            length, start = found
            if len(arrived) < start + length:
                break
            yield arrived[at], bytes(arrived[start : start + length])
            at = start + length
        del arrived[:at]

    def _say(self, kind: int, body: bytes, answered_by: int) -> None:
        """Send one packet and wait for its answer."""
        self._socket.sendall(bytes((kind,)) + _varint(len(body)) + body)
        answers: list[tuple[int, bytes]] = []
        while not answers:
            piece = self._socket.recv(_PIECE)
            assert piece, "the broker did not let the load in"
            self._arrived += piece
            answers = list(self._packets())
        ((answer, said),) = answers
        refused = said[1] if answer == CONNACK else said[-1]
        assert answer == answered_by, f"an unexpected packet: {answer:#x}"
        assert refused < 0x80, f"the broker refused: {refused:#x}"


def _connect(plan: Plan) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(plan.ca)
    context.load_cert_chain(plan.certificate, plan.key)
    made = socket.create_connection((plan.host, plan.port), timeout=20)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(made, server_hostname=plan.host)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _varint(number: int) -> bytes:
    """MQTT's length: seven bits a byte, the lowest first."""
    out = bytearray()
    while True:
        number, low = divmod(number, 0x80)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _length(raw: bytearray, at: int) -> tuple[int, int] | None:
    """The length that stands at `at`, and where it ends; None if it is not there whole."""
    length = shift = 0
    while at < len(raw):
        length |= (raw[at] & 0x7F) << shift
        at += 1
        if raw[at - 1] < 0x80:
            return length, at
        shift += 7
    return None


def main() -> None:
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    sys.stdout.write(msgspec.json.encode(Load(plan).run()).decode() + "\n")


if __name__ == "__main__":
    main()
