"""The two-point calibration and where it is kept: one line of text with a CRC, twice, replaced whole or not at all.

The two points are the empty platform and a known mass. The line names the device it was made on, so that a file copied
from another scale is refused: `1 <device> <zero counts> <counts per kg> <mass g> <date> <crc16>`.
"""

import os

FORMAT = "1"
MIN_MASS_G = 5_000  # a lighter mass would magnify its own error too much
MIN_COUNTS_PER_KG = 500  # below this 5 g is less than three counts: a wire is off or the gain is wrong


def crc16(data):
    """CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF), as Python's `binascii.crc_hqx(data, 0xFFFF)`."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021) & 0xFFFF if crc & 0x8000 else (crc << 1) & 0xFFFF
    return crc


class Calibration:
    """What the bridge says when empty, and how many counts a kilogram adds."""

    def __init__(self, device, zero, counts_per_kg, mass_g, date):
        self.device = device
        self.zero = zero
        self.counts_per_kg = counts_per_kg
        self.mass_g = mass_g
        self.date = date

    def grams(self, counts, zero):
        """Weight of `counts` above `zero`, in whole grams."""
        return round((counts - zero) * 1000 / self.counts_per_kg)

    def counts(self, grams):
        """How many counts `grams` are: the length of a difference, never negative."""
        return abs(grams * self.counts_per_kg) // 1000

    def line(self):
        """Write as the line that is kept, with its CRC."""
        fields = (FORMAT, self.device, self.zero, self.counts_per_kg, self.mass_g, self.date)
        body = " ".join(str(field) for field in fields)
        return "%s %04X\n" % (body, crc16(body.encode()))


def from_two_points(device, empty_counts, loaded_counts, mass_g, date):
    """Make a calibration from two still readings; None if the mass is too light or the bridge hardly moved."""
    if mass_g < MIN_MASS_G:
        return None
    counts_per_kg = round((loaded_counts - empty_counts) * 1000 / mass_g)
    if abs(counts_per_kg) < MIN_COUNTS_PER_KG:
        return None
    return Calibration(device, empty_counts, counts_per_kg, mass_g, date)


def parse(line, device):
    """Read the kept line; None if it is damaged, of another format, or another scale's."""
    body, _, crc = line.strip().rpartition(" ")
    fields = body.split(" ")
    if len(fields) != 6 or fields[0] != FORMAT or fields[1] != device or crc != "%04X" % crc16(body.encode()):
        return None
    return Calibration(device, int(fields[2]), int(fields[3]), int(fields[4]), fields[5])


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
