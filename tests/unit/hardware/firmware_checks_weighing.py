"""Checks of how the firmware makes a weight of what it read: zero, tare, stillness, overload.

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
        self.settling = False
        self.next = None

    def restart(self, _now):
        self.error = ""

    def is_settling(self):
        return self.settling

    def read(self, _now):
        counts, self.next = self.next, None
        return counts


def balance_with(adc, counts_per_kg=9000, zero=1000):
    from balance import Balance
    from calibration import Calibration

    points = [(0, zero), (20_000, zero + 20 * counts_per_kg)]
    return Balance(adc, "SIM-1", Calibration("SIM-1", DATE, None, points))


def stand(balance, adc, counts, since, ms=3000, wobble=0):
    """Let a load stand for `ms` at 10 samples a second; gives the time after."""
    for tick in range(ms // 100):
        adc.next = counts + (wobble if tick // 3 % 2 else 0)
        balance.poll(since + 100 * tick)
    return since + ms


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


def check_a_child_who_arrives_is_never_taken_for_drift():
    """Lowered over up to ten seconds, or set down at once; half a kilogram to thirty."""
    from random import uniform

    for _ in range(40):
        adc = Adc()
        balance = balance_with(adc)
        now = stand(balance, adc, 1000, 0)
        grams, lasting_ms = uniform(500, 30_000), uniform(100, 10_000)
        for tick in range(int(lasting_ms / 100)):
            adc.next = 1000 + int(9 * grams * tick * 100 / lasting_ms)
            balance.poll(now + 100 * tick)
        stand(balance, adc, 1000 + int(9 * grams), now + int(lasting_ms))
        assert balance.status() == "STABLE"
        assert abs(balance.net_g() - grams) <= 5, (grams, lasting_ms, balance.net_g())


def check_a_child_who_stands_for_twenty_minutes_is_never_taken_for_drift():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    stand(balance, adc, 1000 + 9 * 500, now, ms=20 * 60_000)
    assert (balance.net_g(), balance.zero_counts()) == (500, 1000)


def check_a_light_cloth_that_was_tared_is_never_taken_for_drift():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    now = stand(balance, adc, 1000 + 9 * 40, now)
    zero = balance.zero_counts()
    assert balance.set_tare() == "S"
    stand(balance, adc, 1000 + 9 * 40, now, ms=60_000)
    assert (balance.net_g(), balance.zero_counts()) == (0, zero)


def check_a_bridge_that_was_turned_round_after_calibration_never_weighs_more_than_nothing():
    """Its counts have the other sign: the empty platform may pass for empty, but no load is above it."""
    for zero in (-300, 0, 300, 84_217):
        adc = Adc()
        balance = balance_with(adc, zero=zero)
        now = stand(balance, adc, -zero, 0)
        assert balance.net_g() in (None, 0)
        for grams in (300, 3000, 60_000):
            now = stand(balance, adc, -(zero + 9 * grams), now)
            assert balance.net_g() is None or balance.net_g() < 0


def check_a_converter_that_settles_leaves_no_weight_behind():
    adc = Adc()
    balance = balance_with(adc)
    now = stand(balance, adc, 1000, 0)
    now = stand(balance, adc, 1000 + 9000 * 9, now)
    adc.settling = True
    balance.poll(now)
    assert (balance.status(), balance.net_g(), balance.raw) == ("STARTING", None, [])
    adc.settling = False
    now = stand(balance, adc, 1000 + 9000 * 4, now, ms=2000)
    assert balance.status() == "MOVING"
    stand(balance, adc, 1000 + 9000 * 4, now)
    assert (balance.status(), balance.net_g()) == ("STABLE", 4000)


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
