"""One picture judged: is there one face, well placed and well lit, and what is its template?

`look` stops at the first thing that is wrong, so a dark or empty picture costs 3 ms; `analyse` embeds what is good.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from edge.face.hints import Hint
from edge.face.quality import Limits, Quality, is_dark, missing_hint, picture_hint, placing_hint, quality
from models.calibration import Profile
from models.face.pipeline import Face, FacePipeline, main_face

Status = Literal["ok", "no_face", "several_faces", "poor"]


class FaceFinding(msgspec.Struct, frozen=True, eq=False):
    """What one picture gave. Only with the status ok there can be a template and a score, and then there is no hint."""

    status: Status
    model: str
    hint: Hint | None = None
    template: np.ndarray | None = None
    """float32, each part of length 1, not turned by any rotation; None also where it was only looked at"""
    box: tuple[int, int, int, int] | None = None
    """left, top, right, bottom in pixels, to draw on the screen"""
    quality: Quality | None = None
    score: Callable[[np.ndarray], float] | None = None
    """How like the centre of an enrolled template (not turned) it is, on the scale of `threshold`"""
    threshold: float | None = None
    """The model's own"""
    calibration: str = ""
    """Where that threshold comes from"""
    face: Face | None = None
    """In RAM only"""

    @property
    def usable(self) -> bool:
        """Whether there is a face to compare."""
        return self.status == "ok"

    def __repr__(self) -> str:
        """Without the template."""
        return f"FaceFinding(status={self.status!r}, hint={self.hint and self.hint.value!r})"


class FaceEngine:
    """Judges pictures. May be shared between threads."""

    def __init__(self, pipeline: FacePipeline, limits: Limits = Limits()) -> None:  # noqa: B008 (frozen)
        self._pipeline = pipeline
        self._limits = limits

    @classmethod
    def load(cls, models_dir: Path, threads: int = 1, profile: Profile = "quick") -> FaceEngine:
        """From a folder of fetched models.

        Raises:
            ArtefactError: a model is missing or is not the one of the manifest; the text says what to run.
        """
        return cls(FacePipeline.load(models_dir, threads, profile))

    @property
    def pipeline(self) -> FacePipeline:
        """The steps themselves, for what looks closer than `analyse` does."""
        return self._pipeline

    @property
    def model(self) -> str:
        """Names the embedders and their weights."""
        return self._pipeline.model

    @property
    def parts(self) -> tuple[int, ...]:
        """Sizes of a template's parts."""
        return self._pipeline.parts

    @property
    def threshold(self) -> float:
        """The model's own, where the district has set none."""
        return self._pipeline.threshold

    def look(self, rgb: np.ndarray) -> FaceFinding:
        """Judge an H x W x 3 uint8 RGB picture, without embedding its face."""
        detections = self._pipeline.detect(rgb)
        if not detections:
            return self._finding("no_face", missing_hint(rgb, self._limits))
        main = main_face(detections, rgb.shape)
        box = _box(main.box)
        if hint := placing_hint(detections, main, rgb.shape, self._limits):
            if is_dark(rgb, self._limits):
                return self._finding("poor", Hint.TOO_DARK, box)
            return self._finding("several_faces" if hint is Hint.SEVERAL_FACES else "poor", hint, box)
        face = self._pipeline.place(rgb, main)
        if face is None:
            return self._finding("no_face", missing_hint(rgb, self._limits))
        measured = quality(face, rgb)
        if hint := picture_hint(measured, self._limits):
            return self._finding("poor", hint, box, measured)
        return msgspec.structs.replace(
            self._finding("ok", None, box, measured), face=face, score=partial(self._pipeline.score, face)
        )

    def analyse(self, rgb: np.ndarray) -> FaceFinding:
        """Judge an H x W x 3 uint8 RGB picture, and embed its face if it is good."""
        return self.embedded(self.look(rgb))

    def embedded(self, finding: FaceFinding) -> FaceFinding:
        """A finding with its template, if it has a face."""
        if finding.face is None or finding.template is not None:
            return finding
        template = self._pipeline.embed(finding.face)
        score = finding.score
        if len(self.parts) == 1:  # the same number as the pipeline's, without embedding once more
            score = partial(_cosine, template)
        return msgspec.structs.replace(finding, template=template, score=score)

    def _finding(
        self,
        status: Status,
        hint: Hint | None,
        box: tuple[int, int, int, int] | None = None,
        measured: Quality | None = None,
    ) -> FaceFinding:
        return FaceFinding(
            status, self.model, hint, box=box, quality=measured,
            threshold=self._pipeline.threshold, calibration=self._pipeline.calibration,
        )  # fmt: skip


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other)


def _box(edges: np.ndarray) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(float(edge)) for edge in edges)
    return left, top, right, bottom
