"""Others' work timed beside ours."""

import ast
import itertools
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from models import memory, peers, timing
from models.manifest import ArtefactError
from models.running import FetchError


def test_all_are_timed_in_turn_and_the_ratio_is_that_of_the_medians():
    turns: list[str] = []
    ours = SimpleNamespace(analyse=lambda _: turns.append("ours"))
    slow, slower = itertools.cycle([50.0, 60.0, 1000.0]), itertools.repeat(120.0)

    def timed(name: str, ms: Any) -> peers.Once:
        def once() -> float:
            turns.append(name)
            return next(ms)

        return once

    others = {"slow": timed("slow", slow), "slower": timed("slower", slower)}
    compared = peers.compare(cast(Any, ours), np.zeros((1, 1, 3), np.uint8), others, 3)
    assert turns == ["ours", "slow", "slower"] * (3 + timing.WARM_UP)
    assert [(peer.name, peer.ms) for peer in compared.peers] == [("slow", 60.0), ("slower", 120.0)]
    assert all(peer.ratio == peer.ms / compared.ms for peer in compared.peers)


def test_yunet_and_sface_do_the_whole_way_on_the_cameras_picture(faces_dir: Path, peers_dir: Path):
    picture = timing.camera_picture(faces_dir)
    assert picture.shape == (480, 640, 3)
    assert peers.yunet_sface(peers_dir, picture)() > 0


def test_another_file_than_the_manifests_is_not_compared_with(tmp_path: Path, faces_dir: Path):
    with pytest.raises(ArtefactError, match=r"yunet_2023mar\.onnx"):
        peers.yunet_sface(tmp_path, timing.camera_picture(faces_dir))


def test_dlib_that_does_not_run_here_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(peers.workshop, "ready", lambda *_: Path(sys.executable))
    with (
        peers.dlib(tmp_path, np.zeros((480, 640, 3), np.uint8)) as once,
        pytest.raises(FetchError, match="dlib does not run"),
    ):
        once()


def test_a_face_process_that_fails_is_said(tmp_path: Path):
    with pytest.raises(RuntimeError, match="python -m models fetch"):
        memory.peak_mb(tmp_path, tmp_path, "quick")


def test_the_workers_of_other_environments_import_nothing_of_aangan():
    for worker in (peers.DLIB_WORKER, Path(peers.__file__).with_name("convert_worker.py")):
        nodes = list(ast.walk(ast.parse(worker.read_text())))
        named = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
        named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        assert "numpy" in named
        assert not [name for name in named if name.split(".")[0] in {"models", "anganwadi", "edge", "server"}]
