"""The quick client does what paho's does: over a socket whose other end plays the broker."""

import socket
from collections.abc import Iterator
from typing import Any, cast

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from server.ingest.quick_client import QuickClient

TOPIC = "aangan/1/namuna/kiosk-a/up/frame"
PUBACK = 0x40


class Line:
    """A client that believes itself connected, the broker's end of its socket, and what it was given."""

    def __init__(self) -> None:
        self.client = QuickClient(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, manual_ack=True)
        self.given: list[tuple[str, bytes, int, int]] = []
        self.client.on_message = self._take
        self.client.on_socket_register_write = lambda *_: None
        self.ours, self.brokers = socket.socketpair()
        self.client._sock = cast("Any", self.ours)
        for end in (self.ours, self.brokers):
            end.setblocking(False)

    def _take(self, _client, _userdata, message) -> None:
        self.given.append((message.topic, bytes(message.payload), message.mid, message.qos))

    def read(self) -> None:
        self.client.loop_read()

    def said(self) -> bytes:
        """What the client has sent by now."""
        if self.client.want_write():
            self.client.loop_write()
        try:
            return self.brokers.recv(1 << 20)
        except BlockingIOError:
            return b""


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.ours.close()
    made.brokers.close()


def publish(payload: bytes, mid: int, *, qos: int = 1, properties: bytes = b"\0") -> bytes:
    topic = TOPIC.encode()
    number = mid.to_bytes(2, "big") if qos else b""
    body = len(topic).to_bytes(2, "big") + topic + number + properties + payload
    low, high = len(body) & 0x7F, len(body) >> 7
    return bytes((0x30 | qos << 1, low | 0x80, high)) + body


def test_all_packets_of_one_read_are_taken_at_once(line):
    line.brokers.send(b"".join(publish(b"%d" % n, n) for n in range(1, 6)))
    line.read()
    assert line.given == [(TOPIC, b"%d" % n, n, 1) for n in range(1, 6)]


@pytest.mark.parametrize("cut", [1, 2, 3, 10, 45])
def test_packet_that_comes_in_two_pieces_is_taken_whole(line, cut):
    packets = publish(b"a" * 200, 7) + publish(b"b" * 200, 8)
    line.brokers.send(packets[: -200 - cut])
    line.read()
    line.brokers.send(packets[-200 - cut :])
    line.read()
    assert [payload for _, payload, _, _ in line.given] == [b"a" * 200, b"b" * 200]


def test_message_with_properties_or_another_qos_is_read_by_paho_itself(line):
    expiry = Properties(PacketTypes.PUBLISH)
    expiry.MessageExpiryInterval = 60
    line.brokers.send(publish(b"expires", 1, properties=bytes(expiry.pack())) + publish(b"unasked", 0, qos=0))
    line.read()
    assert line.given == [(TOPIC, b"expires", 1, 1), (TOPIC, b"unasked", 0, 0)]


def test_acknowledgements_and_receipts_go_out_together_and_in_order(line):
    for mid in (3, 1, 2):
        line.client.ack(mid, 1)
    line.client.publish("t", b"receipt", qos=0)
    receipt = bytes((0x30, 11)) + b"\0\1t\0receipt"
    assert line.said() == b"".join(bytes((PUBACK, 2, 0, mid)) for mid in (3, 1, 2)) + receipt
    assert line.said() == b""


def test_what_asks_for_an_answer_waits_for_what_was_said_before_it(line):
    line.client.ack(1, 1)
    line.client.publish("t", b"letter", qos=1)
    said = line.said()
    assert said.startswith(bytes((PUBACK, 2, 0, 1)))
    assert said.endswith(b"letter")


def test_nothing_of_a_connection_is_left_for_the_next_one(line, monkeypatch):
    line.brokers.send(publish(b"a", 1)[:-1])
    line.client._sock_recv(1)
    line.client.ack(1, 1)
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(line.client, "_create_socket", lambda: ours)
    line.client.connect_async("localhost")
    line.client.reconnect()
    line.client.loop_write()
    assert (
        theirs.recv(1 << 16)[0] == 0x10
    )  # the connection is asked for, and no old acknowledgement before it
    with pytest.raises(BlockingIOError):
        line.client._sock_recv(1)
    ours.close()
    theirs.close()
