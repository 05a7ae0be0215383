"""The face check on this machine and one thread: milliseconds a stage, the whole against others, and peak memory.

MobileFaceNet comes from its package with a batch of two and its PReLUs spelt out: embedding one face there costs a run
for two. The ratio says how many times faster one face is as we run it (same answer: `tests/unit/models/test_batch.py`,
`tests/unit/models/test_prelu.py`). The whole is timed in turn with OpenCV's YuNet + SFace on one 640 x 480 picture.
"""

import cv2

from models import manifest, memory, peers, timing
from models.face.pipeline import FacePipeline
from models.fetch import fetch
from models.settings import settings

REPEATS = 60
MEMORY_MB = 150
"""The most a face process may need."""

Row = dict[str, str | float | None]


def rows() -> list[Row]:
    """One row a stage for `make bench`, one for the whole, one for the memory."""
    models_dir, faces_dir = settings().models_dir, settings().faces_dir
    fetch(models_dir, manifest.read().model)
    fetch(faces_dir, manifest.read().face)
    fetch(settings().peers_dir, manifest.read().peer)
    cv2.setNumThreads(1)
    ms = timing.stages(models_dir, faces_dir, REPEATS)
    pair = ms.pop("embed, as converted for two")
    ms.pop("whole")
    table = [_row(stage, value) for stage, value in ms.items() if stage != "embed"]
    table.append(
        _row("embed", ms["embed"], f"the model as converted, for two faces a run: {pair:.2f} ms", pair)
    )
    picture = timing.camera_picture(faces_dir)
    others = {peers.YUNET_SFACE: peers.yunet_sface(settings().peers_dir, picture)}
    compared = peers.compare(FacePipeline.load(models_dir), picture, others, REPEATS)
    (peer,) = compared.peers
    table.append(_row("whole", compared.ms, f"{peer.name}: {peer.ms:.1f} ms", peer.ms))
    peak = memory.peak_mb(models_dir, faces_dir, "quick")
    limit = f"the most it may be: {MEMORY_MB} MB"
    table.append(
        {"name": "face.peak_memory", "value": peak, "unit": "MB", "against": limit, "ratio": MEMORY_MB / peak}
    )
    return table


def _row(stage: str, value: float, against: str | None = None, other: float | None = None) -> Row:
    name = f"face.{stage.replace(' ', '_')}"
    ratio = None if other is None else other / value
    return {"name": name, "value": value, "unit": "ms", "against": against, "ratio": ratio}
