"""The calibration: what the bridge said when empty and under known masses, and where that is kept.

From point to point the weight follows straight lines, so that each mass is read back exactly; beyond the last mass,
and below zero, the nearest line goes on. It is kept as one line of text with a CRC, twice, replaced whole or not at
all. The line names the device it was made on, so that a file copied from another scale is refused:
`2 <device> <date> <temperature or -> <grams:counts>... <crc16>`.
"""

import os

FORMAT = "2"


def crc16(data):
    """CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF), as Python's `binascii.crc_hqx(data, 0xFFFF)`."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021) & 0xFFFF if crc & 0x8000 else (crc << 1) & 0xFFFF
    return crc


def quotient(numerator, denominator):
    """Divide whole numbers to the nearest one: the RP2040's floats have 24 bits, as many as a reading."""
    return (2 * numerator + denominator) // (2 * denominator)


class Calibration:
    """Points of (grams, counts), lightest first; the first is the empty platform. `celsius` may be None."""

    def __init__(self, device, date, celsius, points):
        self.device = device
        self.date = date
        self.celsius = celsius
        self.points = points
        self.zero = points[0][1]
        heaviest_g, counts = points[-1]
        self.counts_per_kg = quotient((counts - self.zero) * 1000, heaviest_g)

    def grams(self, counts, zero):
        """Weight of `counts` above `zero`, in whole grams."""
        above = self.zero + counts - zero
        rising = self.counts_per_kg > 0
        lower, upper = self.points[0], self.points[1]
        for further in self.points[2:]:
            if above == upper[1] or (above < upper[1]) == rising:
                break
            lower, upper = upper, further
        return lower[0] + quotient((above - lower[1]) * (upper[0] - lower[0]), upper[1] - lower[1])

    def counts(self, grams):
        """How many counts `grams` are: the length of a difference, never negative."""
        return abs(grams * self.counts_per_kg) // 1000

    def words(self):
        """Write date, temperature and points, as `XC` tells them."""
        celsius = "-" if self.celsius is None else str(self.celsius)
        return " ".join([self.date, celsius] + ["%d:%d" % point for point in self.points])

    def line(self):
        """Write as the line that is kept, with its CRC."""
        body = " ".join([FORMAT, self.device, self.words()])
        return "%s %04X\n" % (body, crc16(body.encode()))


def parse(line, device):
    """Read the kept line; None if it is damaged, of another format, or another scale's."""
    body, _, crc = line.strip().rpartition(" ")
    fields = body.split(" ")
    if len(fields) < 6 or fields[0] != FORMAT or fields[1] != device or crc != "%04X" % crc16(body.encode()):
        return None
    celsius = None if fields[3] == "-" else int(fields[3])
    points = [field.split(":") for field in fields[4:]]
    return Calibration(device, fields[2], celsius, [(int(grams), int(counts)) for grams, counts in points])


def load(path, device):
    """Read the calibration from flash: its first copy that can be trusted, or None."""
    for copy in _copies(path):
        try:
            with open(copy) as file:
                found = parse(file.read(), device)
        except (OSError, ValueError):
            continue
        if found is not None:
            return found
    return None


def save(path, calibration):
    """Replace the calibration on flash, one copy after the other.

    A power cut leaves the old line or the new one in each, never half of one; a worn block of the flash takes one copy.
    """
    for copy in _copies(path):
        draft = copy + ".new"
        with open(draft, "w") as file:
            file.write(calibration.line())
        os.rename(draft, copy)


def _copies(path):
    return path, path + ".copy"
