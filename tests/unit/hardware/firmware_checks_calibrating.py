"""Checks of how the firmware is calibrated, and keeps what it was calibrated with.

Run under MicroPython itself: test_firmware_units.py starts one check at a time. Each `check_` function is one rule.
`micropython firmware_checks_calibrating.py FIRMWARE SIM_PICO NAME` runs one.
"""
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import sys

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[2])

DATE = "2026-01-31"
EMPTY = 84_217
POINTS = [(0, EMPTY), (5_000, 136_700), (10_000, 189_100), (20_000, 293_900)]


def calibration_of(points, celsius: int | None = 24):
    from calibration import Calibration

    return Calibration("SIM-1", DATE, celsius, points)


class Bench:
    """A balance and its warmth, with a load and a clock that the check sets."""

    def __init__(self):
        from calibrating import Calibrating

        self.device = "SIM-1"
        self.counts = EMPTY
        self.is_warm = True
        self.used = []
        self.calibrating = Calibrating(self, self)

    def still_counts(self):
        return self.counts

    def celsius(self):
        return 24

    def use(self, calibration):
        self.used.append(calibration)

    def mass(self, grams, counts):
        self.counts = counts
        return self.calibrating.mass(grams)


def check_every_reference_mass_is_read_back_exactly():
    for points in (POINTS, [(grams, -counts) for grams, counts in POINTS]):
        made = calibration_of(points)
        for grams, counts in points:
            assert made.grams(counts, made.zero) == grams


def check_between_the_masses_the_weight_follows_straight_lines_and_goes_on_beyond():
    made = calibration_of([(0, 1000), (5_000, 6_000), (10_000, 16_000)])
    assert made.grams(3_500, 1000) == 2_500
    assert made.grams(11_000, 1000) == 7_500
    assert made.grams(26_000, 1000) == 15_000
    assert made.grams(0, 1000) == -1_000


def check_a_weight_is_the_nearest_gram():
    for sign in (1, -1):
        made = calibration_of([(0, 0), (10_000, sign * 100_000)])
        assert [made.grams(sign * counts, 0) for counts in (94, 96, 104, 106, -94, -96)] == [
            9,
            10,
            10,
            11,
            -9,
            -10,
        ]


def check_a_zero_that_moved_moves_the_whole_line():
    made = calibration_of(POINTS)
    for grams, counts in POINTS:
        assert made.grams(counts + 700, made.zero + 700) == grams


def check_calibration_survives_writing_and_reading():
    import calibration

    for celsius in (24, -3, None):
        made = calibration_of(POINTS, celsius=celsius)
        read = calibration.parse(made.line(), "SIM-1")
        assert (read.date, read.celsius, read.points) == (DATE, celsius, POINTS)
        assert read.words() == made.words()


def check_damaged_or_foreign_calibration_is_refused():
    import calibration

    line = calibration_of(POINTS).line()
    assert calibration.parse(line, "SIM-2") is None
    assert calibration.parse(line.replace("136700", "136701"), "SIM-1") is None
    assert calibration.parse(line[:-4], "SIM-1") is None
    assert calibration.parse("", "SIM-1") is None
    assert calibration.load("/nowhere/calibration.txt", "SIM-1") is None


def check_a_damaged_copy_of_the_calibration_leaves_the_other():
    import calibration

    calibration.save("cal.txt", calibration_of(POINTS))
    with open("cal.txt", "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        file.write("2 SIM-1 2026-01")
    assert calibration.load("cal.txt", "SIM-1").points == POINTS
    with open("cal.txt.copy", "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        file.write("")
    assert calibration.load("cal.txt", "SIM-1") is None


def check_crc_is_ccitt_false():
    import calibration

    assert calibration.crc16(b"123456789") == 0x29B1


def check_the_empty_platform_and_masses_in_any_order_become_the_calibration_that_is_kept():
    import board
    import calibration

    bench = Bench()
    assert bench.calibrating.empty() == "A"
    for grams, counts in (POINTS[3], POINTS[1], POINTS[2]):
        assert bench.mass(grams, counts) == "A"
    assert bench.calibrating.finish(DATE) == "A"
    assert [(used.points, used.celsius) for used in bench.used] == [(POINTS, 24)]
    assert calibration.load(board.CALIBRATION_FILE, "SIM-1").points == POINTS
    assert bench.mass(5_000, 136_700) == "I"


def check_nothing_is_calibrated_while_moving_cold_or_without_the_empty_platform():
    bench = Bench()
    assert bench.mass(5_000, 136_700) == "I"
    assert bench.calibrating.finish(DATE) == "I"
    bench.is_warm = False
    assert bench.calibrating.empty() == "I"
    bench.is_warm, bench.counts = True, None
    assert bench.calibrating.empty() == "I"
    bench.counts = EMPTY
    assert bench.calibrating.empty() == "A"
    assert bench.calibrating.finish(DATE) == "I"
    assert bench.mass(4_999, 136_700) == "A"
    assert bench.calibrating.finish(DATE) == "I"


def check_the_empty_platform_begins_anew_and_the_same_mass_replaces():
    bench = Bench()
    bench.calibrating.empty()
    bench.mass(10_000, 189_100)
    bench.counts = EMPTY
    bench.calibrating.empty()
    bench.mass(20_000, 290_000)
    bench.mass(20_000, 293_900)
    assert bench.calibrating.finish(DATE) == "A"
    assert bench.used[0].points == [POINTS[0], POINTS[3]]


def check_a_mass_too_light_too_heavy_or_not_felt_is_refused_and_a_ninth():
    bench = Bench()
    bench.calibrating.empty()
    assert bench.mass(999, EMPTY + 10_000) == "R"
    assert bench.mass(150_001, EMPTY + 1_500_000) == "R"
    assert bench.mass(20_000, EMPTY + 9_999) == "R"
    for kg in range(1, 9):
        assert bench.mass(1000 * kg, EMPTY + 10_480 * kg) == "A"
    assert bench.mass(9_000, EMPTY + 10_480 * 9) == "R"
    assert bench.mass(8_000, EMPTY + 10_480 * 8) == "A"


def check_masses_that_do_not_lie_on_one_line_are_refused_until_the_wrong_one_is_measured_again():
    bench = Bench()
    bench.calibrating.empty()
    bench.mass(20_000, EMPTY + 20 * 10_480)
    bench.mass(10_000, EMPTY + 10 * 10_480 + 51 * 11)
    assert bench.calibrating.finish(DATE) == "R"
    bench.mass(5_000, EMPTY + 10 * 10_480)
    assert bench.calibrating.finish(DATE) == "R"
    bench.mass(10_000, EMPTY + 10 * 10_480 + 40 * 10)
    bench.mass(5_000, EMPTY + 5 * 10_480 + 102 * 10_480 // 1000)
    assert bench.calibrating.finish(DATE) == "R"
    bench.mass(5_000, EMPTY + 5 * 10_480 + 98 * 10_480 // 1000)
    assert bench.calibrating.finish(DATE) == "A"


def check_two_masses_close_together_do_not_bend_what_lies_beyond_them():
    bench = Bench()
    bench.calibrating.empty()
    bench.mass(20_000, EMPTY + 20 * 10_480)
    bench.mass(19_500, EMPTY + 195 * 1_048 + 500)
    assert bench.calibrating.finish(DATE) == "R"
    bench.mass(19_500, EMPTY + 195 * 1_048 + 20)
    assert bench.calibrating.finish(DATE) == "A"
    assert abs(bench.used[0].grams(EMPTY + 150 * 10_480, EMPTY) - 150_000) <= 750


globals()[sys.argv[3]]()
