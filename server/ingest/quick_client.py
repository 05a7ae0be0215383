"""paho's MQTT client, made quick for what ingest does all day: take messages of QoS 1, acknowledge, send receipts.

paho reads a packet in five small reads, builds objects around every message that nobody here asks for, and writes every
acknowledgement by itself; under load all that costs as much as writing the database does. Here reads are buffered, a
plain message is taken apart at once, and what is small and asks for no answer goes out together.

It overrides what paho calls private, so it holds for the paho pinned in `requirements`; `test_quick_client` tells.
"""

import contextlib
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MessageType, MQTTErrorCode

_READ = 256 << 10
_QOS, _PLAIN = 0x06, 0x02
"""The bits of a PUBLISH that say its QoS; as they are with QoS 1."""


class Received(NamedTuple):
    """What `on_message` is given, of what paho's own message has."""

    topic: str
    payload: bytes
    mid: int
    qos: int


class QuickClient(mqtt.Client):
    """As paho's client; `on_publish` is not called for QoS 0."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._read = b""
        self._at = 0
        self._soon: list[bytes | bytearray] = []
        self._soon_lock = threading.Lock()
        super().__init__(*args, **more)

    def reconnect(self) -> MQTTErrorCode:
        self._read, self._at = b"", 0
        with self._soon_lock:
            self._soon = []
        return super().reconnect()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Deal with everything that was read, as `select` would not wake for it."""
        code = super().loop_read(max_packets)
        while code == MQTTErrorCode.MQTT_ERR_SUCCESS and self._at < len(self._read):
            code = super().loop_read(max_packets)
        return code

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._at >= len(self._read):
            self._read, self._at = super()._sock_recv(max(bufsize, _READ)), 0
        start = self._at
        self._at = min(start + bufsize, len(self._read))
        return self._read[start : self._at]

    def _handle_publish(self) -> MQTTErrorCode:
        packet = self._in_packet["packet"]
        topic_end = 2 + int.from_bytes(packet[:2], "big")
        take = cast("Callable[..., None] | None", self.on_message)
        plain = self._in_packet["command"] & _QOS == _PLAIN and self._manual_ack
        if (
            take is None or not plain or len(packet) < topic_end + 3 or packet[topic_end + 2] != 0
        ):  # with properties
            return super()._handle_publish()
        try:
            topic = packet[2:topic_end].decode()
        except UnicodeDecodeError:
            return super()._handle_publish()
        mid = int.from_bytes(packet[topic_end : topic_end + 2], "big")
        take(self, None, Received(topic, bytes(packet[topic_end + 3 :]), mid, 1))
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _packet_queue(
        self,
        command: int,
        packet: bytes | bytearray,
        mid: int,
        qos: int,
        info: mqtt.MQTTMessageInfo | None = None,
    ) -> MQTTErrorCode:
        kind = command & 0xF0
        if kind != MessageType.PUBACK and (kind != MessageType.PUBLISH or qos):
            self._gather()
            return super()._packet_queue(command, packet, mid, qos, info)
        with self._soon_lock:
            self._soon.append(packet)
            first = len(self._soon) == 1
        if first and self._sockpairW is not None:
            with contextlib.suppress(BlockingIOError):  # then it is awake already
                self._sockpairW.send(b"0")
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def want_write(self) -> bool:
        self._gather()
        return super().want_write()

    def _packet_write(self) -> MQTTErrorCode:
        self._gather()
        return super()._packet_write()

    def _gather(self) -> None:
        """Queue what lies ready as if it were one packet: an acknowledgement, after which paho has nothing to do."""
        with self._soon_lock:
            if not self._soon:
                return
            together, self._soon = b"".join(self._soon), []
            self._out_packet.append(
                {
                    "command": MessageType.PUBACK,
                    "mid": 0,
                    "qos": 0,
                    "pos": 0,
                    "to_process": len(together),
                    "packet": together,
                    "info": None,
                }
            )
