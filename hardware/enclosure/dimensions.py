"""How large the parts are that go into the cases, and where each figure is from. Millimetres throughout.

A part of another size is a change here; the layout and the cases follow, and the tests say what no longer fits.
"""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Board:
    """A circuit board lying flat: outline, thickness, tallest part above and below, screw holes from its lower left."""

    width: float
    height: float
    thickness: float
    above: float
    below: float
    holes: tuple[Point, ...]
    hole_diameter: float
    source: str


@dataclass(frozen=True)
class Screen:
    """A 7 inch screen on its board; margins are from the board's outline, lugs included, to the picture."""

    board: Board
    glass_to_board: float  # front of the glass to the front of the board
    glass_top: float  # board's upper edge to the glass's
    glass_height: float
    picture_left: float
    picture_bottom: float
    picture_width: float
    picture_height: float


def rectangle(left: float, bottom: float, width: float, height: float) -> tuple[Point, ...]:
    """Give the corners of a hole pattern, from lower left, row by row."""
    return tuple((left + dx, bottom + dy) for dy in (0.0, height) for dx in (0.0, width))


RASPBERRY_PI = Board(
    width=85.0,
    height=56.0,
    thickness=1.6,
    above=16.0,
    below=3.0,
    holes=rectangle(3.5, 3.5, 58.0, 49.0),
    hole_diameter=2.7,
    source="Raspberry Pi 4 mechanical drawing (rpi_MECH_4b_4p0): 85 x 56, holes 58 x 49, 3.5 from the edges; "
    "the Raspberry Pi 5 keeps outline and holes. Heights are room left, not measured.",
)
PI_SOCKETS_BEYOND_EDGE = 3.0  # USB and network sockets stand over the right edge

CAMERA = Board(
    width=25.0,
    height=24.0,
    thickness=1.0,
    above=8.5,
    below=3.0,
    holes=rectangle(2.0, 9.5, 21.0, 12.5),
    hole_diameter=2.2,
    source="Raspberry Pi documentation, camera table: Camera Module 3 is 25 x 24 x 11.5 and has the holes of Camera "
    "Module 2; holes 21 x 12.5, 2 from the top edge. Of the 11.5, 8.5 are taken to be before the board's front.",
)
LENS_BELOW_TOP = (
    4.0,
    19.0,
)  # the lens of Camera Module 1, 2 and 3 lies somewhere in this strip, in the middle
LENS_STRIP = 13.0

PICO = Board(
    width=51.0,
    height=21.0,
    thickness=1.0,
    above=4.0,
    below=3.0,
    holes=rectangle(2.0, 4.8, 47.0, 11.4),
    hole_diameter=2.1,
    source="Raspberry Pi Pico data sheet: 51 x 21 x 1, holes 47 x 11.4, 2.1 wide; USB socket 1.3 over the short edge",
)

CONVERTER_BED = (
    40.0,
    26.0,
)  # room for an HX711 board of any maker; it is held by a strap, since their holes differ
CONVERTER_HEIGHT = 12.0

SCREEN = Screen(
    board=Board(
        width=165.0,
        height=124.0,
        thickness=1.6,
        above=5.7,
        below=6.0,
        holes=rectangle(4.0, 4.5, 157.0, 115.0),
        hole_diameter=3.0,
        source="Waveshare 7 inch HDMI screen with four lugs, as measured with callipers for a published case "
        "(Waveshare 7 inch display case v1): board 165 x 107 and lugs 8 x 8.5, glass 165 x 99.3, plugs behind 6. "
        "Screens of one name differ: measure yours.",
    ),
    glass_to_board=5.7,
    glass_top=8.5 + 2.1,
    glass_height=99.3,
    picture_left=3.0,
    picture_bottom=124.0 - (8.5 + 2.1 + 4.0) - 86.6,
    picture_width=155.2,
    picture_height=86.6,
)

# Screws for plastic: the pilot hole they cut their thread in, and the hole they pass through.
M2_PILOT, M25_PILOT, M3_PILOT = 1.7, 2.1, 2.6
M3_THROUGH, M3_HEAD = 3.4, 6.2
PG7_HOLE = 12.7  # cable gland PG7, outer thread 12.5 (DIN 40430)
PG7_NUT = 19.0
