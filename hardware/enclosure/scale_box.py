"""The box for the scale's electronics: Pico, converter, a gland at each end. Needs build123d (`make cad`)."""

# pyright: reportMissingImports=false

from typing import Any

from build123d import Part

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
    through_wall_x,
    upright,
)

EAR_HOLE = 4.5
BED_RIDGE = 2.0


def box() -> Any:
    """Floor and walls, ears to screw it down by."""
    case = at.BOX
    body = slab(case, 0.0, at.WALL) + shell(case, at.WALL, case.depth - at.WALL)
    body -= screw_holes(case, case.depth - at.WALL - 14.0, 14.0)
    body += standoffs(d.PICO, at.PICO_AT, at.WALL, 4.6, d.M2_PILOT)
    body += _bed()
    for side, y in at.BOX_GLANDS:
        x = -at.WALL - 1 if side == "left" else case.width - 1
        body -= through_wall_x(x, y, at.BOX_GLAND_Z, d.PG7_HOLE)
    return body + _ears()


def lid() -> Any:
    """The lid; a strip of foam on its rim makes the box tight against a splash."""
    return round_upper_edges(cover(at.BOX, at.BOX.depth - at.WALL, -1), 1.5)


def _bed() -> Any:
    """Two ridges with a gap under each, for a strap over the converter."""
    x, y = at.BED_AT
    width, height = d.CONVERTER_BED
    ridges = []
    for low in (y - BED_RIDGE, y + height):
        ridge = cuboid((x, low, at.WALL), (x + width, low + BED_RIDGE, at.WALL + 4.0))
        ridges.append(ridge - cuboid((x + 17.0, low, at.WALL), (x + 23.0, low + BED_RIDGE, at.WALL + 2.0)))
    return Part() + ridges


def _ears() -> Any:
    ears = []
    for low in (-at.WALL - at.EAR, at.BOX.width + at.WALL):
        plate = cuboid((low, at.BOX.height / 2 - 10, 0.0), (low + at.EAR, at.BOX.height / 2 + 10, at.WALL))
        ears.append(plate - upright((low + at.EAR / 2, at.BOX.height / 2), 0.0, EAR_HOLE, at.WALL))
    return Part() + ears
