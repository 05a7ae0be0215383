"""Checks of how the firmware is calibrated, and makes a weight of what it read.

Run under MicroPython itself: test_firmware_units.py starts one check at a time. Each `check_` function is one rule.
`micropython firmware_checks_weighing.py FIRMWARE SIM_PICO NAME` runs one.
"""
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import sys

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[2])

DATE = "2026-01-31"


class Adc:
    """A converter that gives what the check puts in."""

    def __init__(self):
        self.error = ""
        self.errors = 0
        self.sequence = 0
        self.next = None

    def restart(self, _now):
        self.error = ""

    def read(self, _now):
        counts, self.next = self.next, None
        return counts


def balance_with(adc, counts_per_kg=9000):
    from balance import Balance
    from calibration import Calibration

    return Balance(adc, "SIM-1", Calibration("SIM-1", 1000, counts_per_kg, 20_000, DATE))


def stand(balance, adc, counts, since, ms=3000, wobble=0):
    """Let a load stand for `ms` at 10 samples a second; gives the time after."""
    for tick in range(ms // 100):
        adc.next = counts + (wobble if tick // 3 % 2 else 0)
        balance.poll(since + 100 * tick)
    return since + ms


def check_calibration_survives_writing_and_reading():
    import calibration

    made = calibration.from_two_points("SIM-1", 1000, 181_000, 20_000, DATE)
    assert made.counts_per_kg == 9000
    read = calibration.parse(made.line(), "SIM-1")
    assert (read.zero, read.counts_per_kg, read.mass_g, read.date) == (1000, 9000, 20_000, DATE)


def check_damaged_or_foreign_calibration_is_refused():
    import calibration

    line = calibration.Calibration("SIM-1", 1000, 9000, 20_000, DATE).line()
    assert calibration.parse(line, "SIM-2") is None
    assert calibration.parse(line.replace("9000", "9001"), "SIM-1") is None
    assert calibration.parse(line[:-4], "SIM-1") is None
    assert calibration.parse("", "SIM-1") is None
    assert calibration.load("/nowhere/calibration.txt", "SIM-1") is None


def check_a_damaged_copy_of_the_calibration_leaves_the_other():
    import calibration

    calibration.save("cal.txt", calibration.Calibration("SIM-1", 1000, 9000, 20_000, DATE))
    with open("cal.txt", "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        file.write("1 SIM-1 1000 90")
    assert calibration.load("cal.txt", "SIM-1").counts_per_kg == 9000
    with open("cal.txt.copy", "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        file.write("")
    assert calibration.load("cal.txt", "SIM-1") is None


def check_calibration_by_a_light_mass_or_a_dead_bridge_is_refused():
    import calibration

    assert calibration.from_two_points("SIM-1", 0, 45_000, 4_999, DATE) is None
    assert calibration.from_two_points("SIM-1", 0, 100, 20_000, DATE) is None


def check_crc_is_ccitt_false():
    import calibration

    assert calibration.crc16(b"123456789") == 0x29B1


def check_nothing_is_weighed_before_the_platform_was_seen_empty():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000 + 9000 * 9, 0)
    assert balance.status() == "LOADED"
    assert balance.net_g() is None
    now = stand(balance, adc, 1000, now)
    assert (balance.status(), balance.net_g()) == ("STABLE", 0)
    stand(balance, adc, 1000 + 9000 * 9, now)
    assert balance.net_g() == 9000


def check_auto_zero_follows_drift_only_when_empty():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    now = stand(balance, adc, 1000 + 270, now, ms=40_000)
    assert balance.zero_counts() == 1270
    now = stand(balance, adc, 1270 + 9 * 200, now, ms=40_000)
    assert balance.zero_counts() == 1270
    assert balance.net_g() == 200


def check_above_capacity_is_over_and_has_no_weight():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    now = stand(balance, adc, 1000 + 9 * 150_050, now)
    assert (balance.status(), balance.beyond(), balance.net_g()) == ("OVER", "+", None)
    stand(balance, adc, 1000 - 9 * 600, now)
    assert (balance.status(), balance.beyond(), balance.net_g()) == ("UNDER", "-", None)


def check_held_child_may_sway_100_g_and_a_child_alone_20_g():
    import board

    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    stand(balance, adc, 1000 + 9000 * 61, now, ms=4000, wobble=9 * 60)
    assert balance.status() == "MOVING"
    balance.still_range_g = board.HELD_CHILD_RANGE_G
    assert balance.status() == "STABLE"


def check_zero_and_tare_are_refused_while_moving():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    now = stand(balance, adc, 1000 + 2000, now, ms=600)
    assert (balance.set_zero(), balance.set_tare()) == ("I", "I")
    stand(balance, adc, 1000 + 2700, now)
    assert balance.set_tare() == "S"
    assert (balance.tare_g(), balance.net_g()) == (300, 0)


def check_zero_moves_no_further_than_500_g():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    now = stand(balance, adc, 1000 + 9 * 501, now)
    assert balance.set_zero() == "+"
    stand(balance, adc, 1000 + 9 * 499, now)
    assert balance.set_zero() == "A"


def check_an_error_leaves_no_weight_behind():
    adc = Adc()
    balance = balance_with(adc)
    stand(balance, adc, 1000, 0)
    adc.error = "DESYNC"
    balance.poll(3100)
    assert (balance.status(), balance.net_g(), balance.raw) == ("DESYNC", None, [])
    assert balance.set_zero() == "I"


def check_wires_of_the_bridge_the_other_way_round_weigh_the_same():
    adc = Adc()
    balance = balance_with(adc, counts_per_kg=-9000)
    now = stand(balance, adc, 1000, 0)
    stand(balance, adc, 1000 - 9000 * 9, now)
    assert balance.net_g() == 9000
    adc.error = "SATURATED-"
    assert balance.beyond() == "+"


globals()[sys.argv[3]]()
