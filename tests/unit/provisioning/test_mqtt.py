"""The connection's own thread."""

import threading
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from provisioning.backoff import BackOff
from provisioning.mqtt import Connection


class _Socket:
    def close(self) -> None:
        raise OSError(5, "Input/output error")


class _NoBroker(mqtt.Client):
    """Does not connect, and its socket cannot be closed."""

    def __init__(self) -> None:
        super().__init__(CallbackAPIVersion.VERSION2)
        self.tries = 0
        self.tried_again = threading.Event()

    def connect_async(self, *_: object, **__: object) -> None: ...

    def reconnect(self):
        self.tries += 1
        if self.tries > 1:
            self.tried_again.set()
        raise OSError("no route to host")

    def disconnect(self, *_: object, **__: object):
        return mqtt.MQTT_ERR_NO_CONN

    def socket(self) -> Any:
        return _Socket()


class _Broker:
    host, port = "localhost", 1


def test_a_socket_that_cannot_be_closed_does_not_end_the_thread():
    client = _NoBroker()
    connection = Connection(client, BackOff(0.001, 0.001), lambda _: None)
    connection.start(_Broker, keepalive_s=5)  # type: ignore[arg-type]
    assert client.tried_again.wait(10)
    connection.stop()
