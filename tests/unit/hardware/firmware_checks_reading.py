"""Checks of how the firmware reads the converter, filters what it read, and knows how warm it is.

Run under MicroPython itself: test_firmware_units.py starts one check at a time. Each `check_` function is one rule.
`micropython firmware_checks_reading.py FIRMWARE SIM_PICO NAME` runs one.
"""
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import sys

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[2])


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


def check_a_pause_too_short_to_be_late_makes_it_settle_anew():
    """A dip of the supply resets the chip; what it says then is no weight yet."""
    adc = settled_adc()
    adc._sm.words.append(frame(5))
    assert adc.read(500) == 5
    read = []
    for now in range(800, 1300, 100):
        adc._sm.words.append(frame(now))
        read.append(adc.read(now))
        assert adc.is_settling() == (now < 1100)
    assert (read, adc.error) == ([None, None, None, None, 1200], "")


def check_conversions_that_waited_for_a_busy_program_are_no_pause():
    adc = settled_adc()
    adc._sm.words += [frame(counts) for counts in (5, 6, 7, 8, 9)]
    assert [adc.read(now) for now in (900, 905, 910, 915, 920)] == [5, 6, 7, 8, 9]
    assert not adc.is_settling()


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


def check_the_chip_tells_its_temperature_by_the_data_sheets_formula():
    from temperature import Warmth

    class Sensor:
        def __init__(self, volts):
            self.steps = int(volts * 65535 / 3.3)

        def read_u16(self):
            return self.steps

    warmth = Warmth(0)
    for volts, celsius in ((0.706, 27), (0.706 + 10 * 0.001721, 17), (0.706 - 0.001721 * 50, 77), (0.8, -28)):
        warmth._sensor = Sensor(volts)
        assert warmth.celsius() == celsius
    for volts in (0, 3.3):
        warmth._sensor = Sensor(volts)
        assert warmth.celsius() is None


def check_warm_is_five_minutes_after_power_on_and_for_ever():
    from time import ticks_add

    import board
    from temperature import Warmth

    assert board.WARM_UP_MS == 300_000
    start = ticks_add(0, -1000)
    warmth = Warmth(start)
    warmth.poll(ticks_add(start, 299_999))
    assert not warmth.is_warm
    warmth.poll(ticks_add(start, 300_000))
    assert warmth.is_warm
    warmth.poll(ticks_add(start, -5))
    assert warmth.is_warm


globals()[sys.argv[3]]()
