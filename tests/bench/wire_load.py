"""The load of the wire bench, a process of its own: sends the made frames over MQTT and TLS, and waits for receipts.

    python -m tests.bench.wire_load PLAN.json

One connection speaks for all kiosks (the bench's broker lets it), since a frame's signature, not its connection, proves
whose it is. No more is under way at once than the broker keeps for a subscriber, so that nothing has to be sent twice.
Prints the seconds from the first frame sent to the last receipt.
"""

import mmap
import sys
import threading
import time
from collections import deque
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from anganwadi.ids import Origin
from anganwadi.wire import topics
from anganwadi.wire.receipt import Receipt
from anganwadi.wire.sealing import SIGNATURE_BYTES
from provisioning.configuration import Broker
from provisioning.mqtt import make_client
from tests.bench.wire_frames import DISTRICT, Made

WINDOW_FRAMES = 1500
WINDOW_BYTES = 16 << 20
NOTHING_FOR_S = 60.0
"""Seconds without a receipt after which the server is taken for dead."""


class Plan(msgspec.Struct, frozen=True):
    """What to send, and where to."""

    host: str
    port: int
    ca: str
    certificate: str
    key: str
    frames: str
    made: list[Made]


class Result(msgspec.Struct, frozen=True):
    seconds: float
    receipts: int


class Load:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._changed = threading.Condition()
        self._open = threading.Event()
        self._under_way: dict[Origin, deque[Made]] = {}
        self._frames = self._bytes = self._receipts = 0
        self._heard = time.monotonic()
        broker = Broker(
            host=plan.host,
            port=plan.port,
            ca=Path(plan.ca),
            certificate=Path(plan.certificate),
            key=Path(plan.key),
        )
        self._client = make_client(broker, "load")
        self._client.max_inflight_messages_set(200)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._open.set()
        self._client.on_message = self._on_message
        self._client.connect_async(plan.host, plan.port)
        self._client.loop_start()

    def run(self) -> Result:
        assert self._open.wait(20), "the broker did not let the load in"
        with Path(self._plan.frames).open("rb") as file:
            stored = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            began = time.perf_counter()
            for each in self._plan.made:
                self._wait(lambda: self._frames < WINDOW_FRAMES and self._bytes < WINDOW_BYTES)
                with self._changed:
                    self._under_way.setdefault(each.origin, deque()).append(each)
                    self._frames, self._bytes = self._frames + 1, self._bytes + each.length
                payload = stored[each.offset : each.offset + each.length]
                self._client.publish(topics.up(DISTRICT, each.origin, "frame"), payload, qos=1)
            self._wait(lambda: self._frames == 0)
            took = time.perf_counter() - began
        self._client.disconnect()
        self._client.loop_stop()
        return Result(took, self._receipts)

    def _wait(self, condition) -> None:
        with self._changed:
            while not self._changed.wait_for(condition, timeout=5.0):
                assert time.monotonic() - self._heard < NOTHING_FOR_S, (
                    f"no receipt for {NOTHING_FOR_S:.0f} s, {self._frames} frames are under way"
                )

    def _on_connect(
        self,
        client: mqtt.Client,
        userdata: object,
        flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        assert not reason.is_failure, f"the broker refused: {reason}"
        client.subscribe(f"{topics.PREFIX}/{DISTRICT}/+/down/receipt", qos=0)

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        receipt = msgspec.msgpack.decode(message.payload[:-SIGNATURE_BYTES], type=Receipt)
        with self._changed:
            self._receipts += 1
            self._heard = time.monotonic()
            waiting = self._under_way.get(receipt.origin, deque())
            while waiting and waiting[0].last <= receipt.stored_through:
                self._frames, self._bytes = self._frames - 1, self._bytes - waiting.popleft().length
            self._changed.notify_all()


def main() -> None:
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    sys.stdout.write(msgspec.json.encode(Load(plan).run()).decode() + "\n")


if __name__ == "__main__":
    main()
