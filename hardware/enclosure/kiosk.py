"""The kiosk's case: front with screen and camera, back with the Raspberry Pi. Needs build123d (`make cad`)."""

# pyright: reportMissingImports=false

from typing import Any

from build123d import Part, Plane, Pos, Rectangle, SlotOverall, extrude

from hardware.enclosure import dimensions as d
from hardware.enclosure import layout as at
from hardware.enclosure.solids import (
    cover,
    cuboid,
    round_upper_edges,
    screw_holes,
    shell,
    slab,
    standoffs,
    through_wall_y,
    upright,
)

PICTURE_MARGIN = 0.5
BEVEL = 35.0  # degrees the window opens outwards
HANGERS = (51.0, 151.0)
HANGER_Y = 138.0


def front() -> Any:
    """Front and walls in one piece; printed face down."""
    case = at.KIOSK
    body = shell(case, at.WALL, at.INNER_FRONT) + slab(case, at.INNER_FRONT, at.WALL)
    body = round_upper_edges(body, 2.5)
    body += _bosses(d.SCREEN.board, at.SCREEN_AT, d.SCREEN.glass_to_board, 6.5, d.M3_PILOT)
    body += _bosses(d.CAMERA, at.CAMERA_AT, at.CAMERA_BOSS, 4.4, d.M2_PILOT)
    body -= _window()
    body -= _lens()
    body -= screw_holes(case, at.WALL, 14.0)
    body -= [through_wall_y(x, at.GLAND_Z, d.PG7_HOLE) for x in at.GLANDS_AT]
    return body - _vents()


def back() -> Any:
    """The back plate, with pillars for the Raspberry Pi and two keyholes to hang the kiosk by."""
    plate = cover(at.KIOSK, 0.0, +1)
    plate += standoffs(d.RASPBERRY_PI, at.PI_AT, at.WALL, 6.0, d.M25_PILOT)
    return plate - [_keyhole(x) for x in HANGERS]


def _bosses(board: d.Board, corner: d.Point, length: float, outer: float, pilot: float) -> Any:
    """Pillars that hang from the front towards the back, their pilot holes open at the back."""
    points = [(corner[0] + x, corner[1] + y) for x, y in board.holes]
    low = at.INNER_FRONT - length
    return Part() + [upright(p, low, outer, length) - upright(p, low, pilot, length - 0.4) for p in points]


def _window() -> Any:
    x, y = at.PICTURE_AT
    width, height = d.SCREEN.picture_width + 2 * PICTURE_MARGIN, d.SCREEN.picture_height + 2 * PICTURE_MARGIN
    middle = Pos(x + d.SCREEN.picture_width / 2, y + d.SCREEN.picture_height / 2)
    sketch = Plane.XY.offset(at.INNER_FRONT) * middle * Rectangle(width, height)
    return extrude(sketch, at.WALL + 0.01, taper=-BEVEL)


def _lens() -> Any:
    near, far = d.LENS_BELOW_TOP
    x, y = at.CAMERA_AT
    middle = Pos(x + d.CAMERA.width / 2, y + d.CAMERA.height - (near + far) / 2)
    sketch = Plane.XY.offset(at.INNER_FRONT) * middle * Rectangle(d.LENS_STRIP, far - near)
    return extrude(sketch, at.WALL + 0.01, taper=-BEVEL)


def _vents() -> Any:
    """Slots 2 mm wide, too narrow for a child's finger, above and below the Pi."""
    slots = [(70.0 + 12.0 * n, y) for n in range(8) for y in (-at.WALL - 1, at.KIOSK.height - 1)]
    return Part() + [cuboid((x, y, 10.0), (x + 2.0, y + at.WALL + 2, 28.0)) for x, y in slots]


def _keyhole(x: float) -> Any:
    neck = Pos(x, HANGER_Y + 5.0) * SlotOverall(14.0, 4.4, rotation=90)
    return upright((x, HANGER_Y), 0.0, 9.0, at.WALL) + extrude(neck, at.WALL)
