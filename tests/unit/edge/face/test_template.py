"""The template: compares, travels, and never shows itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.events import FaceTemplateRecord
from edge.face.engine import FaceFinding
from edge.face.template import FaceTemplate, TemplateError
from models.face.embed import unit


def _template(seed: int) -> FaceTemplate:
    rows = np.random.default_rng(seed).normal(size=(3, 192))
    return FaceTemplate.of("m", [unit(row) for row in rows])


def test_its_repr_hides_it():
    template = _template(0)
    finding = FaceFinding("ok", "m", template=template.rows()[0])
    for text in (repr(template), str(template), repr(finding), f"{[template]}"):
        assert "hidden" in text or "FaceFinding" in text
        assert "\\x" not in text
        assert "array" not in text
        assert "0." not in text


@given(st.integers(0, 2**32 - 1))
def test_its_record_brings_it_back_with_cosines_within_a_thousandth(seed: int):
    template, probe = _template(seed), unit(np.random.default_rng(seed + 1).normal(size=192))
    back = FaceTemplate.of_record(template.record())
    assert back.model == template.model
    assert abs(back.centre() @ probe - template.centre() @ probe) < 1e-3
    np.testing.assert_allclose(np.linalg.norm(back.rows(), axis=1), 1, atol=1e-5)


def test_its_record_holds_three_float16_vectors():
    assert len(_template(1).record().vectors) == 3 * 192 * 2


def test_a_record_of_another_size_is_refused():
    with pytest.raises(TemplateError, match="1152 bytes"):
        FaceTemplate.of_record(FaceTemplateRecord("m", b"\0" * 10))


def test_rows_that_are_no_directions_are_refused():
    with pytest.raises(TemplateError, match="length 1"):
        FaceTemplate("m", b"\0" * (3 * 192 * 4))
    with pytest.raises(TemplateError, match="length 1"):
        FaceTemplate.of_record(FaceTemplateRecord("m", np.full(576, np.nan, "<f2").tobytes()))
