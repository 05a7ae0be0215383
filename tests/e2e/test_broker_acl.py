"""The broker's door and its access list, with a real mosquitto and real clients."""

import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from anganwadi.ids import Origin
from anganwadi.wire.topics import down, up

WAIT = 10.0
NOT_AUTHORIZED = 0x87
RETAIN_NOT_SUPPORTED = 0x9A
DEVICE_A = Origin("kiosk-a")


class Talker:
    """An MQTT 5 client that turns callbacks into answers one can wait for."""

    def __init__(self, broker: Any, credentials: Any | None, client_id: str = "") -> None:
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5)
        self.connected: queue.Queue[ReasonCode] = queue.Queue()
        self.subscribed: queue.Queue[ReasonCode] = queue.Queue()
        self.published: queue.Queue[ReasonCode] = queue.Queue()
        self.messages: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.lost = threading.Event()
        self.lost_because: ReasonCode | None = None
        self.client.on_connect = lambda c, u, f, reason, p: self.connected.put(reason)
        self.client.on_subscribe = lambda c, u, m, reasons, p: self.subscribed.put(reasons[0])
        self.client.on_publish = lambda c, u, m, reason, p: self.published.put(reason)
        self.client.on_message = lambda c, u, message: self.messages.put(message)
        self.client.on_disconnect = lambda c, u, f, reason, p: self._lose(reason)
        context = ssl.create_default_context(cafile=broker.ca)
        if credentials is not None:
            context.load_cert_chain(credentials.certificate, credentials.key)
        self.client.tls_set_context(context)
        self._address = (broker.host, broker.port)

    def connect(self) -> "Talker":
        self.client.connect(*self._address)
        self.client.loop_start()
        assert self.connected.get(timeout=WAIT).value == 0
        return self

    def publish(self, topic: str, payload: bytes) -> int:
        self.client.publish(topic, payload, qos=1)
        return self.published.get(timeout=WAIT).value

    def subscribe(self, topic: str) -> int:
        self.client.subscribe(topic, qos=1)
        return self.subscribed.get(timeout=WAIT).value

    def nothing_came_before(self, mark: bytes) -> bool:
        """Whether the next message is the one that says `mark`."""
        return self.messages.get(timeout=WAIT).payload == mark

    def _lose(self, reason: ReasonCode) -> None:
        self.lost_because = self.lost_because or reason
        self.lost.set()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


Connect = Callable[..., Talker]


@pytest.fixture
def connect(broker: Any) -> Iterator[Connect]:
    """Connects with the named certificate; closed when the test ends."""
    open_clients: list[Talker] = []

    def as_client(name: str, client_id: str = "") -> Talker:
        talker = Talker(broker, broker.credentials(name), client_id).connect()
        open_clients.append(talker)
        return talker

    yield as_client
    for talker in open_clients:
        talker.close()


def test_what_a_kiosk_sends_up_reaches_the_server(broker: Any, connect: Connect) -> None:
    server, kiosk = connect("server"), connect("kiosk-a")
    assert server.subscribe(f"aangan/1/{broker.district}/+/up/#") == 1
    assert kiosk.publish(up(broker.district, DEVICE_A, "frame"), b"a frame") == 0
    assert server.messages.get(timeout=WAIT).payload == b"a frame"


def test_what_the_server_sends_down_reaches_the_kiosk_it_is_for(broker: Any, connect: Connect) -> None:
    server, kiosk = connect("server"), connect("kiosk-a")
    assert kiosk.subscribe(down(broker.district, DEVICE_A, "#")) == 1
    assert server.publish(down(broker.district, DEVICE_A, "receipt"), b"a receipt") in (0, 16)
    assert kiosk.messages.get(timeout=WAIT).payload == b"a receipt"


def test_a_kiosk_cannot_speak_on_anothers_topic(broker: Any, connect: Connect) -> None:
    server, thief = connect("server"), connect("kiosk-b")
    server.subscribe(f"aangan/1/{broker.district}/+/up/#")
    assert thief.publish(up(broker.district, DEVICE_A, "frame"), b"forged") == NOT_AUTHORIZED
    assert thief.publish(up(broker.district, Origin("kiosk-b"), "frame"), b"own") == 0
    assert server.nothing_came_before(b"own")


def test_a_kiosk_cannot_speak_for_the_server(broker: Any, connect: Connect) -> None:
    thief = connect("kiosk-b")
    assert thief.publish(down(broker.district, DEVICE_A, "receipt"), b"forged") == NOT_AUTHORIZED
    assert thief.publish(down(broker.district, Origin("kiosk-b"), "receipt"), b"forged") == NOT_AUTHORIZED


@pytest.mark.parametrize("wish", ["aangan/1/t/kiosk-a/down/#", "aangan/1/t/kiosk-a/up/#", "#", "$SYS/#"])
def test_a_kiosk_hears_nothing_that_is_meant_for_others(broker: Any, connect: Connect, wish: str) -> None:
    server, owner, thief = connect("server"), connect("kiosk-a"), connect("kiosk-b")
    thief.subscribe(wish)
    thief.subscribe(down(broker.district, Origin("kiosk-b"), "#"))
    server.publish(down(broker.district, DEVICE_A, "lease"), b"secret")
    owner.publish(up(broker.district, DEVICE_A, "frame"), b"secret")
    server.publish(down(broker.district, Origin("kiosk-b"), "lease"), b"mine")
    assert thief.nothing_came_before(b"mine")


def test_a_kiosk_cannot_speak_outside_its_district(connect: Connect) -> None:
    assert connect("kiosk-a").publish("aangan/1/elsewhere/kiosk-a/up/frame", b"x") == NOT_AUTHORIZED
    assert connect("kiosk-a").publish("anything/else", b"x") == NOT_AUTHORIZED


def test_a_kiosk_that_calls_itself_by_anothers_name_does_not_push_it_out(
    broker: Any, connect: Connect
) -> None:
    owner = connect("kiosk-a", client_id="kiosk-a")
    thief = Talker(broker, broker.credentials("kiosk-b"), client_id="kiosk-a").connect()
    assert thief.publish(up(broker.district, Origin("kiosk-b"), "status"), b"x") in (0, 16)
    assert owner.publish(up(broker.district, DEVICE_A, "status"), b"x") in (0, 16)
    thief.close()
    assert not owner.lost.is_set()


def test_no_certificate_no_connection(broker: Any) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _say_hello(broker, ssl.create_default_context(cafile=broker.ca))


def test_a_certificate_of_another_authority_does_not_connect(broker: Any, stranger_credentials: Any) -> None:
    context = ssl.create_default_context(cafile=broker.ca)
    context.load_cert_chain(stranger_credentials.certificate, stranger_credentials.key)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _say_hello(broker, context)


def test_tls_1_2_is_refused(broker: Any) -> None:
    context = _with_certificate(broker)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="version"):
        _say_hello(broker, context)


def test_tls_1_3_with_a_certificate_is_let_in(broker: Any) -> None:
    assert _say_hello(broker, _with_certificate(broker)) == "TLSv1.3"


def test_without_tls_there_is_no_answer(broker: Any) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "kiosk-a", protocol=mqtt.MQTTv5)
    refused = threading.Event()
    client.on_disconnect = lambda *_: refused.set()
    client.on_connect_fail = lambda *_: refused.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert refused.wait(WAIT)
    assert not client.is_connected()
    client.loop_stop()


def test_a_packet_larger_than_any_letter_is_not_taken(broker: Any, connect: Connect) -> None:
    from provisioning.broker import MAX_PACKET

    kiosk = connect("kiosk-a")
    kiosk.client.publish(up(broker.district, DEVICE_A, "frame"), bytes(MAX_PACKET + 1), qos=1)
    assert kiosk.lost.wait(WAIT)


def test_a_message_that_is_to_be_retained_is_refused_and_not_kept(broker: Any, connect: Connect) -> None:
    kiosk = connect("kiosk-a")
    kiosk.client.publish(up(broker.district, DEVICE_A, "status"), b"kept", qos=1, retain=True)
    assert kiosk.lost.wait(WAIT)
    assert kiosk.lost_because is not None
    assert kiosk.lost_because.value == RETAIN_NOT_SUPPORTED
    kiosk.close()
    server = connect("server")
    server.subscribe(f"aangan/1/{broker.district}/+/up/#")
    connect("kiosk-b").publish(up(broker.district, Origin("kiosk-b"), "status"), b"mark")
    assert server.nothing_came_before(b"mark")


def _with_certificate(broker: Any) -> ssl.SSLContext:
    credentials = broker.credentials("kiosk-b")
    context = ssl.create_default_context(cafile=broker.ca)
    context.load_cert_chain(Path(credentials.certificate), Path(credentials.key))
    return context


def _say_hello(broker: Any, context: ssl.SSLContext) -> str | None:
    """Shake hands and send a CONNECT; the TLS version if the broker accepts it.

    In TLS 1.3 a client learns of its refusal only when it reads, after its own side of the handshake is done.
    """
    import socket

    connect = bytes.fromhex("101000044d5154540502003c000003782d79")
    with (
        socket.create_connection((broker.host, broker.port), timeout=WAIT) as plain,
        context.wrap_socket(plain, server_hostname=broker.host) as secured,
    ):
        secured.sendall(connect)
        answer = secured.recv(64)
        if not answer:
            raise ConnectionResetError("the broker hung up")
        assert (answer[0], answer[3]) == (0x20, 0), answer.hex()
        return secured.version()
