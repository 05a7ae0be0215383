"""The scale's program on the Pico: read the bridge, keep the weighing rules, answer the kiosk over USB serial.

MicroPython starts this file at power-on. It runs unchanged in the tests and the demo, under MicroPython's unix port
with simulated `machine` and `rp2` modules (hardware/sim_pico).

    hx711 (PIO) -> balance (filter, zero, tare, stillness) -> sics (commands and answers) -> serial line
                     calibrating, temperature ------------------^
"""

import select
import sys
from time import sleep_ms, ticks_ms

import board
import calibration
import machine
import micropython
from balance import Balance
from calibrating import Calibrating
from hx711 import HX711
from sics import Sics
from temperature import Warmth

LOOP_MS = 5
BYTES_A_ROUND = 32


def device_id():
    """Name this scale by its chip; a scale whose program does not run on an RP2 chip says SIM of itself."""
    kind = "AAN" if sys.platform == "rp2" else "SIM"
    return "%s-%s" % (kind, machine.unique_id().hex().upper())


def send(line):
    """Write one answer line; `buffer` because text mode would turn CR LF into CR CR LF."""
    sys.stdout.buffer.write(line.encode() + b"\r\n")


def run():
    """Measure and answer for ever; the watchdog restarts the Pico if this loop ever hangs.

    With the maintenance pin joined to ground at power-on it does nothing, so that `mpremote` can reach the prompt.
    """
    if machine.Pin(board.MAINTENANCE_PIN, machine.Pin.IN, machine.Pin.PULL_UP).value() == 0:
        return
    micropython.kbd_intr(-1)  # a stray 0x03 on the line must not stop the program
    device = device_id()
    adc = HX711(board.DOUT_PIN, board.SCK_PIN, board.SAMPLES_PER_SECOND)
    balance = Balance(adc, device, calibration.load(board.CALIBRATION_FILE, device))
    warmth = Warmth(ticks_ms())
    sics = Sics(balance, Calibrating(balance, warmth), warmth, send)
    line_in = select.poll()
    line_in.register(sys.stdin, select.POLLIN)
    watchdog = machine.WDT(timeout=board.WATCHDOG_MS)
    balance.restart(ticks_ms())
    while True:
        watchdog.feed()
        warmth.poll(ticks_ms())
        balance.poll(ticks_ms())
        for _ in range(BYTES_A_ROUND):
            if not any(event & select.POLLIN for _, event in line_in.poll(0)):
                break
            received = sys.stdin.buffer.read(1)
            if received:
                sics.feed(received[0], ticks_ms())
        sics.poll(ticks_ms())
        sleep_ms(LOOP_MS)


run()
