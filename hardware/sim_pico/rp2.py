"""MicroPython's `rp2` as far as the scale's firmware uses it: a PIO assembler and a state machine that interprets it.

The firmware's PIO program is not replaced by a stand-in: it is assembled from the same source and run instruction by
instruction against the simulated chip's pins, so that a wrong bit count, a missing pulse or a clock held too long
fails here as it would on the Pico. Only the instructions that HX711 programs need are known.
"""

from bench import bench

FIFO_DEPTH = 4
BUSY_HOST_WORDS = 6  # so many may wait because the host was busy; a full queue is for the firmware to cause
MAX_INSTRUCTIONS = 32
MAX_DELAY = 7  # one side-set pin with its enable bit leaves three bits


class PIO:
    """Constants of the PIO block."""

    IN_LOW, IN_HIGH, OUT_LOW, OUT_HIGH = 0, 1, 2, 3
    SHIFT_LEFT, SHIFT_RIGHT = 0, 1
    JOIN_NONE, JOIN_TX, JOIN_RX = 0, 1, 2


class Instruction:
    """One assembled instruction with its side-set level and delay."""

    def __init__(self, op, args):
        self.op = op
        self.args = args
        self.side_level = None
        self.cycles = 1

    def side(self, level):
        """Drive the side-set pin from this instruction on."""
        self.side_level = level
        return self

    def __getitem__(self, delay):
        """Wait `delay` cycles after the instruction."""
        if not 0 <= delay <= MAX_DELAY:
            raise ValueError("PIO delay out of range")
        self.cycles = 1 + delay
        return self

    delay = __getitem__


class Program:
    """What `asm_pio` makes of a function: instructions, labels, where to wrap, how to join the queues."""

    def __init__(self, options):
        self.instructions = []
        self.labels = {}
        self.wrap_target = 0
        self.wrap = None
        if options.get("in_shiftdir") != PIO.SHIFT_LEFT:
            raise ValueError("simulated state machine shifts left only")
        self.depth = 2 * FIFO_DEPTH if options.get("fifo_join") == PIO.JOIN_RX else FIFO_DEPTH

    def words(self):
        """Give the names a PIO program is written with."""

        def make(op):
            def instruction(*args):
                self.instructions.append(Instruction(op, args))
                return self.instructions[-1]

            return instruction

        def label(name):
            self.labels[name] = len(self.instructions)

        def wrap_target():
            self.wrap_target = len(self.instructions)

        def wrap():
            self.wrap = len(self.instructions) - 1

        words = {name: make(name) for name in ("nop", "wait", "set", "in_", "jmp", "push")}
        words.update({name: name for name in ("pin", "pins", "x", "x_dec", "block", "noblock")})
        words.update({"label": label, "wrap_target": wrap_target, "wrap": wrap})
        return words


def asm_pio(**options):
    """Assemble a PIO program, as MicroPython does it: run the function once with PIO's words as its globals."""

    def assemble(function):
        program = Program(options)
        outer = function.__globals__
        saved = outer.copy()
        outer.clear()
        outer.update(program.words())
        try:
            function()
        finally:
            outer.clear()
            outer.update(saved)
        if len(program.instructions) > MAX_INSTRUCTIONS:
            raise ValueError("PIO program too long")
        if program.wrap is None:
            program.wrap = len(program.instructions) - 1
        return program

    return assemble


class StateMachine:
    """One PIO state machine. It catches up with the bench whenever the firmware looks at its queue."""

    def __init__(self, number):
        self.number = number
        self._program = None
        self._active = False

    def init(self, program, freq, in_base, sideset_base):
        """Load a program and start afresh with an empty queue."""
        self._program = program
        self._us_a_cycle = 1_000_000 / freq
        self._in_pin = in_base.number
        self._side_pin = sideset_base.number
        self._queue = []
        self._active = False
        self._pc = 0
        self._x = 0
        self._isr = 0
        self._us = 0.0

    def active(self, on):
        """Start or stop."""
        self._active = bool(on)

    def rx_fifo(self):
        """Tell how many words wait in the queue."""
        self._run()
        return len(self._queue)

    def get(self):
        """Take the oldest word; the real one would block on an empty queue."""
        return self._queue.pop(0)

    def _run(self):
        for _ in bench.moments(max(1, BUSY_HOST_WORDS - len(self._queue))):
            while self._active and self._step():
                pass

    def _step(self):
        """Do one instruction. False if it stalls: nothing to wait for yet, or no room to push."""
        instruction = self._program.instructions[self._pc]
        if instruction.side_level is not None:
            bench.drive(self._side_pin, instruction.side_level, int(self._us))
        jump = getattr(self, "_" + instruction.op)(*instruction.args)
        if jump == "stall":
            return False
        self._us += instruction.cycles * self._us_a_cycle
        if jump is not None:
            self._pc = jump
        elif self._pc == self._program.wrap:
            self._pc = self._program.wrap_target
        else:
            self._pc += 1
        return True

    def _nop(self):
        return None

    def _wait(self, level, _source, index):
        return None if bench.level(self._in_pin + index) == level else "stall"

    def _set(self, _register, value):
        if not 0 <= value < 32:
            raise ValueError("PIO set takes five bits")
        self._x = value

    def _in_(self, _source, bits):
        for offset in reversed(range(bits)):
            self._isr = ((self._isr << 1) | bench.level(self._in_pin + offset)) & 0xFFFFFFFF

    def _jmp(self, condition, label=None):
        if label is None:
            return self._program.labels[condition]
        taken = self._x != 0
        self._x = (self._x - 1) & 0xFFFFFFFF
        return self._program.labels[label] if taken else None

    def _push(self, mode):
        if len(self._queue) >= self._program.depth:
            if mode == "block":
                return "stall"
        else:
            self._queue.append(self._isr)
        self._isr = 0
        return None
