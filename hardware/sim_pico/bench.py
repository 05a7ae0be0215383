"""The work bench under the simulated Pico: what is wired to which pin, what stands on the platform, which fault is set.

Load, motion and fault come from a small JSON file that is read again twenty times a second, so that a test, the demo or
a web page can put a child on the scale by replacing a file. No file means an empty platform.
"""

import json
from time import ticks_add, ticks_diff, ticks_ms, ticks_us

DOUT_PIN = 2
SCK_PIN = 3
REREAD_MS = 50


class Bench:
    """The one bench of this process; `begin` sets it up before the firmware starts."""

    def __init__(self):
        self.load_kg = 0.0
        self.motion_kg = 0.0
        self.fault = None
        self.chip = None
        self.samples_per_second = 10
        self.unique_id = bytes(8)
        self.now_ms = ticks_ms()
        self._control = None
        self._read_at = 0

    def begin(self, control, samples_per_second, unique_id):
        """Take the control file's path and how the simulated parts are set."""
        self._control = control
        self.samples_per_second = samples_per_second
        self.unique_id = unique_id
        self._reread()

    def refresh(self):
        """Look at the control file if it is time to."""
        if ticks_diff(ticks_ms(), self._read_at) >= REREAD_MS:
            self._reread()

    def moments(self, most):
        """Let time go on for the parts, a conversion at a time, `most` of them at once. In between it stands still.

        Else a busy host, which may take a millisecond or a second for one round, would look like a fault of the chip:
        the real one goes on converting, and the PIO reading, while Python is late. What is more than `most` is lost.
        """
        now, period_ms = ticks_ms(), 1000 // self.samples_per_second
        missed = min(most - 1, ticks_diff(now, self.now_ms) // period_ms)
        for ago in range(missed, -1, -1):
            self.now_ms = ticks_add(now, -ago * period_ms)
            yield self.now_ms

    def level(self, pin):
        """Tell the level on an input pin: DOUT's if it is wired there, else the pull-up's."""
        return self.chip.dout() if self._is_wired(pin, DOUT_PIN) else 1

    def drive(self, pin, level, us):
        """Set an output pin at `us` microseconds; only SCK is wired to anything."""
        if self._is_wired(pin, SCK_PIN):
            self.chip.clock(level, us)

    def _is_wired(self, pin, wanted):
        """Say whether `pin` leads to the chip. With the two wires swapped, each meets an end that does not drive it."""
        return pin == wanted and self.chip is not None and self.fault != "swapped"

    def _reread(self):
        self._read_at = ticks_ms()
        try:
            with open(self._control) as file:
                state = json.load(file)
        except OSError:
            state = {}
        except ValueError:
            return  # half-written: keep what was, look again soon
        self.load_kg = float(state.get("load_kg") or 0)
        self.motion_kg = float(state.get("motion_kg") or 0)
        self.fault = state.get("fault")
        if self.fault == "swapped" and self.chip is not None:
            self.chip.clock(1, ticks_us())  # its SCK hangs on the pull-up of the Pico's input: it powers down


bench = Bench()
