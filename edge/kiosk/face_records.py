"""A face template between its two forms: float32 rows to compare with, float16 rows on the wire and in the roster."""

import numpy as np

from anganwadi.events import FaceTemplateRecord
from edge.face.template import FRAMES, FaceTemplate
from models.face.embed import DIMENSIONS


def to_record(template: FaceTemplate) -> FaceTemplateRecord:
    """The template as it travels: half the bytes, and a cosine that differs by less than 0.001."""
    return FaceTemplateRecord(model=template.model, vectors=template.rows().astype("<f2").tobytes())


def from_record(record: FaceTemplateRecord) -> FaceTemplate:
    """The template as it compares; its rows are brought to length 1 again, which float16 had rounded away.

    Raises:
        ValueError: the record does not hold three vectors.
    """
    rows = np.frombuffer(record.vectors, "<f2").astype(np.float32).reshape(FRAMES, DIMENSIONS)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return FaceTemplate.of(record.model, list(rows))
