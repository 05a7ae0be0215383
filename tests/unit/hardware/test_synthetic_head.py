"""A synthetic head looks to the kiosk's models as a person's does: it turns, blinks, and stays who it is."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from hardware.synthetic_face import portraits
from hardware.synthetic_face.head import NoFace, Place, Pose, SyntheticHead
from hardware.synthetic_face.topology import topology
from models.face.pipeline import FacePipeline

NAMES = ("astronaut", "grace_hopper")
Heads = dict[str, SyntheticHead]


def test_the_topology_is_a_face_without_holes():
    triangles = topology().triangles
    edges = Counter(frozenset(pair) for a, b, c in triangles for pair in ((a, b), (b, c), (c, a)))
    rim = topology().oval
    around = {frozenset(pair) for pair in zip(rim, [*rim[1:], rim[0]], strict=True)}
    assert len(triangles) == len(set(triangles)) == 898
    assert {vertex for triangle in triangles for vertex in triangle} == set(range(468))
    assert {edge for edge, times in edges.items() if times == 1} == around
    assert max(edges.values()) == 2


@pytest.mark.parametrize("name", NAMES)
def test_the_meshes_kept_with_the_portraits_are_what_the_model_reads(
    name: str, photographs: dict[str, np.ndarray], pipeline: FacePipeline
):
    (detection,) = pipeline.detect(photographs[name])
    face = pipeline.place(photographs[name], detection)
    assert face is not None
    assert np.abs(face.mesh.vertices - portraits.mesh(name)).max() < 0.02 * detection.width


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("yaw", [-40, -25, -12, 0, 12, 25, 40])
def test_a_turned_head_is_seen_to_turn_to_its_own_side_and_stays_who_it_is(
    name: str, yaw: float, heads: Heads, photographs: dict[str, np.ndarray], look: Callable
):
    herself = look(photographs[name])
    seen = look(heads[name].render(Pose(yaw_deg=yaw)))
    assert seen is not None
    least = 0.97 if yaw == 0 else 0.85 if abs(yaw) <= 25 else 0.7
    assert float(seen.template @ herself.template) > least
    assert abs(seen.mesh.turn() - herself.mesh.turn() - yaw * 0.023) < 0.2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("yaw", [-20, 0, 15])
def test_closing_lids_are_seen_to_close(name: str, yaw: float, heads: Heads, look: Callable):
    openings = [look(heads[name].render(Pose(yaw_deg=yaw, lids=lids))).lids for lids in (1.0, 0.5, 0.0)]
    for eye in ("left", "right"):
        wide, half, shut = (getattr(opening, eye) for opening in openings)
        assert shut < half < wide
        assert shut < 0.6 * wide


@pytest.mark.parametrize("name", NAMES)
def test_the_background_stands_still_while_the_head_turns(name: str, heads: Heads):
    straight, turned = (heads[name].render(Pose(yaw_deg=yaw)) for yaw in (0, 35))
    changed = (straight != turned).any(axis=2)
    assert changed[150:300, 200:440].mean() > 0.5
    for corner in (changed[:60, :60], changed[:60, -60:], changed[-60:, :60], changed[-60:, -60:]):
        assert not corner.any()


def test_the_head_is_where_and_as_large_as_it_is_placed(heads: Heads, look: Callable):
    seen = look(heads["astronaut"].render(Pose(), (640, 480), Place(x=0.4, y=0.5, width=0.2)))
    assert abs(seen.width - 128) < 8
    assert np.abs(seen.mesh.vertices[:, :2].mean(axis=0) - (256, 240)).max() < 12


def test_the_same_pose_is_the_same_picture_in_memory_of_its_own(heads: Heads):
    one, two = (heads["astronaut"].render(Pose(yaw_deg=9, lids=0.3)) for _ in range(2))
    assert (one == two).all()
    assert one is not two
    assert one.flags.writeable


def test_a_photograph_without_a_face_makes_no_head(pipeline: FacePipeline):
    with pytest.raises(NoFace, match="shows 0 faces"):
        SyntheticHead.of(np.full((200, 200, 3), 128, np.uint8), pipeline)
