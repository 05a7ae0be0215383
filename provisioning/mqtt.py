"""An MQTT 5 connection as the district's broker wants it: TLS 1.3, a certificate of the district's authority.

It comes up, and comes back, by itself, on a thread of its own: jittered rests between tries (`provisioning.backoff`),
the TLS session resumed where the broker remembers it (half the bytes of a handshake). paho's own reconnecting is not
used: its rests are the same for everybody, and it notices a line that swallows everything only after two keep-alives.

Nothing outlives a connection: what paho still held unacknowledged is dropped, since whoever sent it sends it again.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from provisioning.backoff import BackOff
from provisioning.configuration import Broker

PATIENCE_S = 20.0
"""How long connecting may take: handshake, and then the broker's answer."""

_LOOK_S = 1.0
"""How often the connection is looked at while nothing happens on it."""

_LAST_RECEIVED_AT = 52
"""Where `struct tcp_info` of Linux holds the milliseconds since data last came (tcpi_last_data_recv)."""

log = structlog.get_logger(__name__)


class _ResumingContext(ssl.SSLContext):
    """A TLS context that offers the last session to the next connection; it is kept in RAM only."""

    session: ssl.SSLSession | None = None

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        return super().wrap_socket(sock, *args, session=self.session, **kwargs)


def make_client(
    broker: Broker, client_id: str, *, manual_ack: bool = False, kind: type[mqtt.Client] = mqtt.Client
) -> mqtt.Client:
    """A client that is not connected yet, paho's own or of a `kind` derived from it.

    Raises:
        FileNotFoundError: the certificate, its key or the authority's certificate is not there.
    """
    client = kind(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=mqtt.MQTTv5,
        manual_ack=manual_ack,
        reconnect_on_failure=False,
    )
    client.tls_set_context(_context(broker))
    client.connect_timeout = PATIENCE_S
    return client


def _context(broker: Broker) -> _ResumingContext:
    context = _ResumingContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and host name
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(str(broker.ca))
    context.load_cert_chain(broker.certificate, broker.key)
    return context


class Connection:
    """One client's connection to the broker, kept up from `start` to `stop`.

    `on_up` is called on the connection's thread whenever it has come up, and told whether the broker still knew this
    client; `is_dead` is asked every second, and the connection dropped when it says yes.
    """

    def __init__(
        self,
        client: mqtt.Client,
        backoff: BackOff,
        on_up: Callable[[bool], None],
        is_dead: Callable[[], bool] = lambda: False,
    ) -> None:
        self._client = client
        self._backoff = backoff
        self._on_up = on_up
        self._is_dead = is_dead
        self.life = 0
        """How often it came up so far: what a message of an earlier life brought is not to be acknowledged in this."""
        self._began = 0.0
        self._up = threading.Event()
        self._hurry = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        client.on_connect = self._on_connect
        client.on_socket_register_write = _leave_it_to_the_loop

    def start(
        self,
        broker: Broker,
        *,
        keepalive_s: int,
        clean_start: bool = True,
        properties: Properties | None = None,
    ) -> None:
        """Connect, and stay connected, in the background."""
        self._client.connect_async(
            broker.host, broker.port, keepalive_s, clean_start=clean_start, properties=properties
        )
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye to the broker and end."""
        self._stopping.set()
        self._hurry.set()
        self._client.disconnect()  # also wakes the thread
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def is_up(self) -> bool:
        return self._up.is_set()

    def wait_up(self, limit_s: float) -> bool:
        """Hurry, and wait so long for the connection; whether it is up."""
        if not self._up.is_set():
            self._hurry.set()
        return self._up.wait(limit_s)

    def publish(self, topic: str, payload: bytes, qos: int) -> mqtt.MQTTMessageInfo | None:
        """Send now; None where there is no connection to send it on."""
        if not self._up.is_set():
            return None
        info = self._client.publish(topic, payload, qos=qos)
        return info if info.rc == mqtt.MQTT_ERR_SUCCESS else None

    def subscribe(self, patterns: Sequence[str]) -> None:
        """Ask for these topics with QoS 1; to be done whenever the connection has come up."""
        self._client.subscribe([(pattern, 1) for pattern in patterns])

    def silent_s(self) -> float:
        """Seconds since anything at all came from the broker."""
        sock = self._client.socket()
        try:
            told = b"" if sock is None else _tcp_info(sock)
        except OSError:
            told = b""
        if len(told) < _LAST_RECEIVED_AT + 4:
            return float("inf")
        return struct.unpack_from("=I", told, _LAST_RECEIVED_AT)[0] / 1000

    # --- on the connection's thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._hurry.clear()
            self._began = time.monotonic()
            try:
                self._open()
                self._keep()
            except (OSError, ValueError) as error:  # ValueError: a socket that was closed under select
                log.info("broker_unreachable", reason=type(error).__name__)
            except Exception:  # whatever it was, the link must come back
                log.exception("connection_failed")
            lived = self._note_down()
            if not self._stopping.is_set():
                self._hurry.wait(self._backoff.after(lived))

    def _open(self) -> None:
        self._client.drop_out_messages()
        if self._client.reconnect() != mqtt.MQTT_ERR_SUCCESS:
            raise OSError("not connected")

    def _keep(self) -> None:
        """Serve the connection until it ends, or must be ended."""
        while self._client.loop(_LOOK_S) == mqtt.MQTT_ERR_SUCCESS:
            if self._stopping.is_set():
                self._client.disconnect()
                self._client.loop(_LOOK_S / 4)
                return
            opening_for = 0.0 if self.is_up() else time.monotonic() - self._began
            if opening_for > 2 * PATIENCE_S or (self.is_up() and self._is_dead()):
                log.info("line_silent")
                return

    def _note_down(self) -> float:
        """Close what is left of the connection; how long it stood."""
        sock = self._client.socket()
        if sock is not None:
            with contextlib.suppress(OSError):  # raised here it would end the thread
                sock.close()
        if not self._up.is_set():
            return 0.0
        self._up.clear()
        log.info("link_down")
        return time.monotonic() - self._began

    def _on_connect(
        self,
        client: mqtt.Client,
        userdata: object,
        flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        del userdata, properties
        if reason.is_failure:
            log.warning("broker_refused", reason=str(reason))
            return
        sock = client.socket()
        if isinstance(sock, ssl.SSLSocket) and isinstance(sock.context, _ResumingContext):
            sock.context.session = sock.session
        self.life += 1
        self._up.set()
        self._on_up(flags.session_present)
        log.info("link_up")


def _leave_it_to_the_loop(*_: object) -> None:
    """Having this callback, paho writes on the thread of `loop` only; TLS stands no two writers."""


def _tcp_info(sock: object) -> bytes:
    assert isinstance(sock, socket.socket)  # noqa: S101 - no websockets here
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
