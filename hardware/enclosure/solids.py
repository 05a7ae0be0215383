"""The few shapes both cases are made of. Needs build123d (`make cad`)."""

# pyright: reportMissingImports=false

from typing import Any

from build123d import Align, Axis, Box, Cylinder, Part, Plane, Pos, RectangleRounded, Rot, extrude, fillet

from hardware.enclosure.dimensions import M3_PILOT, M3_THROUGH, Board, Point
from hardware.enclosure.layout import STANDOFF, WALL, Case

CORNER = (Align.MIN, Align.MIN, Align.MIN)
FOOT = (Align.CENTER, Align.CENTER, Align.MIN)
ROUNDING = 5.0
LIP = 2.0  # a rim inside the walls keeps the back in its place and dust out
LIP_PLAY = 0.3


def cuboid(low: tuple[float, float, float], high: tuple[float, float, float]) -> Any:
    """A box from corner to corner."""
    return Pos(*low) * Box(*(b - a for a, b in zip(low, high, strict=True)), align=CORNER)


def upright(at: Point, z: float, diameter: float, length: float) -> Any:
    """A cylinder standing at `at`, from `z` upwards."""
    return Pos(at[0], at[1], z) * Cylinder(diameter / 2, length, align=FOOT)


def slab(case: Case, z: float, thickness: float) -> Any:
    """A plate of the case's outline with rounded corners."""
    middle = Plane.XY.offset(z) * Pos(case.width / 2, case.height / 2)
    return extrude(
        middle * RectangleRounded(case.width + 2 * WALL, case.height + 2 * WALL, ROUNDING), thickness
    )


def shell(case: Case, low: float, high: float) -> Any:
    """The four walls from `low` to `high`, and the corner posts with their screw holes."""
    walls = slab(case, low, high - low) - cuboid((0, 0, low), (case.width, case.height, high))
    posts = Part() + [
        cuboid((post.low[0], post.low[1], low), (post.high[0], post.high[1], high)) for post in case.posts()
    ]
    return walls + posts


def screw_holes(case: Case, z: float, length: float) -> Any:
    """Pilot holes in the corner posts."""
    return Part() + [upright(at, z, M3_PILOT, length) for at in case.screws()]


def cover(case: Case, z: float, lip_side: int) -> Any:
    """Back or lid: a plate with four screw holes, and a rim between the posts on its `lip_side` (+1 up, -1 down)."""
    plate = slab(case, z, WALL)
    inset, post = LIP_PLAY, 9.0
    low = z + WALL if lip_side > 0 else z - LIP
    rims = [
        ((post, inset, low), (case.width - post, inset + LIP, low + LIP)),
        ((post, case.height - inset - LIP, low), (case.width - post, case.height - inset, low + LIP)),
        ((inset, post, low), (inset + LIP, case.height - post, low + LIP)),
        ((case.width - inset - LIP, post, low), (case.width - inset, case.height - post, low + LIP)),
    ]
    holes = [upright(at, z, M3_THROUGH, WALL) for at in case.screws()]
    return plate + [cuboid(*rim) for rim in rims] - holes


def standoffs(board: Board, at: Point, z: float, outer: float, pilot: float, length: float = STANDOFF) -> Any:
    """Pillars under a board's holes, with pilot holes from their tops."""
    points = [(at[0] + x, at[1] + y) for x, y in board.holes]
    return Part() + [
        upright(point, z, outer, length) - upright(point, z + 0.6, pilot, length) for point in points
    ]


def through_wall_y(x: float, z: float, diameter: float) -> Any:
    """A round hole through the lower wall (y below 0)."""
    return Pos(x, -WALL - 1, z) * Rot(-90, 0, 0) * Cylinder(diameter / 2, WALL + 2, align=FOOT)


def through_wall_x(x: float, y: float, z: float, diameter: float) -> Any:
    """A round hole through a side wall, from `x` rightwards."""
    return Pos(x, y, z) * Rot(0, 90, 0) * Cylinder(diameter / 2, WALL + 2, align=FOOT)


def round_upper_edges(solid: Any, radius: float) -> Any:
    """Round the outline of the highest face, so that no edge is sharp to a child's hand."""
    return fillet(solid.faces().sort_by(Axis.Z)[-1].outer_wire().edges(), radius)
