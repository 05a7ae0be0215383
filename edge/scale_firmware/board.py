"""What this scale is made of: pins, chip, platform and limits. The one place to change for other parts.

The platform is four 50 kg half-bridge cells wired as one bridge (hardware/README.md), read by an HX711 at gain 128.
"""

from pins import DOUT_PIN as DOUT_PIN
from pins import MAINTENANCE_PIN as MAINTENANCE_PIN
from pins import SCK_PIN as SCK_PIN

VERSION = "1.1.0"
MODEL = "AANGAN-HX711"

SAMPLES_PER_SECOND = 10  # 10 with the HX711's RATE pin low, as most boards are made; 80 with it high

CAPACITY_G = 150_000  # four cells carry 200 kg; the rest is margin for a child who jumps
STEP_G = 5  # weights are given in steps of this
OVERLOAD_G = CAPACITY_G + 9 * STEP_G
UNDERLOAD_G = -500  # below this the platform's top is missing or a wire is off
ZERO_RANGE_G = 500  # Z and the auto-zero never move further than this from the calibrated zero
EMPTY_G = 50  # nothing weighed here is this light; only then the auto-zero follows drift

INFANT_RANGE_G = 20  # a child lying or standing alone is still when 2 s of readings stay within this
HELD_CHILD_RANGE_G = 100  # a child in an adult's arms
STABLE_MS = 2000
STABLE_MIN_SAMPLES = 10
STABLE_WAIT_MS = 5000  # `S` answers `S I` after this

WARM_UP_MS = 300_000  # after power-on, while the zero moves most; nothing is calibrated before it is over
WATCHDOG_MS = 8000  # the RP2040's longest is 8388 ms
CALIBRATION_FILE = "calibration.txt"
