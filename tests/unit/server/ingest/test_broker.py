"""What the server takes from its broker, without one."""

from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from provisioning.configuration import Broker
from server.ingest.broker import BrokerLink
from server.ingest.inbound import Inbound
from tests.unit.server.ingest_district import DISTRICT, Pen


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> mqtt.Client:
    made = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, manual_ack=True)  # type: ignore[attr-defined]
    monkeypatch.setattr("server.ingest.broker.make_client", lambda *_, **__: made)
    return made


def message(qos: int) -> mqtt.MQTTMessage:
    made = mqtt.MQTTMessage(topic=Pen.topic.encode())
    made.payload, made.qos = b"a frame", qos
    return made


@pytest.mark.parametrize(("qos", "taken"), [(0, []), (1, [b"a frame"])])
def test_only_what_the_broker_counts_until_it_is_acknowledged_is_taken(
    client: mqtt.Client, qos: int, taken: list[bytes]
) -> None:
    nowhere = Path("/nonexistent")
    broker = Broker(host="127.0.0.1", port=1, ca=nowhere, certificate=nowhere, key=nowhere)
    link = BrokerLink(broker, DISTRICT)
    inbox: list[Inbound] = []
    link.route("frame", inbox.append)
    assert client.on_message is not None
    client.on_message(client, None, message(qos))
    assert [each.payload for each in inbox] == taken
