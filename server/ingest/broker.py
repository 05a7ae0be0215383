"""The server's MQTT client: hands frames to ingest and letters to the log-in desk, publishes what they answer."""

from collections.abc import Callable, Iterable

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import topics
from provisioning.backoff import BackOff
from provisioning.configuration import Broker
from provisioning.mqtt import Connection, make_client
from server.ingest.inbound import Inbound
from server.ingest.quick_client import QuickClient, Received

RECEIVE_MAXIMUM = 500
"""Messages the broker may have under way to us unacknowledged."""

SESSION_S = 60
"""How long the broker keeps for us what came while we were away; kiosks send again whatever is not receipted."""

KEEPALIVE_S = 30
FIRST_REST_S, LONGEST_REST_S = 1.0, 10.0

RECEIPT, HELLO = "receipt", "hello"

log = structlog.get_logger(__name__)


class BrokerLink:
    """One connection to the district's broker. `route` says who takes a channel's messages.

    With a `group` this is one of several ingest workers that share what comes in. Nothing is kept for it while it is
    away: a member that is offline would hold back its share of everything.

    `kiosks` names those to greet when this server has come up, or has been away so long that the broker forgot it:
    a kiosk that is idle, or rests between two tries, then says at once what it has.
    """

    def __init__(
        self,
        broker: Broker,
        district: DistrictId,
        client_id: str = "server",
        kiosks: Callable[[], Iterable[Origin]] = tuple,
        *,
        group: str | None = None,
    ) -> None:
        self._broker = broker
        self._district = district
        self._kiosks = kiosks
        self._group = group
        self._greeted = False
        self._routes: dict[str, Callable[[Inbound], None]] = {}
        client = make_client(broker, client_id, manual_ack=True, kind=QuickClient)
        client.on_message = self._on_message
        self._connection = Connection(client, BackOff(FIRST_REST_S, LONGEST_REST_S), self._on_up)

    def route(self, channel: str, take: Callable[[Inbound], None]) -> None:
        self._routes[channel] = take

    def start(self) -> None:
        """Connect, and stay connected, in the background."""
        connect = Properties(PacketTypes.CONNECT)
        connect.ReceiveMaximum = RECEIVE_MAXIMUM
        connect.SessionExpiryInterval = SESSION_S if self._group is None else 0
        self._connection.start(
            self._broker,
            keepalive_s=KEEPALIVE_S,
            clean_start=self._group is not None,
            properties=connect,
        )

    def stop(self) -> None:
        self._connection.stop()

    def is_up(self) -> bool:
        return self._connection.is_up()

    def publish(self, topic: str, payload: bytes) -> None:
        """Send down. Nothing is kept for a kiosk that is away: it asks, or sends again, when it is back.

        A receipt goes without an acknowledgement: one that is lost costs less than acknowledging all of them.
        """
        qos = 0 if topic.endswith(f"/{RECEIPT}") else 1
        self._connection.publish(topic, payload, qos)

    def _on_up(self, session_present: bool) -> None:
        share = "" if self._group is None else f"$share/{self._group}/"
        self._connection.subscribe(
            [f"{share}{topics.PREFIX}/{self._district}/+/up/{channel}" for channel in self._routes]
        )
        if not (session_present and self._greeted):
            self._greet()

    def _greet(self) -> None:
        """Tell every kiosk that we are here. It is a hint, not signed: all it brings about is a status."""
        try:
            kiosks = list(self._kiosks())
        except Exception:  # without the database nothing can be stored either; the link itself must stand
            log.exception("nobody_greeted")
            return
        for kiosk in kiosks:
            self._connection.publish(topics.down(self._district, kiosk, HELLO), b"", 0)
        self._greeted = True

    def _on_message(
        self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage | Received
    ) -> None:
        del userdata
        # No kiosk of ours sends with QoS 0, of which the broker would give us any number at once.
        if message.qos == 0:
            return
        life = self._connection.life

        def acknowledge() -> None:
            if self._connection.life == life:  # else it comes again, perhaps under another number
                client.ack(message.mid, message.qos)

        inbound = Inbound(message.topic, bytes(message.payload), acknowledge)
        take = self._routes.get(message.topic.rpartition("/")[2])
        if take is None:
            inbound.acknowledge()
            return
        take(inbound)
