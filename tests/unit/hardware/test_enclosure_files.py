"""The files that go to the printer: closed, of the right size, with room for the parts and holes where screws go."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.enclosure import dimensions as d
from hardware.enclosure import layout as at
from hardware.enclosure import mesh as meshes
from hardware.enclosure.picture import box_of, draw, view

FOLDER = Path(meshes.__file__).parent
PIECES = {
    "kiosk_case": (at.KIOSK, at.kiosk_blocks),
    "kiosk_back": (at.KIOSK, at.kiosk_blocks),
    "scale_box": (at.BOX, at.box_blocks),
    "scale_lid": (at.BOX, at.box_blocks),
}
MAX_BYTES = 500_000


@pytest.fixture(scope="module")
def solids() -> dict[str, meshes.Triangles]:
    return {name: meshes.read_stl(FOLDER / f"{name}.stl") for name in PIECES}


def grid(block: at.Block, steps: int = 4) -> NDArray[np.float64]:
    """Points spread through a block, none on its faces (nor on a grid line of the case)."""
    axes = [
        np.linspace(low, high, steps + 2)[1:-1] + 0.0137
        for low, high in zip(block.low, block.high, strict=True)
    ]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)


@pytest.mark.parametrize("name", PIECES)
def test_the_printed_piece_is_watertight_and_faces_outwards(name: str, solids: dict[str, meshes.Triangles]):
    assert meshes.open_edges(solids[name]) == 0
    assert meshes.volume(solids[name]) > 1000.0


@pytest.mark.parametrize("name", PIECES)
def test_the_files_are_of_the_size_the_layout_says(name: str, solids: dict[str, meshes.Triangles]):
    case, _ = PIECES[name]
    size = np.ptp(solids[name].reshape(-1, 3), axis=0)
    ears = 2 * at.EAR if name == "scale_box" else 0.0
    assert size[:2] == pytest.approx((case.outer[0] + ears, case.outer[1]), abs=0.05)


@pytest.mark.parametrize("name", PIECES)
def test_no_plastic_stands_in_the_room_of_a_part(name: str, solids: dict[str, meshes.Triangles]):
    for block in PIECES[name][1]():
        assert not meshes.inside(solids[name], grid(block)).any(), block.name


def ring(x: float, y: float, z: float, radius: float) -> NDArray[np.float64]:
    turns = np.linspace(0.1, 2 * np.pi + 0.1, 12, endpoint=False)
    return np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns), np.full(12, z)], axis=1)


@pytest.mark.parametrize(
    ("name", "board", "corner", "z", "pilot"),
    [
        ("kiosk_back", d.RASPBERRY_PI, at.PI_AT, at.PI_BOARD_Z - 1.0, d.M25_PILOT),
        ("scale_box", d.PICO, at.PICO_AT, at.PICO_BOARD_Z - 1.0, d.M2_PILOT),
        ("kiosk_case", d.SCREEN.board, at.SCREEN_AT, at.SCREEN_BOARD_Z + 2.6, d.M3_PILOT),
        ("kiosk_case", d.CAMERA, at.CAMERA_AT, at.CAMERA_BOARD_Z + 2.0, d.M2_PILOT),
    ],
)
def test_under_every_hole_of_a_board_is_a_pillar_with_a_pilot_hole(
    name: str, board: d.Board, corner: d.Point, z: float, pilot: float, solids: dict[str, meshes.Triangles]
):
    for x, y in board.holes:
        place = (corner[0] + x, corner[1] + y, z)
        assert not meshes.inside(solids[name], ring(*place, pilot / 2 - 0.2)).any()
        assert meshes.inside(solids[name], ring(*place, pilot / 2 + 0.4)).all()


@pytest.mark.parametrize(("case", "cover"), [("kiosk_case", "kiosk_back"), ("scale_box", "scale_lid")])
def test_the_covers_screws_meet_their_posts(case: str, cover: str, solids: dict[str, meshes.Triangles]):
    layout, _ = PIECES[case]
    post_z, cover_z = (5.0, 1.5) if cover == "kiosk_back" else (layout.depth - 5.0, layout.depth - 1.5)
    for x, y in layout.screws():
        assert not meshes.inside(solids[case], ring(x, y, post_z, d.M3_PILOT / 2 - 0.2)).any()
        assert meshes.inside(solids[case], ring(x, y, post_z, d.M3_PILOT / 2 + 0.4)).all()
        assert not meshes.inside(solids[cover], ring(x, y, cover_z, d.M3_THROUGH / 2 - 0.2)).any()
        assert meshes.inside(solids[cover], ring(x, y, cover_z, d.M3_THROUGH / 2 + 0.4)).all()


def test_one_sees_the_picture_and_the_lens_through_the_front(solids: dict[str, meshes.Triangles]):
    x, y = at.PICTURE_AT
    front = (at.INNER_FRONT, at.KIOSK.depth)
    window = at.Block(
        "window", (x, y, front[0]), (x + d.SCREEN.picture_width, y + d.SCREEN.picture_height, front[1])
    )
    assert not meshes.inside(solids["kiosk_case"], grid(window, 6)).any()
    near, far = d.LENS_BELOW_TOP
    middle, top = at.CAMERA_AT[0] + d.CAMERA.width / 2, at.CAMERA_AT[1] + d.CAMERA.height
    half = d.LENS_STRIP / 2
    lens = at.Block("lens", (middle - half, top - far, front[0]), (middle + half, top - near, front[1]))
    assert not meshes.inside(solids["kiosk_case"], grid(lens)).any()


def test_every_piece_has_its_step_file_and_no_file_is_large():
    for name in PIECES:
        for kind in ("step", "stl"):
            assert 1000 < (FOLDER / f"{name}.{kind}").stat().st_size < MAX_BYTES


def test_a_mesh_with_a_hole_is_seen():
    cube = box_of(at.Block("cube", (0, 0, 0), (10, 20, 30)))
    assert meshes.open_edges(cube) == 0
    assert meshes.volume(cube) == pytest.approx(6000.0)
    assert meshes.open_edges(cube[:-1]) > 0


def test_a_damaged_file_is_refused(tmp_path: Path):
    cut = tmp_path / "cut.stl"
    cut.write_bytes((FOLDER / "scale_lid.stl").read_bytes()[:-7])
    with pytest.raises(ValueError, match="not a whole"):
        meshes.read_stl(cut)


def test_the_picture_shows_the_nearer_of_two_parts():
    far, near = (
        box_of(at.Block("far", (0, 0, 0), (10, 10, 1))),
        box_of(at.Block("near", (4, 4, 2), (6, 6, 3))),
    )
    picture = draw([(near, (0, 0, 250)), (far, (250, 0, 0))], view(0, 0), 60)
    blue, _, red = picture[picture.shape[0] // 2, 30]
    assert red > blue
    blue, _, red = picture[picture.shape[0] // 2, 10]
    assert blue > red
