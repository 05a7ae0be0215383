"""The MQTT link: keeps the outbox flowing, applies receipts, and carries letters both ways.

Nothing counts as delivered on the broker's word: a frame is sent again until the server's signed receipt covers it.
A backlog goes up oldest first; what is recorded while it drains goes up in between, so that nobody waits for last week
to arrive. Every byte costs the centre money: an idle link says that it is there twice an hour.
"""

import random
import threading
import time
from collections.abc import Callable

import msgspec
import paho.mqtt.client as mqtt
import structlog

from anganwadi.wire import letters, receipt, topics
from anganwadi.wire.gap import GAP
from anganwadi.wire.login import STATUS, KioskStatus
from edge.settings import LinkSettings
from edge.store.outbox import Outbox, OutboxFrame, ReceiptRejected
from edge.store.recorder import Identity, Recorder
from edge.sync.pacing import Flight, Resends
from provisioning.backoff import BackOff
from provisioning.configuration import Broker
from provisioning.mqtt import Connection, make_client

WINDOW = 20
"""Frames without a receipt that may have been sent: the oldest so many, and the newest so many."""

HELLO_S, LONGEST_HELLO_S = 5.0, 300.0
"""How soon a status the server did not answer is said again, at first and at most."""

GREETING_SPREAD_S = 5.0
"""Over how long the district's kiosks spread their answers to a server that has just come up."""

_TICK_S = 0.25

log = structlog.get_logger(__name__)


class LinkStatus(msgspec.Struct, frozen=True):
    """How the outbox stands with the server; counts are events. `waiting_s` is the age of the oldest one the server
    has not receipted, `unsafe_s` of the oldest one that is in no backup of it; None where there is none."""

    connected: bool
    recorded: int
    receipted: int
    safe: int
    waiting_s: float | None
    unsafe_s: float | None = None


class Uplink:
    """One kiosk's link. `start` returns at once; the link comes up, and comes back, by itself.

    `status` says how the kiosk is; it is sent when the link comes up, at every heartbeat, and after `say_status`.
    """

    def __init__(
        self,
        identity: Identity,
        broker: Broker,
        outbox: Outbox,
        recorder: Recorder,
        status: Callable[[], KioskStatus],
        *,
        settings: LinkSettings | None = None,
    ) -> None:
        self._identity = identity
        self._broker = broker
        self._outbox = outbox
        self._recorder = recorder
        self._status = status
        self._settings = settings or LinkSettings()
        self._listeners: dict[str, Callable[[bytes], None]] = {
            "receipt": self._on_receipt,
            "hello": self._on_hello,
        }
        self._flight = Flight()
        self._resends = Resends()
        self._fresh_from = 0
        self._fresh_next = True
        self._asked_to_say = False
        self._greeted = False
        self._say_at = float("inf")
        self._unanswered = 0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        client = make_client(broker, identity.origin)
        client.on_message = self._on_message
        client.on_publish = lambda *_: self._wake.set()
        self._connection = Connection(
            client,
            BackOff(self._settings.first_rest_s, self._settings.longest_rest_s),
            self._on_up,
            lambda: self._flight.is_dead(self._connection.silent_s()),
        )
        self._sender = threading.Thread(target=self._run, name="uplink", daemon=True)

    def start(self) -> None:
        self._connection.start(self._broker, keepalive_s=self._settings.keepalive_s)
        self._sender.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._sender.is_alive():
            self._sender.join(timeout=5)
        self._connection.stop()

    def wake(self) -> None:
        """Say that there may be something to send."""
        self._wake.set()

    def reach(self, limit_s: float) -> bool:
        """Somebody waits for the server: where the link is down, try at once. Whether it is up within `limit_s`."""
        return self._connection.wait_up(limit_s)

    def say_status(self) -> None:
        """Let the server know how the kiosk is, now."""
        self._asked_to_say = True
        self._wake.set()

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> None:
        """Hand whatever comes down on `channel` to `listener`, on the link's thread."""
        self._listeners[channel] = listener

    def send(self, channel: str, message: bytes) -> mqtt.MQTTMessageInfo | None:
        """Send one message on the present connection; None where there is none. It is not sent again by itself. The
        broker has to acknowledge it, or the connection is taken for dead."""
        topic = topics.up(self._identity.district, self._identity.origin, channel)
        info = self._connection.publish(topic, message, qos=1)
        if info is not None:
            self._flight.add(info, len(message))
        return info

    def status(self) -> LinkStatus:
        state, now_ms = self._outbox.state(), self._outbox.clock.read().wall_ms
        return LinkStatus(
            connected=self._connection.is_up(),
            recorded=state.recorded,
            receipted=state.stored_through,
            safe=state.safe_through,
            waiting_s=_age_s(state.unreceipted_since_ms, now_ms),
            unsafe_s=_age_s(state.unsafe_since_ms, now_ms),
        )

    # --- sending --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        steps = (self._recorder.flush_if_due, self._send_gap, self._send_pending, self._say_how_it_is)
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
        """Send as many frames as the line takes now."""
        self._flight.settle()
        while self._connection.is_up() and self._flight.has_room(0):
            each = self._next_frame()
            if each is None or not self._flight.has_room(len(each.frame)):
                return
            delivery = self.send("frame", each.frame)
            if delivery is None:
                return
            self._note_sent(each.first_sequence, delivery)
            self._fresh_next = each.first_sequence <= self._fresh_from

    def _next_frame(self) -> OutboxFrame | None:
        """Of what is due: the oldest, and in turns the oldest of those recorded since the link came up."""
        if self._fresh_next:
            newest = self._outbox.pending(WINDOW, newest_first=True)
            for each in reversed(newest):
                if each.first_sequence > self._fresh_from and self._resends.is_due(each.first_sequence):
                    return each
        oldest = self._outbox.pending(WINDOW)
        return next((each for each in oldest if self._resends.is_due(each.first_sequence)), None)

    def _note_sent(self, key: int | str, delivery: mqtt.MQTTMessageInfo) -> None:
        self._resends.note(key, delivery)
        if not self._unanswered:
            self._say_at = time.monotonic() + self._settings.heartbeat_s

    def _send_gap(self) -> None:
        """Tell the server of events that are lost, until it says it knows."""
        lost = self._outbox.gap()
        if lost is not None and self._resends.is_due(GAP):
            delivery = self._send_letter(GAP, lost)
            if delivery is not None:
                self._note_sent(GAP, delivery)

    def _say_how_it_is(self) -> None:
        due = self._asked_to_say or time.monotonic() >= self._say_at
        if not due or not self._connection.is_up():
            return
        self._asked_to_say = False
        if self._greeted:  # whatever was sent to nobody goes again
            self._greeted = False
            self._resends.forget()
        if self._send_letter(STATUS, self._status()) is None:
            self._asked_to_say = True
            return
        self._say_at = time.monotonic() + min(HELLO_S * 2**self._unanswered, LONGEST_HELLO_S)
        self._unanswered = min(self._unanswered + 1, 10)

    def _send_letter(self, kind: str, content: msgspec.Struct) -> mqtt.MQTTMessageInfo | None:
        who = self._identity
        letter = letters.write(kind, content, who.origin, who.device, who.server.seal)
        return self.send(kind, letter)

    # --- on the connection's thread -------------------------------------------------------------------------------

    def _on_up(self, session_present: bool) -> None:
        del session_present
        self._flight.begin()
        self._resends.forget()
        self._fresh_from = self._outbox.state().recorded
        self._unanswered = 0
        self._connection.subscribe([topics.down(self._identity.district, self._identity.origin, "#")])
        self.say_status()

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        del client, userdata
        channel = message.topic.rpartition("/")[2]
        listener = self._listeners.get(channel)
        if listener is None:
            log.warning("unknown_downlink", channel=channel)
            return
        try:
            listener(bytes(message.payload))
        except Exception:  # raised further it would end the connection
            log.exception("downlink_failed", channel=channel)

    def _on_hello(self, _: bytes) -> None:
        """The server came up: say what it missed, though not all kiosks at once."""
        self._greeted = True
        self._say_at = min(self._say_at, time.monotonic() + random.uniform(0, GREETING_SPREAD_S))  # noqa: S311

    def _on_receipt(self, signed: bytes) -> None:
        who = self._identity
        try:
            verified = receipt.verify(signed, who.server, who.district, who.origin, who.epoch)
            self._outbox.apply(verified)
        except (receipt.BadReceipt, ReceiptRejected) as error:
            log.warning("receipt_rejected", reason=str(error))
            return
        self._resends.heard(verified.stored_through)
        if self._unanswered:
            self._unanswered = 0
            self._say_at = time.monotonic() + self._settings.heartbeat_s
        self._wake.set()


def _age_s(since_ms: int | None, now_ms: int) -> float | None:
    """Seconds since then by the centre's clock; 0 where that was set back behind it."""
    return None if since_ms is None else max(0.0, (now_ms - since_ms) / 1000)
