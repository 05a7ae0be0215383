"""A folder of images as templates, for evaluation and for `python -m models embed`.

Images are taken in the order of their names and the pipeline runs on one thread, so that the same folder gives the same
file, bit for bit. An image without a usable face keeps its row, with a status that says why and NaN for a template.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import msgspec
import numpy as np

from models.face.pipeline import Analysis, FacePipeline

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


class ImagesError(Exception):
    """The folder cannot be used; the text says why."""


class Templates(msgspec.Struct, frozen=True, eq=False):
    """What came of a folder: row i belongs to image `names[i]`."""

    names: list[str]
    statuses: list[str]
    templates: np.ndarray
    """n x dimensions float32, every part of length 1, NaN where the status is not ok"""
    ms: dict[str, list[float]]

    def __repr__(self) -> str:
        """Without names or templates."""
        return f"Templates({len(self.names)} images)"

    def count(self, status: str) -> int:
        """How many images have this status."""
        return self.statuses.count(status)


def image_names(folder: Path) -> list[str]:
    """The folder's images by name.

    Raises:
        ImagesError: there is no such folder, or no image in it.
    """
    if not folder.is_dir():
        raise ImagesError(f"{folder} is not a folder")
    names = sorted(
        path.name for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not names:
        raise ImagesError(f"{folder} holds no image ({', '.join(sorted(SUFFIXES))})")
    return names


def analyse_file(pipeline: FacePipeline, path: Path) -> Analysis:
    """The pipeline on one image file; status `unreadable` if it is no image."""
    bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) if path.stat().st_size else None
    if bgr is None:
        return Analysis("unreadable", 0, None, {})
    return pipeline.analyse(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


def templates_of(
    pipeline: FacePipeline, folder: Path, names: list[str], step: Callable[[], None] = lambda: None
) -> Templates:
    """Every named image through the pipeline; `step` is called after each."""
    statuses: list[str] = []
    rows = np.full((len(names), pipeline.dimensions), np.nan, np.float32)
    ms: dict[str, list[float]] = {}
    for row, name in enumerate(names):
        analysis = analyse_file(pipeline, folder / name)
        statuses.append(analysis.status)
        if analysis.template is not None:
            rows[row] = analysis.template
        for stage, value in analysis.ms.items():
            ms.setdefault(stage, []).append(value)
        step()
    return Templates(names, statuses, rows, ms)


def save(result: Templates, path: Path) -> None:
    """Write the arrays name, status and template to an .npz file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        np.savez(
            file,
            name=np.array(result.names, dtype=np.str_),
            status=np.array(result.statuses, dtype=np.str_),
            template=result.templates,
        )
    Path(scratch).replace(path)
