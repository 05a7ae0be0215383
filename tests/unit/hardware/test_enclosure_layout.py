"""What goes into the cases fits, by arithmetic alone."""

from collections.abc import Callable

import pytest

from hardware.enclosure import dimensions as d
from hardware.enclosure.layout import (
    BOX,
    CAMERA_BOSS,
    GLAND_Z,
    KIOSK,
    PICTURE_AT,
    SCREEN_AT,
    WALL,
    Block,
    Case,
    box_blocks,
    clashes,
    kiosk_blocks,
)

CASES = [(KIOSK, kiosk_blocks), (BOX, box_blocks)]
PRINTER_BED_MM = 220.0


def spacing(board: d.Board) -> tuple[float, float]:
    """Width and height of a hole pattern."""
    xs, ys = zip(*board.holes, strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


@pytest.mark.parametrize(
    ("board", "holes", "outline"),
    [
        (d.RASPBERRY_PI, (58.0, 49.0), (85.0, 56.0)),  # Raspberry Pi 4 and 5 mechanical drawings
        (d.PICO, (47.0, 11.4), (51.0, 21.0)),  # Pico data sheet
        (d.CAMERA, (21.0, 12.5), (25.0, 24.0)),  # camera documentation
    ],
)
def test_boards_have_the_hole_patterns_of_their_drawings(
    board: d.Board, holes: tuple[float, float], outline: tuple[float, float]
):
    assert spacing(board) == pytest.approx(holes)
    assert (board.width, board.height) == outline


def test_the_screen_is_a_seven_inch_one_with_square_pixels():
    diagonal = (d.SCREEN.picture_width**2 + d.SCREEN.picture_height**2) ** 0.5
    assert diagonal / 25.4 == pytest.approx(7.0, abs=0.05)
    # 1024 x 600 on a 7 inch panel: pixels square to 5 %
    assert (d.SCREEN.picture_width / 1024) / (d.SCREEN.picture_height / 600) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize(("case", "blocks"), CASES)
def test_no_part_stands_where_another_does(case: Case, blocks: Callable[[], list[Block]]):
    assert clashes(blocks() + case.posts()) == []


@pytest.mark.parametrize(("case", "blocks"), CASES)
def test_every_part_is_inside_the_walls(case: Case, blocks: Callable[[], list[Block]]):
    for block in blocks():
        inner = ((0.0, case.width), (0.0, case.height), (WALL, case.depth - WALL))
        for low, high, (least, most) in zip(block.low, block.high, inner, strict=True):
            assert least - 1e-9 <= low < high <= most + 1e-9, block.name


def test_the_window_shows_the_whole_picture_and_lies_on_the_glass():
    glass = next(block for block in kiosk_blocks() if block.name == "glass")
    assert glass.low[0] < PICTURE_AT[0]
    assert PICTURE_AT[0] + d.SCREEN.picture_width < glass.high[0]
    assert glass.low[1] < PICTURE_AT[1]
    assert PICTURE_AT[1] + d.SCREEN.picture_height < glass.high[1]
    assert SCREEN_AT[0] + d.SCREEN.board.width < KIOSK.width


def test_the_cameras_lens_ends_behind_the_outer_face():
    assert d.CAMERA.above <= CAMERA_BOSS + WALL


def test_a_cable_gland_clears_the_back_and_the_screen():
    assert GLAND_Z - d.PG7_NUT / 2 >= WALL
    assert d.PG7_HOLE < d.PG7_NUT


def test_a_block_that_only_touches_does_not_overlap():
    one = Block("one", (0, 0, 0), (1, 1, 1))
    assert not one.overlaps(Block("beside", (1, 0, 0), (2, 1, 1)))
    assert one.overlaps(Block("into", (0.5, 0.5, 0.5), (2, 2, 2)))


@pytest.mark.parametrize("case", [KIOSK, BOX])
def test_a_case_can_be_printed_on_a_common_printer(case: Case):
    assert max(case.outer) <= PRINTER_BED_MM
