"""Where everything sits inside the two cases, worked out from the dimensions. Plain arithmetic, no CAD.

Axes as one sees the case from the front, or the scale's box from above: x to the right, y up (away), z towards the eye.
The origin is the lower left inner corner, z = 0 the outer face of the back (floor). Millimetres.
"""

from dataclasses import dataclass
from itertools import combinations

from hardware.enclosure import dimensions as d

WALL = 3.0
POST = 8.0  # square posts in the corners take the screws of back and lid
STANDOFF = 5.0


@dataclass(frozen=True)
class Block:
    """The room one part needs: a box from `low` to `high`."""

    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def overlaps(self, other: "Block") -> bool:
        """Say whether the two share more than a face."""
        return all(
            a < d and c < b for a, b, c, d in zip(self.low, self.high, other.low, other.high, strict=True)
        )


@dataclass(frozen=True)
class Case:
    """Inner size, and the depth over everything."""

    width: float
    height: float
    depth: float

    @property
    def outer(self) -> tuple[float, float, float]:
        """Size over the walls."""
        return self.width + 2 * WALL, self.height + 2 * WALL, self.depth

    def posts(self) -> list[Block]:
        """The four corner posts, between back and front."""
        return [
            Block(f"post {n}", (x, y, WALL), (x + POST, y + POST, self.depth - WALL))
            for n, (x, y) in enumerate(
                (x, y) for y in (0.0, self.height - POST) for x in (0.0, self.width - POST)
            )
        ]

    def screws(self) -> list[d.Point]:
        """The middles of the posts."""
        return [(post.low[0] + POST / 2, post.low[1] + POST / 2) for post in self.posts()]


# The kiosk: screen and camera hang on the front, the Raspberry Pi on the back, half behind the screen.
PLUG_ROOM = 28.0  # right of the screen: HDMI and USB plugs, angled leads
GAP = 4.0
BEHIND_SCREEN = 4.0
LUG = 8.5  # the screen board's lugs, above and below
KIOSK = Case(
    width=POST + 1.0 + d.SCREEN.board.width + PLUG_ROOM,
    height=GAP + d.SCREEN.board.height + GAP + d.CAMERA.height + GAP,
    depth=2 * WALL
    + (d.SCREEN.glass_to_board + d.SCREEN.board.thickness + d.SCREEN.board.below)
    + BEHIND_SCREEN
    + (STANDOFF + d.RASPBERRY_PI.thickness + d.RASPBERRY_PI.above),
)
SCREEN_AT = (POST + 1.0, GAP)
PICTURE_AT = (SCREEN_AT[0] + d.SCREEN.picture_left, SCREEN_AT[1] + d.SCREEN.picture_bottom)
CAMERA_AT = (
    PICTURE_AT[0] + d.SCREEN.picture_width / 2 - d.CAMERA.width / 2,
    KIOSK.height - GAP - d.CAMERA.height,
)
CAMERA_BOSS = (
    6.0  # with the wall this is 9 mm, half a millimetre more than the camera stands before its board
)
PI_AT = (60.0, 44.0)
GLANDS_AT = (30.0, 60.0)  # x of the two cables through the bottom wall
INNER_FRONT = KIOSK.depth - WALL
SCREEN_BOARD_Z = INNER_FRONT - d.SCREEN.glass_to_board - d.SCREEN.board.thickness
CAMERA_BOARD_Z = INNER_FRONT - CAMERA_BOSS - d.CAMERA.thickness
PI_BOARD_Z = WALL + STANDOFF
GLAND_Z = WALL + 12.0


def kiosk_blocks() -> list[Block]:
    """The room of every part in the kiosk's case."""
    x, y = SCREEN_AT
    glass_top = y + d.SCREEN.board.height - d.SCREEN.glass_top
    pi_x, pi_y = PI_AT
    board = d.SCREEN.board
    nut = d.PG7_NUT / 2
    nuts = [
        Block(f"gland nut {n}", (at - nut, 0.0, GLAND_Z - nut), (at + nut, 8.0, GLAND_Z + nut))
        for n, at in enumerate(GLANDS_AT)
    ]
    glass_z = SCREEN_BOARD_Z + board.thickness
    camera_x, camera_y = CAMERA_AT
    camera_z = CAMERA_BOARD_Z + d.CAMERA.thickness
    sockets = pi_x + d.RASPBERRY_PI.width + d.PI_SOCKETS_BEYOND_EDGE
    pi_top = PI_BOARD_Z + d.RASPBERRY_PI.thickness + d.RASPBERRY_PI.above
    right, top = x + board.width, y + board.height
    return [
        *nuts,
        Block("glass", (x, glass_top - d.SCREEN.glass_height, glass_z), (right, glass_top, INNER_FRONT)),
        Block("screen board", (x, y, SCREEN_BOARD_Z), (right, top, glass_z)),
        Block(
            "plugs behind the screen",
            (x, y + LUG, SCREEN_BOARD_Z - board.below),
            (right, top - LUG, SCREEN_BOARD_Z),
        ),
        Block(
            "plugs beside the screen",
            (right, y + 25.0, SCREEN_BOARD_Z - board.below),
            (right + PLUG_ROOM - 1.0, y + 107.0, SCREEN_BOARD_Z),
        ),
        Block(
            "camera",
            (camera_x, camera_y, camera_z - d.CAMERA.below),
            (camera_x + d.CAMERA.width, camera_y + d.CAMERA.height, camera_z),
        ),
        Block("Raspberry Pi", (pi_x, pi_y, PI_BOARD_Z), (sockets, pi_y + d.RASPBERRY_PI.height, pi_top)),
        Block(
            "USB plugs of the Pi",
            (sockets, pi_y + 4.0, PI_BOARD_Z),
            (sockets + 40.0, pi_y + 52.0, PI_BOARD_Z + 17.0),
        ),
        Block(
            "supply and HDMI plugs of the Pi",
            (pi_x + 5.0, pi_y - 35.0, PI_BOARD_Z),
            (pi_x + 50.0, pi_y, PI_BOARD_Z + 10.0),
        ),
    ]


# The scale's box: Pico and converter side by side, the USB plug inside, a gland at each end.
USB_PLUG_ROOM = 40.0
BOX = Case(width=USB_PLUG_ROOM + d.PICO.width + 14.0, height=61.0, depth=2 * WALL + 24.0)
PICO_AT = (USB_PLUG_ROOM, 7.5)
PICO_BOARD_Z = WALL + STANDOFF
BED_AT = (USB_PLUG_ROOM + 4.0, BOX.height - 4.5 - d.CONVERTER_BED[1])
BOX_GLANDS = (("left", PICO_AT[1] + d.PICO.height / 2), ("right", BED_AT[1] + d.CONVERTER_BED[1] / 2))
BOX_GLAND_Z = WALL + 12.0
EAR = 14.0  # ears with a screw hole, left and right


def box_blocks() -> list[Block]:
    """The room of every part in the scale's box."""
    x, y = PICO_AT
    bed_x, bed_y = BED_AT
    left, right = (at for _, at in BOX_GLANDS)
    nut = d.PG7_NUT / 2
    return [
        Block("Pico", (x - 1.3, y, PICO_BOARD_Z),
              (x + d.PICO.width, y + d.PICO.height, PICO_BOARD_Z + d.PICO.thickness + d.PICO.above)),
        Block("USB plug", (10.0, y + 4.0, PICO_BOARD_Z - 3.0), (x - 1.3, y + 17.0, PICO_BOARD_Z + 7.0)),
        Block("converter", (bed_x, bed_y, WALL),
              (bed_x + d.CONVERTER_BED[0], bed_y + d.CONVERTER_BED[1], WALL + d.CONVERTER_HEIGHT)),
        Block("nut of the USB gland", (0.0, left - nut, BOX_GLAND_Z - nut), (8.0, left + nut, BOX_GLAND_Z + nut)),
        Block("nut of the cells' gland", (BOX.width - 8.0, right - nut, BOX_GLAND_Z - nut),
              (BOX.width, right + nut, BOX_GLAND_Z + nut)),
    ]  # fmt: skip


def clashes(blocks: list[Block]) -> list[tuple[str, str]]:
    """Give the pairs that share room."""
    return [(a.name, b.name) for a, b in combinations(blocks, 2) if a.overlaps(b)]
