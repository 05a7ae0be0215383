"""Draw the cases from their STL files, with the parts they hold as plain boxes: `make cad`.

A parallel view of flat-shaded triangles with a depth buffer, drawn three times too large and made smaller.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.enclosure.layout import Block, box_blocks, kiosk_blocks
from hardware.enclosure.mesh import Triangles, read_stl

HERE = Path(__file__).resolve().parent
Colour = tuple[int, int, int]  # blue, green, red

PLASTIC: Colour = (196, 202, 206)
LID: Colour = (176, 190, 200)
GLASS: Colour = (70, 52, 40)
GREEN_BOARD: Colour = (96, 140, 70)
PLUG: Colour = (120, 118, 118)
LIGHT = np.array([-0.35, 0.55, 0.76])
OVERSIZE = 3
EDGE_STEP_MM = 1.2
EDGE_TURN = 0.35
LIFTED = np.array([0.0, 0.0, 38.0])
ASIDE = np.array([30.0, 0.0, 0.0])

Piece = tuple[Triangles, Colour]


def view(turn_deg: float, tilt_deg: float) -> NDArray[np.float64]:
    """Rotation into the eye's axes: turned about the case's upright axis (y), then tilted towards the eye."""
    turn, tilt = np.radians([turn_deg, tilt_deg])
    about_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    return np.asarray(about_x @ about_y, np.float64)


def draw(pieces: Sequence[Piece], eye: NDArray[np.float64], width: int) -> NDArray[np.uint8]:
    """Render the pieces as a picture `width` pixels wide, on white."""
    turned = [(triangles @ eye.T, colour) for triangles, colour in pieces]
    every = np.concatenate([triangles.reshape(-1, 3) for triangles, _ in turned])
    low, high = every.min(axis=0), every.max(axis=0)
    scale = width * OVERSIZE * 0.94 / (high[0] - low[0])
    size = (int((high[1] - low[1]) * scale + 0.06 * width * OVERSIZE), width * OVERSIZE)
    canvas = np.full((*size, 3), 255, np.uint8)
    depth = np.full(size, -np.inf)
    turn = np.zeros((*size, 3))
    for triangles, colour in turned:
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        lengths = np.linalg.norm(normals, axis=1)
        seen = (lengths > 1e-9) & (normals[:, 2] > 0)
        for triangle, normal in zip(triangles[seen], normals[seen] / lengths[seen, None], strict=True):
            x = (triangle[:, 0] - low[0]) * scale + 0.03 * width * OVERSIZE
            y = size[0] - (triangle[:, 1] - low[1]) * scale - 0.03 * width * OVERSIZE
            brightness = 0.45 + 0.55 * max(0.0, float(normal @ LIGHT))
            _fill(
                canvas,
                depth,
                turn,
                np.stack([x, y, triangle[:, 2]], axis=1),
                normal,
                np.array(colour) * brightness,
            )
    canvas[_outlines(depth, turn)] = (60, 60, 60)
    small = cv2.resize(canvas, None, fx=1 / OVERSIZE, fy=1 / OVERSIZE, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _fill(
    canvas: NDArray[np.uint8],
    depth: NDArray[np.float64],
    turn: NDArray[np.float64],
    triangle: NDArray[np.float64],
    normal: NDArray[np.float64],
    colour: NDArray[np.float64],
) -> None:
    """Draw one triangle (x, y in pixels, z towards the eye) where nothing nearer is."""
    x0, y0 = np.floor(triangle[:, :2].min(axis=0)).astype(int)
    x1, y1 = np.ceil(triangle[:, :2].max(axis=0)).astype(int)
    xs, ys = np.meshgrid(np.arange(x0, x1 + 1) + 0.5, np.arange(y0, y1 + 1) + 0.5)
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = triangle
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if abs(area) < 1e-9:
        return
    u = ((bx - xs) * (cy - ys) - (by - ys) * (cx - xs)) / area
    v = ((cx - xs) * (ay - ys) - (cy - ys) * (ax - xs)) / area
    w = 1 - u - v
    z = u * az + v * bz + w * cz
    rows, columns = slice(y0, y1 + 1), slice(x0, x1 + 1)
    nearer = (u >= 0) & (v >= 0) & (w >= 0) & (z > depth[rows, columns])
    depth[rows, columns][nearer] = z[nearer]
    turn[rows, columns][nearer] = normal
    canvas[rows, columns][nearer] = colour.astype(np.uint8)


def _outlines(depth: NDArray[np.float64], turn: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark where the depth jumps or the surface turns."""
    flat = np.where(np.isfinite(depth), depth, -1e6)
    found = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        jump = np.abs(np.diff(flat, axis=axis)) > EDGE_STEP_MM
        bend = np.linalg.norm(np.diff(turn, axis=axis), axis=2) > EDGE_TURN
        if axis == 0:
            found[1:] |= jump | bend
        else:
            found[:, 1:] |= jump | bend
    return found


def box_of(block: Block) -> Triangles:
    """The twelve triangles of a block, facing outwards."""
    low, high = np.array(block.low), np.array(block.high)
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = low + corner * (high - low)
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thirds = [three for f in faces for three in ((f[0], f[1], f[2]), (f[0], f[2], f[3]))]
    return np.asarray(points[np.array(thirds)], np.float64)


def _colour(name: str) -> Colour:
    if name == "glass":
        return GLASS
    return PLUG if "plug" in name or "nut" in name else GREEN_BOARD


def _blocks(blocks: list[Block], only: tuple[str, ...]) -> list[Piece]:
    return [(box_of(block), _colour(block.name)) for block in blocks if block.name in only]


def kiosk_closed() -> list[Piece]:
    """The kiosk as a family sees it."""
    return [
        (read_stl(HERE / "kiosk_case.stl"), PLASTIC),
        (read_stl(HERE / "kiosk_back.stl"), LID),
        *_blocks(kiosk_blocks(), only=("glass", "camera")),
    ]


def kiosk_open() -> list[Piece]:
    """The kiosk opened like a book: the front's inside on the left, the back with the Raspberry Pi on the right."""
    on_front = ("screen board", "plugs behind the screen", "camera")
    front = [(read_stl(HERE / "kiosk_case.stl"), PLASTIC), *_blocks(kiosk_blocks(), only=on_front)]
    about_face = np.array([-1.0, 1.0, -1.0])
    return [
        *((triangles * about_face - ASIDE, colour) for triangles, colour in front),
        (read_stl(HERE / "kiosk_back.stl"), LID),
        *_blocks(kiosk_blocks(), only=("Raspberry Pi",)),
    ]


def box_open() -> list[Piece]:
    """The scale's box with its lid lifted."""
    return [
        (read_stl(HERE / "scale_box.stl"), PLASTIC),
        *_blocks(box_blocks(), only=("Pico", "USB plug", "converter")),
        (read_stl(HERE / "scale_lid.stl") + LIFTED, LID),
    ]


def main() -> None:
    """Write the pictures beside the STL files."""
    from_above = view(0, -58)
    pictures = {
        "kiosk.png": draw(kiosk_closed(), view(-28, 16), 900),
        "kiosk_open.png": draw(kiosk_open(), view(-14, 22), 1100),
        "scale_box.png": draw(box_open(), from_above @ _spin(-24), 900),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(HERE / name), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _spin(degrees: float) -> NDArray[np.float64]:
    """Rotation about the box's own upright axis (z)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


if __name__ == "__main__":
    main()
