"""The heads of the two portraits, and the real models to look at what is made of them."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from hardware.synthetic_face.head import SyntheticHead
from models import manifest, timing
from models.face.eyelids import Eyelids
from models.face.mesh import Mesh
from models.face.pipeline import FacePipeline
from models.fetch import fetch
from models.settings import settings

PORTRAITS = {"astronaut": "astronaut.png", "grace_hopper": "grace_hopper.jpg"}


class Sighting(msgspec.Struct, frozen=True, eq=False):
    """What the kiosk's models make of one picture."""

    template: np.ndarray
    mesh: Mesh
    lids: Eyelids
    width: float


Look = Callable[[np.ndarray], Sighting | None]


@pytest.fixture(scope="session")
def pipeline() -> FacePipeline:
    fetch(settings().models_dir, manifest.read().model)
    return FacePipeline.load(settings().models_dir)


@pytest.fixture(scope="session")
def photographs() -> dict[str, np.ndarray]:
    fetch(settings().faces_dir, manifest.read().face)
    return {name: timing.portrait(settings().faces_dir, file) for name, file in PORTRAITS.items()}


@pytest.fixture(scope="session")
def heads(photographs: dict[str, np.ndarray], pipeline: FacePipeline) -> dict[str, SyntheticHead]:
    return {name: SyntheticHead.of(rgb, pipeline) for name, rgb in photographs.items()}


@pytest.fixture(scope="session")
def look(pipeline: FacePipeline) -> Look:
    """The picture's one face, or None."""

    def looked(rgb: np.ndarray) -> Sighting | None:
        detections = pipeline.detect(rgb)
        face = pipeline.place(rgb, detections[0]) if len(detections) == 1 else None
        if face is None:
            return None
        return Sighting(
            pipeline.embed(face), face.mesh, pipeline.eyelids(rgb, face.mesh), face.detection.width
        )

    return looked
