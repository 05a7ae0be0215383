"""The kiosk's scale: any MT-SICS scale on a serial port, Aangan's own Pico first of all.

    with SicsScale("/dev/ttyACM0") as scale:
        print(scale.live().state, scale.weigh(limit_s=20).grams)

The weight is asked by `SI`, which marks a still one as `S` does but never keeps the kiosk waiting. For a weight to be
recorded an Aangan scale is also asked for the raw counts behind it, by `XR`, and the two are compared.
"""

import time
from datetime import date

import msgspec

from anganwadi.ids import Grams
from edge.devices import scale_sics_calibration as calibrating
from edge.devices import scale_sics_wire as wire
from edge.devices.scale import LiveReading, ScaleIdentity, ScaleState, StableWeight
from edge.devices.scale_calibration import Calibration
from edge.devices.scale_line import ANSWER_SECONDS, Framing, Line
from edge.devices.scale_serial import SerialScale
from edge.devices.scale_sics_meaning import agree, reason_of, stable_weight, state_of
from edge.devices.scale_sics_wire import RawAnswer
from edge.devices.scale_states import Outcome, raise_if_hopeless

BAUD = 9600  # as Mettler-Toledo's scales leave the factory; over a Pico's USB the speed does not matter

GREETING = "\r\nSI\r\n"  # ends a half-sent command and a running `SIR`
WHO = ("I4", "I2", "I3")  # serial number, model, firmware: every MT-SICS scale answers these


class SicsDialect:
    """MT-SICS of level 0 and 1, with `XR`, `XC` and `M02` where the scale is Aangan's own."""

    def __init__(self, line: Line) -> None:
        """Get in step and ask who is there."""
        self._line = line
        readers = [(command, lambda answer, command=command: wire.quoted(answer, command)) for command in WHO]
        device_id, model, firmware = line.get_in_step(GREETING, readers)
        raw = wire.raw_if_known(line.ask("XR"))
        self._is_ours = raw is not None
        self.identity = ScaleIdentity(
            device_id=device_id,
            model=model,
            firmware=firmware,
            calibration_date=raw.calibrated if raw else None,
        )
        self.hold_child(False)  # a kiosk that died while weighing a held child left the wider limit

    def look(self) -> LiveReading:
        """Ask `SI`, and for the sensor's own word where there is no number."""
        answer = wire.weight(self._line.ask("SI"))
        reason = reason_of(answer, None if answer.grams is not None else self.sensor())
        return LiveReading(state_of(answer, reason), time.monotonic(), answer.grams, reason)

    def weigh(self) -> StableWeight | None:
        """Take the value by `SI`, and check it against `XR`; None if the load is not still."""
        answer = wire.weight(self._line.ask("SI"))
        at = time.monotonic()
        if answer.grams is None or state_of(answer, None) is not ScaleState.STABLE:
            return None
        raw = self.sensor()
        if raw is not None and not agree(answer.grams, raw):
            return None
        return stable_weight(answer.grams, at, self.identity, raw)

    def hold_child(self, held: bool) -> None:
        """`M02`: 100 g instead of 20 g. A bought scale keeps its own rule for what is still."""
        if self._is_ours:
            wire.outcome(self._line.ask("M02 3" if held else "M02 1"), "M02")

    def zero(self) -> Outcome:
        """`Z`."""
        return wire.outcome(self._line.ask("Z"), "Z")

    def tare(self) -> Grams | Outcome:
        """`T`, which is answered by the tare."""
        answer = wire.weight(self._line.ask("T"), "T")
        return answer.grams if answer.grams is not None else Outcome(answer.status)

    def clear_tare(self) -> Outcome:
        """`TAC`."""
        return wire.outcome(self._line.ask("TAC"), "TAC")

    def restart(self) -> None:
        """`@`."""
        wire.quoted(self._line.ask("@"), "I4")

    def sensor(self) -> RawAnswer | None:
        """Ask what the sensor reads, by `XR`; None from a bought scale."""
        return wire.raw(self._line.ask("XR")) if self._is_ours else None

    def calibrate(self, command: str) -> str:
        """Take one step of a calibration: A done, I not now, R refused."""
        return calibrating.outcome(self._line.ask(command))

    def calibration(self) -> Calibration | None:
        """Ask what calibration is in force."""
        return calibrating.kept(self._line.ask(calibrating.TELL))


class SicsScale(SerialScale[SicsDialect]):
    """A `Scale`, and a `CalibratedScale` where it is Aangan's own."""

    def __init__(
        self,
        port: str = "auto",
        baud: int = BAUD,
        framing: Framing = "8N1",
        *,
        answer_s: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__(SicsDialect, port, baud, framing, answer_s=answer_s)

    def sensor(self) -> RawAnswer | None:
        """Say what the sensor of an Aangan scale reads, its temperature and whether it is warm; None from another."""
        return self._speak(lambda dialect: dialect.sensor())

    def calibrate_empty(self) -> None:
        """Take this still reading as the empty platform."""
        self._calibrate(calibrating.EMPTY)

    def calibrate_mass(self, mass: Grams) -> None:
        """Take this still reading as that of `mass`."""
        self._calibrate(calibrating.mass_command(mass))

    def calibrate_finish(self, day: date) -> None:
        """Make the calibration of the points taken, keep it as of `day` and use it."""

        def note_day(dialect: SicsDialect) -> None:
            dialect.identity = msgspec.structs.replace(dialect.identity, calibration_date=day)

        with self._alone():
            self._calibrate(calibrating.finish_command(day))
            self._speak(note_day)

    def calibration(self) -> Calibration | None:
        """Give the calibration in force, or None."""
        return self._speak(lambda dialect: dialect.calibration())

    def _calibrate(self, command: str) -> None:
        with self._alone():
            outcome = self._speak(lambda dialect: dialect.calibrate(command))
            if outcome == "A":
                return
            raise_if_hopeless(self._live)
            raise calibrating.why_not(command, outcome, self.sensor())
