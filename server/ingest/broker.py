"""The server's MQTT client: hands frames to ingest and letters to the log-in desk, publishes what they answer."""

import threading
from collections.abc import Callable

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from anganwadi.ids import DistrictId
from anganwadi.wire import topics
from provisioning.configuration import Broker
from provisioning.mqtt import make_client
from server.ingest.worker import Inbound

RECEIVE_MAXIMUM = 500
"""Messages the broker may have under way to us unacknowledged."""

SESSION_S = 60
"""How long the broker keeps for us what came while we were away; kiosks send again whatever is not receipted."""

log = structlog.get_logger(__name__)


class BrokerLink:
    """One connection to the district's broker. `routes` maps a channel to who takes its messages."""

    def __init__(self, broker: Broker, district: DistrictId, client_id: str = "server") -> None:
        self._broker = broker
        self._district = district
        self._routes: dict[str, Callable[[Inbound], None]] = {}
        self._up = threading.Event()
        self._client = self._make_client(client_id)

    def route(self, channel: str, take: Callable[[Inbound], None]) -> None:
        self._routes[channel] = take

    def start(self) -> None:
        """Connect, and stay connected, in the background."""
        connect = Properties(PacketTypes.CONNECT)
        connect.ReceiveMaximum = RECEIVE_MAXIMUM
        connect.SessionExpiryInterval = SESSION_S
        self._client.connect_async(
            self._broker.host, self._broker.port, keepalive=30, clean_start=False, properties=connect
        )
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def is_up(self) -> bool:
        return self._up.is_set()

    def publish(self, topic: str, payload: bytes) -> None:
        """Send down. Nothing is kept for a kiosk that is away: it asks, or sends again, when it is back."""
        self._client.publish(topic, payload, qos=1)

    def _make_client(self, client_id: str) -> mqtt.Client:
        client = make_client(self._broker, client_id, manual_ack=True, patience_s=10)
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
            log.error("broker_refused", reason=str(reason))
            return
        client.subscribe(
            [(f"{topics.PREFIX}/{self._district}/+/up/{channel}", 1) for channel in self._routes]
        )
        self._up.set()
        log.info("broker_up")

    def _on_disconnect(self, *_: object) -> None:
        self._up.clear()
        log.info("broker_down")

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        del userdata

        def acknowledge() -> None:
            client.ack(message.mid, message.qos)

        inbound = Inbound(message.topic, bytes(message.payload), acknowledge)
        take = self._routes.get(message.topic.rpartition("/")[2])
        if take is None:
            inbound.acknowledge()
            return
        take(inbound)
