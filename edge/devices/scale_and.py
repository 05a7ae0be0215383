"""A platform or bench scale by A&D on a serial port, in A&D's standard format.

    ST,+00009.12 kg       still            Q       the weight at once
    US,+00009.08 kg       moving           Z       zero
    OL,+99999.99 kg       out of range     T, CT   tare, clear tare
    I, ?                  cannot now; no such command. A command without data is answered by itself.

Headers such as `ST,GS` (gross), `ST,NT` (net) and `ST,OK` (comparator) are understood. The scale must be set to answer
commands, in kg or g; in stream mode it is always out of step. Sources, by A&D: FG-K manual 10-2 ("F8-0"), HV-G/HW-G
manual 16.1 (format 1) and 16.3 (commands, 500 ms between two), AD-4329A manual 12.1.3 (`I` and `?`).
"""

import re
import time
from decimal import ROUND_HALF_UP, Decimal

from anganwadi.ids import Grams
from edge.devices.scale import LiveReading, ScaleIdentity, ScaleState, StableWeight
from edge.devices.scale_line import ANSWER_SECONDS, Framing, Garbled, Line
from edge.devices.scale_serial import SerialScale
from edge.devices.scale_states import Outcome, state_of_weight

BAUD = 2400
FRAMING: Framing = "7E1"
REST_SECONDS = 0.5
MAX_GRAMS = 1_000_000

GREETING = "\r\n"
_CANNOT, _NOT_KNOWN = "I", "?"
_WEIGHT = re.compile(
    r"(ST|US|OL)(?:,(?:GS|NT|HI|OK|LO|--))?,(([+-])[0-9]{1,9}(?:\.[0-9]{1,7})?)( {0,3})(kg|g)"
)
_WIDTHS = (
    (8, 2),
    (9, 3),
    (10, 4),
)  # number and unit, by family: a line that lost a character has none of these


def weight(answer: str) -> tuple[ScaleState, Grams | None]:
    """Read the answer to `Q`; finer divisions than a gram are rounded. Out of range there is no number.

    Raises:
        Garbled: it is no such answer, in another unit, or no possible weight.
    """
    found = _WEIGHT.fullmatch(answer)
    if found is None or (len(found[2]), len(found[4] + found[5])) not in _WIDTHS:
        raise Garbled("no answer to Q")
    header, number, sign, _, unit = found.groups()
    if header == "OL":
        return (ScaleState.OVERLOAD if sign == "+" else ScaleState.UNDERLOAD), None
    exact = Decimal(number) * (1000 if unit == "kg" else 1)
    if abs(exact) > MAX_GRAMS:
        raise Garbled("no possible weight")
    grams = Grams(int(exact.to_integral_value(ROUND_HALF_UP)))
    return state_of_weight(grams, still=header == "ST"), grams


def outcome(answer: str, command: str) -> Outcome:
    """Read the answer to `Z`, `T` or `CT`: the command again, once it is done.

    Raises:
        Garbled: it is no such answer.
    """
    if answer == command:
        return Outcome.DONE
    if answer in (_CANNOT, _NOT_KNOWN):
        return Outcome(answer)
    raise Garbled(f"no answer to {command}")


def told(answer: str, question: str) -> str:
    """Read the answer to `?SN` or `?TN`: empty from a scale that does not know the question, as most platforms do not.

    Raises:
        Garbled: it is a weight or the answer to a command, asked for before.
    """
    if answer in (_CANNOT, _NOT_KNOWN):
        return ""
    if _WEIGHT.fullmatch(answer) or answer in ("Z", "T", "CT"):
        raise Garbled(f"no answer to {question}")
    return answer.removeprefix(f"{question[1:]},").strip()


class AndDialect:
    """The commands every A&D platform has; what still is, the scale decides by its own settings."""

    def __init__(self, line: Line) -> None:
        """Get in step and ask who is there."""
        self._line = line
        questions = [(ask, lambda answer, ask=ask: told(answer, ask)) for ask in ("?SN", "?TN")]
        serial_number, model = line.get_in_step(GREETING, questions)
        self.identity = ScaleIdentity(
            device_id=serial_number or "AND", model=model or "A&D", firmware="", calibration_date=None
        )
        self._read()  # a line on which something else answers is found out here

    def look(self) -> LiveReading:
        """`Q`."""
        state, grams = self._read()
        return LiveReading(state, time.monotonic(), grams)

    def weigh(self) -> StableWeight | None:
        """`Q`, whose header says whether the load is still: `S` might not be answered before it is."""
        state, grams = self._read()
        if grams is None or state is not ScaleState.STABLE:
            return None
        return StableWeight(
            grams=grams,
            at_monotonic=time.monotonic(),
            device_id=self.identity.device_id,
            firmware=self.identity.firmware,
            simulated=self.identity.simulated,
        )

    def hold_child(self, held: bool) -> None:
        """Nothing: what is still is set at the scale."""

    def zero(self) -> Outcome:
        """`Z`."""
        return self._do("Z")

    def tare(self) -> Grams | Outcome:
        """`CT`, `Q`, `T`: the scale does not tell its tare, so it is the still weight before."""
        cleared = self._do("CT")
        if cleared is not Outcome.DONE:
            return cleared
        state, grams = self._read()
        if grams is None or state is ScaleState.SETTLING:
            return Outcome.NOT_NOW
        done = self._do("T")
        return grams if done is Outcome.DONE else done

    def clear_tare(self) -> Outcome:
        """`CT`."""
        return self._do("CT")

    def restart(self) -> None:
        """`CT`: these scales have no other command to begin afresh."""
        self._do("CT")

    def _read(self) -> tuple[ScaleState, Grams | None]:
        return weight(self._line.ask("Q"))

    def _do(self, command: str) -> Outcome:
        return outcome(self._line.ask(command), command)


class AndScale(SerialScale[AndDialect]):
    """A `Scale` by A&D; `baud` and `framing` are those of A&D's factory setting."""

    def __init__(
        self,
        port: str,
        baud: int = BAUD,
        framing: Framing = FRAMING,
        *,
        rest_s: float = REST_SECONDS,
        answer_s: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__(AndDialect, port, baud, framing, rest_s=rest_s, answer_s=answer_s)
