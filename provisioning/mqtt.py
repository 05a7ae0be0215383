"""An MQTT 5 client as the district's broker wants it: TLS 1.3, a certificate of the district's authority, back-off."""

import ssl

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from provisioning.configuration import Broker


def make_client(
    broker: Broker, client_id: str, *, manual_ack: bool = False, patience_s: int = 30
) -> mqtt.Client:
    """A client that is not connected yet; once it is, it reconnects by itself, resting `patience_s` at most.

    Raises:
        FileNotFoundError: the certificate, its key or the authority's certificate is not there.
    """
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5, manual_ack=manual_ack
    )
    context = ssl.create_default_context(cafile=str(broker.ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(broker.certificate, broker.key)
    client.tls_set_context(context)
    client.reconnect_delay_set(min_delay=1, max_delay=patience_s)
    return client
