"""MT-SICS, level 0 and the parts of 1 and 2 a kiosk needs: a bought scale of that kind can take this one's place.

Commands are upper-case ASCII ended by CR LF; control characters within a line are dropped. `ES` answers what is no
command, `EL` a command with wrong parameters, `ET` a line that is too long or not ASCII. Beside the standard ones there
is `XR` (raw counts with sequence number and CRC-16) and `XC` (calibration): docs/scale.md.
"""

import board
from calibration import crc16
from time import ticks_add, ticks_diff

LINE_MAX = 64
REPEAT_MS = 100
LF = 10
INFANT, HELD_CHILD = "1", "3"  # M02 calls them "very stable" and "unstable" surroundings
COMMANDS = {  # name: level
    "I0": 0, "I1": 0, "I2": 0, "I3": 0, "I4": 0, "S": 0, "SI": 0, "SIR": 0, "Z": 0, "@": 0,
    "T": 1, "TAC": 1,
    "M02": 2,
    "XR": 3, "XC": 3,
}  # fmt: skip


def weight_field(grams):
    """Write grams as MT-SICS does: ten characters, right-aligned, with the unit: '     9.120 kg'."""
    sign = "-" if grams < 0 else ""
    kilograms = "%s%d.%03d" % (sign, abs(grams) // 1000, abs(grams) % 1000)
    return "%10s kg" % kilograms


class Sics:
    """The command interpreter: bytes go in by `feed`, whole answer lines come out by `send`."""

    def __init__(self, balance, calibrating, warmth, send):
        self._balance = balance
        self._calibrating = calibrating
        self._warmth = warmth
        self._send = send
        self._line = bytearray()
        self._damaged = False
        self._stable_until = None
        self._repeat_at = None

    def feed(self, byte, now):
        """Take one received byte; a complete line is answered at once."""
        if byte == LF:
            self._end_of_line(now)
        elif byte > 126 or len(self._line) >= LINE_MAX:
            self._damaged = True
        elif byte >= 32:
            self._line.append(byte)

    def poll(self, now):
        """Do what is due: answer an `S` that waits for stillness, repeat for `SIR`."""
        if self._stable_until is not None:
            self._answer_stable(now, self._stable_until)
        if self._repeat_at is not None and ticks_diff(now, self._repeat_at) >= 0:
            self._repeat_at = ticks_add(now, REPEAT_MS)
            self._send(self._weight_now())

    def _end_of_line(self, now):
        line = bytes(self._line).decode()
        damaged = self._damaged
        self._line = bytearray()
        self._damaged = False
        if damaged:
            self._send("ET")
        elif line:
            self._answer(line.split(" "), now)

    def _answer(self, words, now):
        self._stable_until = None
        name, parameters = words[0], words[1:]
        if name == "M02":
            self._surroundings(parameters)
        elif name == "XC":
            self._calibrate(parameters)
        elif name not in COMMANDS:
            self._send("ES")
        elif parameters:
            self._send("EL")
        elif name in ("S", "SI", "SIR", "@"):
            self._repeat_at = None
            self._weigh(name, now)
        elif name in ("Z", "T", "TAC"):
            self._zero_or_tare(name)
        elif name == "XR":
            self._send(self._raw())
        else:
            self._identify(name)

    def _weigh(self, name, now):
        if name == "SI":
            self._send(self._weight_now())
        elif name == "SIR":
            self._repeat_at = now
        elif name == "S":
            self._answer_stable(now, ticks_add(now, board.STABLE_WAIT_MS))
        else:
            self._balance.restart(now)
            self._identify("I4")

    def _answer_stable(self, now, until):
        """Answer `S` once the load is still, when it cannot become so, or when its time is over."""
        answer = self._weight_now()
        if answer.startswith("S D") and ticks_diff(now, until) < 0:
            self._stable_until = until
            return
        self._stable_until = None
        self._send("S I" if answer.startswith("S D") else answer)

    def _weight_now(self):
        beyond = self._balance.beyond()
        if beyond:
            return "S " + beyond
        grams = self._balance.net_g()
        if grams is None:
            return "S I"
        return "S %s %s" % ("S" if self._balance.status() == "STABLE" else "D", weight_field(grams))

    def _zero_or_tare(self, name):
        balance = self._balance
        if name == "TAC":
            balance.clear_tare()
            self._send("TAC A")
        elif name == "Z":
            self._send("Z " + (balance.beyond() or balance.set_zero()))
        else:
            outcome = balance.beyond() or balance.set_tare()
            self._send("T S " + weight_field(balance.tare_g()) if outcome == "S" else "T " + outcome)

    def _surroundings(self, parameters):
        """`M02 1`: a child alone, still within 20 g. `M02 3`: a child held by an adult, within 100 g."""
        balance = self._balance
        if not parameters:
            held = balance.still_range_g == board.HELD_CHILD_RANGE_G
            self._send("M02 A " + (HELD_CHILD if held else INFANT))
        elif parameters == [INFANT] or parameters == [HELD_CHILD]:
            held = parameters == [HELD_CHILD]
            balance.still_range_g = board.HELD_CHILD_RANGE_G if held else board.INFANT_RANGE_G
            self._send("M02 A")
        else:
            self._send("EL")

    def _calibrate(self, parameters):
        """`XC Z`, `XC P 20.000`, `XC W 2026-01-31`: the steps of calibrating. `XC` alone: what is kept."""
        step, value = (parameters + ["", ""])[:2]
        mass_g = _grams(value)
        if not parameters:
            kept = self._balance.calibration
            self._send("XC A " + (kept.words() if kept else "-"))
        elif parameters == ["Z"]:
            self._send("XC " + self._calibrating.empty())
        elif len(parameters) == 2 and step == "P" and mass_g is not None:
            self._send("XC " + self._calibrating.mass(mass_g))
        elif len(parameters) == 2 and step == "W" and _is_date(value):
            self._send("XC " + self._calibrating.finish(value))
        else:
            self._send("EL")

    def _raw(self):
        """Sequence, status, errors so far; net grams, zero, tare; date of the calibration; temperature; counts; CRC."""
        balance, warmth = self._balance, self._warmth
        net, celsius = balance.net_g(), warmth.celsius()
        date = balance.calibration.date if balance.calibration else "-"
        counts = ",".join(str(reading) for reading in balance.raw) or "-"
        sensor = "%d %s %d" % (balance.sequence(), balance.status(), balance.errors())
        weight = "%s %d %d" % ("-" if net is None else net, balance.zero_counts(), balance.tare_g())
        warm = "%s %s" % ("-" if celsius is None else celsius, "WARM" if warmth.is_warm else "COLD")
        body = "XR A %s %s %s %s %s" % (sensor, weight, date, warm, counts)
        return "%s %04X" % (body, crc16(body.encode()))

    def _identify(self, name):
        if name == "I0":
            names = sorted(COMMANDS, key=lambda name: (COMMANDS[name], name))
            for command in names:
                self._send(
                    'I0 %s %d "%s"' % ("A" if command == names[-1] else "B", COMMANDS[command], command)
                )
        elif name == "I1":
            self._send('I1 A "0" "2.20" "" "" ""')  # the other levels are here in part only
        elif name == "I2":
            self._send('I2 A "%s Standard %d.000 kg"' % (board.MODEL, board.CAPACITY_G // 1000))
        elif name == "I3":
            self._send('I3 A "%s"' % board.VERSION)
        else:
            self._send('I4 A "%s"' % self._balance.device)


def _grams(text):
    """Read kilograms with up to three decimals as grams; None if it is not such a number."""
    whole, _, part = text.partition(".")
    if not whole.isdigit() or len(whole) > 3 or len(part) > 3 or (part and not part.isdigit()):
        return None
    return int(whole) * 1000 + int((part + "000")[:3])


def _is_date(text):
    """Say whether `text` has the form 2026-01-31."""
    parts = text.split("-")
    return [len(part) for part in parts] == [4, 2, 2] and all(part.isdigit() for part in parts)
