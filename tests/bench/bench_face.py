"""Milliseconds a stage of the face check, on this machine and one thread; the embedder against itself as converted.

MobileFaceNet comes from its package with a batch of two: embedding one face there costs a run for two. The ratio says
how many times faster one face is with the batch set free (same answer: `tests/unit/models/test_batch.py`).
"""

from models import manifest, timing
from models.fetch import fetch
from models.settings import settings

REPEATS = 60


def rows() -> list[dict[str, str | float | None]]:
    """One row a stage for `make bench`."""
    fetch(settings().models_dir, manifest.read().model)
    fetch(settings().faces_dir, manifest.read().face)
    ms = timing.stages(settings().models_dir, settings().faces_dir, REPEATS)
    pair = ms.pop("embed, as converted for two")
    table: list[dict[str, str | float | None]] = []
    for stage, value in ms.items():
        one = stage == "embed"
        table.append(
            {
                "name": f"face.{stage.replace(' ', '_')}",
                "value": value,
                "unit": "ms",
                "against": f"the model as converted, for two faces a run: {pair:.2f} ms" if one else None,
                "ratio": pair / value if one else None,
            }
        )
    return table
