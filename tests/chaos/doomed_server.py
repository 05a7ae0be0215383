"""The server as always, but for one thing: it can be told to kill itself between a commit and its receipt.

    AANGAN_CHAOS_TRIGGER=/some/file python -m tests.chaos.doomed_server run --config server.toml

While the file is there, the next receipt that ingest wants to send after it stored new events is not sent: the process
takes the file away and dies of SIGKILL, after the commit, with nobody told.
"""

import os
import signal
from pathlib import Path

import msgspec

from anganwadi.wire.receipt import Receipt
from anganwadi.wire.sealing import SIGNATURE_BYTES
from server.__main__ import program
from server.ingest import broker


class Doom:
    """Stands before `BrokerLink.publish`."""

    def __init__(self, trigger: Path) -> None:
        self._trigger = trigger
        self._publish = broker.BrokerLink.publish
        self._stored: dict[str, int] = {}

    def install(self) -> None:
        doom = self

        def publish(self: broker.BrokerLink, topic: str, payload: bytes) -> None:
            if topic.endswith(f"/{broker.RECEIPT}"):
                doom.die_if_told(msgspec.msgpack.decode(payload[:-SIGNATURE_BYTES], type=Receipt))
            doom._publish(self, topic, payload)

        broker.BrokerLink.publish = publish

    def die_if_told(self, receipt: Receipt) -> None:
        """Where the receipt is the first to tell of events that this process stored."""
        before = self._stored.get(receipt.origin)
        self._stored[receipt.origin] = receipt.stored_through
        if before is not None and receipt.stored_through > before and self._trigger.exists():
            self._trigger.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Doom(Path(os.environ["AANGAN_CHAOS_TRIGGER"])).install()
    program()
