"""Checks of the firmware's modules that run under MicroPython itself: test_firmware_units.py starts one at a time.

Each `check_` function is one rule. `micropython firmware_checks.py FIRMWARE SIM_PICO NAME` runs one.
"""
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import sys

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[2])

DATE = "2026-01-31"


class Words:
    """A state machine whose queue is filled by the check."""

    def __init__(self):
        self.words = []

    def init(self, *_, **__):
        self.words = []

    def active(self, on):
        self.on = on

    def rx_fifo(self):
        return len(self.words)

    def get(self):
        return self.words.pop(0)


def frame(counts, tail=0b11):
    return ((counts & 0xFFFFFF) << 2) | tail


def settled_adc():
    """A converter at 10 samples a second that has thrown its first four conversions away, at time 400."""
    from hx711 import HX711

    adc = HX711(2, 3, 10)
    adc._sm = Words()
    adc.restart(0)
    for conversion in range(4):
        adc._sm.words.append(frame(conversion))
        assert adc.read(100 * conversion + 100) is None
    return adc


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


def check_median_drops_a_single_spike():
    from filter import Median

    median = Median()
    assert [median.push(value) for value in (5, 6, 900_000, 5, 6)] == [None, None, None, None, 6]
    assert median.push(-900_000) == 6


def check_window_is_still_only_after_two_seconds():
    from filter import StableWindow

    window = StableWindow(2000, 10, 500)
    for tick in range(20):
        window.push(100, tick * 100)
        assert not window.is_still(20)
    window.push(100, 2000)
    assert window.is_still(20)
    assert window.mean() == 100


def check_window_counts_samples_as_well_as_seconds():
    from filter import StableWindow

    window = StableWindow(2000, 10, 500)
    for tick in range(9):
        window.push(100, tick * 400)
    assert not window.is_still(20)


def check_window_with_a_hole_begins_again():
    from filter import StableWindow

    window = StableWindow(2000, 10, 500)
    for tick in range(25):
        window.push(100, tick * 100)
    window.push(100, 3200)
    assert not window.is_full()


def check_window_range_above_the_limit_is_not_still():
    from filter import StableWindow

    window = StableWindow(2000, 10, 500)
    for tick in range(30):
        window.push(100 + 21 * (tick % 2), tick * 100)
    assert not window.is_still(20)
    assert window.is_still(21)


def check_window_survives_the_wrap_of_ticks():
    from time import ticks_add

    from filter import StableWindow

    window = StableWindow(2000, 10, 500)
    start = ticks_add(0, -1000)
    for tick in range(21):
        window.push(7, ticks_add(start, tick * 100))
    assert window.is_still(0)


def check_frame_decodes_as_twos_complement():
    from hx711 import OK, decode

    assert decode(frame(84_217)) == (84_217, OK)
    assert decode(frame(-1)) == (-1, OK)


def check_gain_bit_or_dout_low_is_desync():
    from hx711 import DESYNC, decode

    for tail in (0b00, 0b01, 0b10):
        assert decode(frame(84_217, tail)) == (0, DESYNC)


def check_full_scale_is_saturation():
    from hx711 import SATURATED_HIGH, SATURATED_LOW, decode

    assert decode(frame(0x7FFFFF))[1] == SATURATED_HIGH
    assert decode(frame(-0x800000))[1] == SATURATED_LOW


def check_an_error_latches_until_restart_and_is_counted():
    adc = settled_adc()
    adc._sm.words += [frame(5, 0b01), frame(6)]
    assert adc.read(500) is None
    assert adc.error == "DESYNC"
    assert adc.read(600) is None
    assert (adc.error, adc.errors) == ("DESYNC", 1)
    adc.restart(700)
    assert (adc.error, adc.errors) == ("", 1)


def check_no_conversion_in_time_is_late():
    adc = settled_adc()
    assert adc.read(900) is None
    assert adc.error == ""
    adc.read(901)
    assert adc.error == "LATE"


def check_a_full_queue_is_late_since_samples_were_lost():
    adc = settled_adc()
    adc._sm.words += [frame(counts) for counts in range(8)]
    assert adc.read(500) is None
    assert adc.error == "LATE"


def check_a_reading_that_repeats_exactly_is_stuck():
    adc = settled_adc()
    read = []
    for tick in range(25):
        adc._sm.words.append(frame(777))
        read.append(adc.read(500 + tick * 100))
    assert adc.error == "STUCK"
    assert read.count(777) == 20


def check_pio_program_makes_25_short_pulses_and_frames_of_26_bits():
    import bench
    import hx711
    import rp2
    from machine import Pin

    class Chip:
        pulses, high_us, longest, rose, level = 0, 0, 0, 0, 0
        value = 0b101010101010101010101010

        def clock(self, level, us):
            if level and not self.level:
                self.pulses += 1
                self.rose = us
            elif self.level and not level:
                self.longest = max(self.longest, us - self.rose)
            self.level = level

        def dout(self):
            if self.pulses > 24:
                return 1
            return (self.value >> (24 - self.pulses)) & 1 if self.pulses else 0

    chip = bench.bench.chip = Chip()
    machine = rp2.StateMachine(0)
    machine.init(hx711.read_frame, freq=hx711.PIO_HZ, in_base=Pin(2), sideset_base=Pin(3))
    machine.active(1)
    assert machine.rx_fifo() == 1
    assert chip.pulses == 25
    assert 1 <= chip.longest <= 10
    assert machine.get() == (chip.value << 2) | 0b11


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
