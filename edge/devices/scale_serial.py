"""A scale on a serial port, whatever it speaks: connecting, polling, weighing, and what is said when nothing comes.

    SerialScale                      one thread asks four times a second and keeps the latest LiveReading
        |  one lock: one question at a time
    Dialect                          what is asked and what the answers mean: scale_sics.py, scale_and.py
        |
    Line                             one command, one answer, in step: scale_line.py

A new kind of scale is one more dialect. It is made anew for each connection, so that it can keep what it learnt of the
scale at the other end.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, Self, TypeVar

import structlog

from anganwadi.ids import Grams
from edge.devices.scale import (
    LiveReading,
    Reason,
    ScaleError,
    ScaleFault,
    ScaleIdentity,
    ScaleState,
    StableWeight,
)
from edge.devices.scale_line import ANSWER_SECONDS, Framing, Garbled, Line, LineBusy, LineGone, Silent
from edge.devices.scale_states import Outcome, disconnected, raise_if_hopeless, raise_unless_done, why_not

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
RECONNECT_SECONDS = 0.5
STALE_SECONDS = 1.5  # a reading older than this is no longer shown: something hangs
BUSY_SECONDS = 5.0  # longer than any honest question holds the line


class Dialect(Protocol):
    """How one kind of scale is spoken to. Any method may raise LineGone, Silent or Garbled: the line is then closed."""

    identity: ScaleIdentity
    """Who answered when the line got in step."""

    def look(self) -> LiveReading:
        """Ask for the weight at this moment, still or not."""
        ...

    def weigh(self) -> StableWeight | None:
        """Ask for the weight of a still load, to be recorded; None if it is not still, or there is none."""
        ...

    def hold_child(self, held: bool) -> None:
        """Let an adult with a child in her arms pass for still, or no longer, if the scale can be told."""
        ...

    def zero(self) -> Outcome:
        """Take the empty platform as zero."""
        ...

    def tare(self) -> Grams | Outcome:
        """Take the still load as the tare, and give it; or say why not."""
        ...

    def clear_tare(self) -> Outcome:
        """Forget the tare."""
        ...

    def restart(self) -> None:
        """Begin measuring again after a fault; the tare is forgotten, the zero kept."""
        ...


D = TypeVar("D", bound=Dialect)
T = TypeVar("T")


class SerialScale(Generic[D]):
    """A `Scale` on the serial port `port`, or on the first Pico found if that is "auto", speaking one dialect."""

    def __init__(
        self,
        dialect: Callable[[Line], D],
        port: str,
        baud: int,
        framing: Framing,
        *,
        rest_s: float = 0.0,
        answer_s: float = ANSWER_SECONDS,
    ) -> None:
        self._make_dialect = dialect
        self._open_line = lambda: Line(port, baud, framing, rest_s=rest_s, answer_s=answer_s)
        self._stale_s = STALE_SECONDS - ANSWER_SECONDS + answer_s + 3 * rest_s
        self._lock = threading.RLock()
        self._line: Line | None = None
        self._dialect: D | None = None
        self._news = threading.Condition()
        self._live = LiveReading(ScaleState.DISCONNECTED, time.monotonic(), reason=Reason.NOT_FOUND)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Connect if the scale is there, and keep asking; returns after the first answer or failure."""
        if self._thread is not None:
            return
        self._stopping.clear()
        self._round()
        self._thread = threading.Thread(target=self._poll, name="scale", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop asking and let the port go."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(BUSY_SECONDS)
            self._thread = None
        self._drop_line(Reason.NOT_FOUND, ScaleState.DISCONNECTED)

    def identity(self) -> ScaleIdentity:
        """Say which scale is connected."""
        dialect = self._dialect
        if dialect is None:
            raise disconnected(self._live)
        return dialect.identity

    def live(self) -> LiveReading:
        """Give the latest reading at once. One that has grown old is an error: no old weight is ever shown."""
        reading = self._live
        fresh = time.monotonic() - reading.at_monotonic <= self._stale_s
        if fresh or reading.state in (ScaleState.ERROR, ScaleState.DISCONNECTED):
            return reading
        return LiveReading(ScaleState.ERROR, time.monotonic(), reason=Reason.NO_ANSWER)

    def weigh(self, limit_s: float, *, held_child: bool = False) -> StableWeight:
        """Wait for a still load and give its weight, asked for after this call; raises as `Scale.weigh` says."""
        limit = time.monotonic() + limit_s
        with self._holding_child(held_child):
            while True:
                reading = self.live()
                if reading.state is ScaleState.STABLE:
                    weight = self._speak(lambda dialect: dialect.weigh())
                    if weight is not None:
                        return weight
                raise_if_hopeless(reading)
                if not self._wait_for_news(reading, limit):
                    raise_if_hopeless(self.live())
                    raise why_not(self.live())

    def zero(self) -> None:
        """Take the empty platform as zero."""
        raise_unless_done(self._speak(lambda dialect: dialect.zero()), self._live)

    def tare(self) -> Grams:
        """Take the still load as the tare."""
        tare = self._speak(lambda dialect: dialect.tare())
        if isinstance(tare, Outcome):
            raise_unless_done(tare, self._live)
            return Grams(0)
        return tare

    def clear_tare(self) -> None:
        """Forget the tare."""
        raise_unless_done(self._speak(lambda dialect: dialect.clear_tare()), self._live)

    def restart(self) -> None:
        """Begin measuring again after a fault."""
        with self._alone():
            self._speak(lambda dialect: dialect.restart())
            self._look()

    @contextlib.contextmanager
    def _holding_child(self, held: bool) -> Iterator[None]:
        """Let a child in arms pass for still meanwhile; a scale that cannot be told keeps its own limit."""
        if not held:
            yield
            return
        self._speak(lambda dialect: dialect.hold_child(True))
        try:
            yield
        finally:
            with contextlib.suppress(ScaleError):
                self._speak(lambda dialect: dialect.hold_child(False))

    # -- one question at a time --

    def _speak(self, say: Callable[[D], T]) -> T:
        """Let `say` have the line to itself; if it fails the line is dropped and the caller told why."""
        with self._alone():
            if self._dialect is None:
                raise disconnected(self._live)
            with self._line_errors():
                return say(self._dialect)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock; a question that hangs does not hang everybody."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise ScaleFault(Reason.NO_ANSWER)
        try:
            yield
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def _line_errors(self) -> Iterator[None]:
        """Drop a line that failed, and say why in the kiosk's words."""
        try:
            yield
        except LineGone as error:
            taken = isinstance(error, LineBusy)
            self._drop_line(Reason.PORT_TAKEN if taken else Reason.NOT_FOUND, ScaleState.DISCONNECTED)
            raise disconnected(self._live) from error
        except (Silent, Garbled) as error:
            reason = Reason.NO_ANSWER if isinstance(error, Silent) else Reason.GARBLED
            log.warning("scale_out_of_step", why=str(error))
            self._drop_line(reason)
            raise ScaleFault(reason) from error

    # -- the poller --

    def _poll(self) -> None:
        while not self._stopping.wait(RECONNECT_SECONDS if self._dialect is None else POLL_SECONDS):
            self._round()

    def _round(self) -> None:
        """Connect if need be, then look once. A failure is a state; the line is opened anew in the next round."""
        with contextlib.suppress(ScaleError), self._alone():
            if self._dialect is None:
                self._connect()
            self._look()

    def _connect(self) -> None:
        with self._line_errors():
            self._line = self._open_line()
            self._dialect = self._make_dialect(self._line)
        identity = self._dialect.identity
        log.info("scale_connected", device=identity.device_id, simulated=identity.simulated)

    def _look(self) -> None:
        self._tell(self._speak(lambda dialect: dialect.look()))

    def _drop_line(self, reason: Reason, state: ScaleState = ScaleState.ERROR) -> None:
        if self._line is not None:
            self._line.close()
            if not self._stopping.is_set():
                log.warning("scale_line_dropped", reason=reason.value)
        self._line = self._dialect = None
        self._tell(LiveReading(state, time.monotonic(), reason=reason))

    def _tell(self, reading: LiveReading) -> None:
        with self._news:
            self._live = reading
            self._news.notify_all()

    def _wait_for_news(self, seen: LiveReading, limit: float) -> bool:
        """Wait until there is something newer than `seen`, or it has grown old; False once the limit is past."""
        with self._news:
            rest = max(0.0, limit - time.monotonic())
            self._news.wait_for(lambda: self._live is not seen, min(rest, self._stale_s))
        return time.monotonic() < limit
