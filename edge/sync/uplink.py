"""The MQTT link: keeps the outbox flowing, applies receipts, and carries log-in letters.

Nothing counts as delivered on the broker's word: a frame is sent again until the server's signed receipt covers it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from anganwadi.wire import letters, receipt, topics
from anganwadi.wire.login import STATUS, KioskStatus
from edge.store.outbox import Outbox, ReceiptRejected
from edge.store.recorder import Identity, Recorder
from provisioning.configuration import Broker
from provisioning.mqtt import make_client

WINDOW = 20
"""Frames under way at once."""

RESEND_S = 15.0
"""How long an unreceipted frame rests before it is sent again on the same connection."""

HEARTBEAT_S = 60.0
"""How often the kiosk says that it is there when it has nothing else to say."""

HELLO_S = 5.0
"""How often it says so on a connection on which the server has not answered yet."""

KEEPALIVE_S = 15
"""A broken line is noticed after one and a half times this."""

_TICK_S = 0.25

log = structlog.get_logger(__name__)


class LinkStatus(msgspec.Struct, frozen=True):
    """How the outbox stands with the server; counts are events. `waiting_s` is the age of the oldest one the server
    has not receipted, None where there is none."""

    connected: bool
    recorded: int
    receipted: int
    safe: int
    waiting_s: float | None


@dataclass
class _Sent:
    """When a frame was handed to the MQTT client, and the client's word on what became of it."""

    at: float
    info: mqtt.MQTTMessageInfo


class Uplink:
    """One kiosk's link. `start` returns at once; the link comes up, and comes back, by itself."""

    def __init__(self, identity: Identity, broker: Broker, outbox: Outbox, recorder: Recorder) -> None:
        self._identity = identity
        self._broker = broker
        self._outbox = outbox
        self._recorder = recorder
        self._listeners: dict[str, Callable[[bytes], None]] = {"receipt": self._on_receipt}
        self._lock = threading.Lock()
        self._sent: dict[int, _Sent] = {}
        self._waiting_since: float | None = None
        self._last_said = 0.0
        self._answered = False
        self._connected = threading.Event()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._client = self._make_client()
        self._sender = threading.Thread(target=self._run, name="uplink", daemon=True)

    def start(self) -> None:
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        self._sender.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._sender.is_alive():
            self._sender.join(timeout=5)
        self._client.disconnect()
        self._client.loop_stop()

    def wake(self) -> None:
        """Say that there may be something to send."""
        self._wake.set()

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> None:
        """Hand whatever comes down on `channel` to `listener`, on the link's thread."""
        self._listeners[channel] = listener

    def send(self, channel: str, message: bytes, qos: int = 0) -> mqtt.MQTTMessageInfo | None:
        """Send one message now; None where there is no connection to send it on. With QoS 0 it goes now or never."""
        if not self._connected.is_set():
            return None
        topic = topics.up(self._identity.district, self._identity.origin, channel)
        info = self._client.publish(topic, message, qos=qos)
        return info if info.rc == mqtt.MQTT_ERR_SUCCESS else None

    def status(self) -> LinkStatus:
        state = self._outbox.state()
        with self._lock:
            if state.recorded == state.stored_through:
                self._waiting_since = None
            elif self._waiting_since is None:
                self._waiting_since = time.monotonic()
            waiting_since = self._waiting_since
        return LinkStatus(
            connected=self._connected.is_set(),
            recorded=state.recorded,
            receipted=state.stored_through,
            safe=state.safe_through,
            waiting_s=None if waiting_since is None else time.monotonic() - waiting_since,
        )

    # --- sending --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        steps = (self._recorder.flush_if_due, self.status, self._send_pending, self._say_hello_if_quiet)
        while not self._stopping.is_set():
            self._wake.wait(_TICK_S)
            self._wake.clear()
            for step in steps:
                try:
                    step()
                except Exception:  # a full disk must not keep what is ready from going up
                    log.exception("uplink_step_failed")
                    self._stopping.wait(1.0)

    def _send_pending(self) -> None:
        for each in self._outbox.pending(WINDOW):
            if not self._is_due(each.first_sequence):
                continue
            info = self.send("frame", each.frame, qos=1)
            if info is None:
                return
            self._last_said = time.monotonic()
            with self._lock:
                self._sent[each.first_sequence] = _Sent(self._last_said, info)

    def _is_due(self, first: int) -> bool:
        """Whether a frame is to be sent (again): never while the client still has it under way."""
        with self._lock:
            sent = self._sent.get(first)
        return sent is None or (sent.info.is_published() and time.monotonic() - sent.at >= RESEND_S)

    def _say_hello_if_quiet(self) -> None:
        rest = HEARTBEAT_S if self._answered else HELLO_S
        if not self._connected.is_set() or time.monotonic() - self._last_said < rest:
            return
        who = self._identity
        status = KioskStatus(epoch=who.epoch, recorded=self._outbox.state().recorded)
        if self.send("status", letters.write(STATUS, status, who.origin, who.device, who.server.seal)):
            self._last_said = time.monotonic()

    # --- the connection -------------------------------------------------------------------------------------------

    def _make_client(self) -> mqtt.Client:
        client = make_client(self._broker, self._identity.origin)
        client.max_inflight_messages_set(WINDOW)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        client: mqtt.Client,
        userdata: object,
        flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        del userdata, flags, properties
        if reason.is_failure:
            log.warning("broker_refused", reason=str(reason))
            return
        client.subscribe(topics.down(self._identity.district, self._identity.origin, "#"), qos=1)
        with self._lock:
            for sent in self._sent.values():
                sent.at = -RESEND_S  # whatever was not receipted by now is sent again at once
        self._last_said = -HEARTBEAT_S
        self._answered = False
        self._connected.set()
        self._wake.set()
        log.info("link_up")

    def _on_disconnect(self, *_: object) -> None:
        if self._connected.is_set():
            log.info("link_down")
        self._connected.clear()

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        del client, userdata
        channel = message.topic.rpartition("/")[2]
        listener = self._listeners.get(channel)
        if listener is None:
            log.warning("unknown_downlink", channel=channel)
            return
        try:
            listener(bytes(message.payload))
        except Exception:  # raised further it would end the client's thread, and with it the link
            log.exception("downlink_failed", channel=channel)

    def _on_receipt(self, signed: bytes) -> None:
        who = self._identity
        try:
            verified = receipt.verify(signed, who.server, who.district, who.origin, who.epoch)
            self._answered = True
            if self._outbox.apply(verified):
                self._waiting_since = None
                self._sent = {
                    first: at for first, at in self._sent.items() if first > verified.stored_through
                }
                self._wake.set()
        except (receipt.BadReceipt, ReceiptRejected) as error:
            log.warning("receipt_rejected", reason=str(error))
