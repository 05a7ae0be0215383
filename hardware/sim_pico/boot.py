"""Start the scale's firmware on the simulated Pico.

`micropython boot.py FIRMWARE CONTROL RATE UNIQUE_ID DATE WARM_UP_MS LIFE_FD`. The working folder is the Pico's flash.
DATE is the day of the factory calibration written there if there is none, or `-` to leave the scale as it came.
LIFE_FD is a pipe whose other end the host keeps: when the host dies, so does this.
"""

import os
import select
import sys


def boot(firmware, control, rate, unique_id, date, warm_up_ms, life_fd):
    """Set up the bench, then run the firmware's main.py, which does not come back."""
    sys.path.insert(0, firmware)
    sys.path.insert(0, __file__.rpartition("/")[0])
    import board
    from bench import bench

    board.SAMPLES_PER_SECOND = int(rate)
    board.WARM_UP_MS = int(warm_up_ms)
    bench.begin(control, int(rate), bytes.fromhex(unique_id))
    from hx711_chip import Chip
    from load_cell import LoadCell

    bench.chip = Chip(LoadCell())
    if date != "-" and board.CALIBRATION_FILE not in os.listdir("."):
        calibrate_at_the_factory(board.CALIBRATION_FILE, "SIM-" + unique_id.upper(), date)
    die_with_the_host(int(life_fd))
    __import__("main")


def calibrate_at_the_factory(path, device, date):
    """Write the calibration a new scale is delivered with."""
    import calibration
    from load_cell import COUNTS_PER_KG, ZERO_COUNTS
    from machine import CHIP_CELSIUS

    points = [(1000 * kg, ZERO_COUNTS + kg * COUNTS_PER_KG) for kg in (0, 5, 20)]
    calibration.save(path, calibration.Calibration(device, date, CHIP_CELSIUS, points))


def die_with_the_host(life_fd):
    """End the process at the next watchdog feed once nobody holds the other end of the life pipe."""
    import machine

    poller = select.poll()
    poller.register(life_fd, select.POLLIN | select.POLLHUP)
    feed = machine.WDT.feed

    def feed_while_host_lives(watchdog):
        if poller.poll(0):
            sys.exit(0)
        feed(watchdog)

    machine.WDT.feed = feed_while_host_lives


boot(*sys.argv[1:8])
