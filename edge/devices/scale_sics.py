"""The kiosk's scale: any MT-SICS scale on a serial port, Aangan's own Pico first of all.

A thread asks `SI` four times a second and keeps the latest `LiveReading`; it also connects, and connects again
after an unplugging. `weigh` waits until that reading stands still, then takes the official value by `S` and, from an
Aangan scale, the raw counts behind it by `XR`, and compares the two. One lock holds the line to one question at a time.

    with SicsScale("/dev/ttyACM0") as scale:
        print(scale.live().state, scale.weigh(limit_s=20).grams)
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Self, TypeVar

import msgspec
import structlog

from anganwadi.ids import Grams
from edge.devices import scale_sics_calibration as calibrating
from edge.devices import scale_sics_wire as wire
from edge.devices.scale import (
    LiveReading,
    Reason,
    ScaleDisconnected,
    ScaleError,
    ScaleFault,
    ScaleIdentity,
    ScaleState,
    StableWeight,
)
from edge.devices.scale_calibration import Calibration
from edge.devices.scale_sics_line import ANSWER_SECONDS, LineGone, SicsLine, Silent
from edge.devices.scale_sics_meaning import (
    EMPTY_GRAMS,
    accept,
    agree,
    raise_if_hopeless,
    reason_of,
    stable_weight,
    state_of,
    why_not,
)
from edge.devices.scale_sics_wire import Garbled, RawAnswer, Status

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
RECONNECT_SECONDS = 0.5
STABLE_ANSWER_SECONDS = 7.0  # an Aangan scale answers `S I` to a waiting `S` after five

T = TypeVar("T")


class SicsScale:
    """A `Scale` on the serial port `port`, or on the first Pico found if that is "auto"."""

    def __init__(self, port: str = "auto") -> None:
        self._port = port
        self._lock = threading.RLock()
        self._line: SicsLine | None = None
        self._identity: ScaleIdentity | None = None
        self._tells_raw = False
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
            self._thread.join()
            self._thread = None
        with self._lock:
            self._drop_line(Reason.NOT_FOUND, ScaleState.DISCONNECTED)

    def identity(self) -> ScaleIdentity:
        """Say which scale is connected."""
        identity = self._identity
        if identity is None:
            raise ScaleDisconnected(ScaleState.DISCONNECTED)
        return identity

    def live(self) -> LiveReading:
        """Give the latest reading at once."""
        return self._live

    def weigh(self, limit_s: float, *, held_child: bool = False) -> StableWeight:
        """Wait for a still load and give its weight; raises as `Scale.weigh` says."""
        limit = time.monotonic() + limit_s
        with self._surroundings(held_child):
            while True:
                reading = self._live
                if reading.state is ScaleState.STABLE:
                    weight = self._capture()
                    if weight is not None:
                        return weight
                raise_if_hopeless(reading)
                if not self._wait_for_news(reading, limit):
                    raise why_not(self._live)

    def zero(self) -> None:
        """Take the empty platform as zero."""
        accept(self._ask("Z", partial(wire.outcome, command="Z")), self._live)

    def tare(self) -> Grams:
        """Take the still load as the tare."""
        answer = self._ask("T", partial(wire.weight, command="T"))
        accept("A" if answer.grams is not None else answer.status.value, self._live)
        return Grams(answer.grams or 0)

    def clear_tare(self) -> None:
        """Forget the tare."""
        accept(self._ask("TAC", partial(wire.outcome, command="TAC")), self._live)

    def restart(self) -> None:
        """Begin measuring again after a fault."""
        with self._lock:
            self._ask("@", partial(wire.quoted, command="I4"))
            self._observe()

    # -- calibration: edge.devices.scale_calibration.CalibratedScale --

    def calibrate_empty(self) -> None:
        """Take this still reading as the empty platform."""
        self._calibrate(calibrating.EMPTY)

    def calibrate_mass(self, mass: Grams) -> None:
        """Take this still reading as that of `mass`."""
        self._calibrate(calibrating.mass_command(mass))

    def calibrate_finish(self, day: date) -> None:
        """Make the calibration of the points taken, keep it as of `day` and use it."""
        with self._lock:
            self._calibrate(calibrating.finish_command(day))
            self._identity = msgspec.structs.replace(self.identity(), calibration_date=day)

    def calibration(self) -> Calibration | None:
        """Give the calibration in force, or None."""
        return self._ask(calibrating.TELL, calibrating.kept)

    def _calibrate(self, command: str) -> None:
        with self._lock:
            outcome = self._ask(command, calibrating.outcome)
            if outcome == "A":
                return
            raise_if_hopeless(self._live)
            raise calibrating.why_not(command, outcome, self._ask("XR", wire.raw))

    # -- the official value --

    def _capture(self) -> StableWeight | None:
        """Take the value by `S`, and check it against `XR`; None if the load moved meanwhile."""
        with self._lock:
            answer = self._ask("S", wire.weight, STABLE_ANSWER_SECONDS)
            at = time.monotonic()
            if answer.status is not Status.STABLE or answer.grams is None or answer.grams <= EMPTY_GRAMS:
                return None
            identity = self.identity()
            if not self._tells_raw:
                return stable_weight(answer.grams, at, identity, None)
            raw = self._ask("XR", wire.raw)
            return stable_weight(answer.grams, at, identity, raw) if agree(answer.grams, raw) else None

    @contextlib.contextmanager
    def _surroundings(self, held_child: bool) -> Iterator[None]:
        """Let 100 g pass for still while a child is held; a scale without `M02` keeps its own limit."""
        if not held_child:
            yield
            return
        self._set_surroundings("3")
        try:
            yield
        finally:
            with contextlib.suppress(ScaleError):
                self._set_surroundings("1")

    def _set_surroundings(self, kind: str) -> None:
        if self._tells_raw:  # a bought scale keeps its own rule for what is still
            self._ask(f"M02 {kind}", partial(wire.outcome, command="M02"))

    # -- one question at a time --

    def _ask(self, command: str, read: Callable[[str], T], limit_s: float = ANSWER_SECONDS) -> T:
        """Ask and read the answer by `read`; if either fails the line is dropped and the caller told why."""
        with self._lock:
            if self._line is None:
                raise ScaleDisconnected(ScaleState.DISCONNECTED)
            try:
                return read(self._line.ask(command, limit_s))
            except LineGone as error:
                self._drop_line(Reason.NOT_FOUND, ScaleState.DISCONNECTED)
                raise ScaleDisconnected(ScaleState.DISCONNECTED) from error
            except Silent as error:
                self._drop_line(Reason.NO_ANSWER)
                raise ScaleFault(Reason.NO_ANSWER) from error
            except Garbled as error:
                self._drop_line(Reason.GARBLED)
                raise ScaleFault(Reason.GARBLED) from error

    # -- the poller --

    def _poll(self) -> None:
        while not self._stopping.wait(RECONNECT_SECONDS if self._line is None else POLL_SECONDS):
            self._round()

    def _round(self) -> None:
        """Connect if need be, then look once. A failure is a state; the line is opened anew in the next round."""
        with self._lock, contextlib.suppress(ScaleError):
            if self._line is None:
                self._connect()
            self._observe()

    def _connect(self) -> None:
        try:
            self._line = SicsLine(self._port)
        except LineGone as error:
            self._drop_line(Reason.NOT_FOUND, ScaleState.DISCONNECTED)
            raise ScaleDisconnected(ScaleState.DISCONNECTED) from error
        except (Silent, Garbled) as error:
            self._drop_line(Reason.NO_ANSWER)
            raise ScaleFault(Reason.NO_ANSWER) from error
        raw = self._ask("XR", wire.raw_if_known)
        self._tells_raw = raw is not None
        self._set_surroundings("1")  # a kiosk that died while weighing a held child left the wider limit
        self._identity = ScaleIdentity(
            device_id=self._line.device_id,
            model=self._ask("I2", partial(wire.quoted, command="I2")),
            firmware=self._ask("I3", partial(wire.quoted, command="I3")),
            calibration_date=raw.calibrated if raw else None,
        )
        log.info("scale_connected", device=self._identity.device_id, simulated=self._identity.simulated)

    def _observe(self) -> None:
        """Ask `SI` and tell what it says."""
        answer = self._ask("SI", wire.weight)
        raw: RawAnswer | None = None
        if answer.grams is None and self._tells_raw:
            raw = self._ask("XR", wire.raw)
        reason = reason_of(answer, raw)
        self._tell(state_of(answer, reason), answer.grams, reason)

    def _drop_line(self, reason: Reason, state: ScaleState = ScaleState.ERROR) -> None:
        if self._line is not None:
            self._line.close()
            log.warning("scale_line_dropped", reason=reason.value)
        self._line = None
        self._identity = None
        self._tell(state, None, reason)

    def _tell(self, state: ScaleState, grams: Grams | None, reason: Reason | None) -> None:
        with self._news:
            self._live = LiveReading(state, time.monotonic(), grams, reason)
            self._news.notify_all()

    def _wait_for_news(self, seen: LiveReading, limit: float) -> bool:
        """Wait until there is a newer reading than `seen`; False when the limit comes first."""
        with self._news:
            return self._news.wait_for(lambda: self._live is not seen, limit - time.monotonic())
