"""One picture judged: is there one face, well placed and well lit, and what is its template?

Steps stop at the first that fails, so a dark or empty picture costs 3 ms and is never embedded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from edge.face.hints import Hint
from edge.face.quality import Limits, Quality, missing_hint, picture_hint, placing_hint, quality
from models.face.pipeline import FacePipeline, main_face

Status = Literal["ok", "no_face", "several_faces", "poor"]


class FaceFinding(msgspec.Struct, frozen=True, eq=False):
    """What one picture gave. `template` is there only if the status is ok; then there is no hint."""

    status: Status
    model: str
    hint: Hint | None = None
    template: np.ndarray | None = None
    """192 float32 of length 1"""
    box: tuple[int, int, int, int] | None = None
    """left, top, right, bottom in pixels, to draw on the screen"""
    quality: Quality | None = None

    def __repr__(self) -> str:
        """Without the template."""
        return f"FaceFinding(status={self.status!r}, hint={self.hint and self.hint.value!r})"


class FaceEngine:
    """Judges pictures. May be shared between threads."""

    def __init__(self, pipeline: FacePipeline, limits: Limits = Limits()) -> None:  # noqa: B008 (frozen)
        self._pipeline = pipeline
        self._limits = limits

    @classmethod
    def load(cls, models_dir: Path, threads: int = 1) -> FaceEngine:
        """From a folder of fetched models.

        Raises:
            ArtefactError: a model is missing or is not the one of the manifest; the text says what to run.
        """
        return cls(FacePipeline.load(models_dir, threads))

    @property
    def model(self) -> str:
        """Names the embedder and its weights."""
        return self._pipeline.model

    def analyse(self, rgb: np.ndarray) -> FaceFinding:
        """Judge an H x W x 3 uint8 RGB picture."""
        detections = self._pipeline.detect(rgb)
        if not detections:
            return FaceFinding("no_face", self.model, missing_hint(rgb, self._limits))
        main = main_face(detections, rgb.shape)
        box = _box(main.box)
        if hint := placing_hint(detections, main, rgb.shape, self._limits):
            status = "several_faces" if hint is Hint.SEVERAL_FACES else "poor"
            return FaceFinding(status, self.model, hint, box=box)
        face = self._pipeline.place(rgb, main)
        if face is None:
            return FaceFinding("no_face", self.model, missing_hint(rgb, self._limits))
        measured = quality(face)
        if hint := picture_hint(measured, self._limits):
            return FaceFinding("poor", self.model, hint, box=box, quality=measured)
        return FaceFinding("ok", self.model, template=self._pipeline.embed(face), box=box, quality=measured)


def _box(edges: np.ndarray) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(float(edge)) for edge in edges)
    return left, top, right, bottom
