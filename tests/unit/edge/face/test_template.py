"""The template: compares, travels, and never shows itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anganwadi.events import FaceTemplateRecord
from edge.face.engine import FaceFinding
from edge.face.template import FaceTemplate, OtherRotationError, TemplateError
from models.face.embed import unit
from models.face.rotation import Rotation


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
    with pytest.raises(TemplateError, match="10 bytes do not hold three vectors"):
        FaceTemplate.of_record(FaceTemplateRecord("m", b"\0" * 10))


def test_rows_that_are_no_directions_are_refused():
    with pytest.raises(TemplateError, match="length 1"):
        FaceTemplate("m", b"\0" * (3 * 192 * 4))
    with pytest.raises(TemplateError, match="length 1"):
        FaceTemplate.of_record(FaceTemplateRecord("m", np.full(576, np.nan, "<f2").tobytes()))


CASCADE = "mobilefacenet-0123+sface-4567"


def _cascade(seed: int) -> FaceTemplate:
    generator = np.random.default_rng(seed)
    rows = [
        np.concatenate([unit(generator.normal(size=192)), unit(generator.normal(size=128))]) for _ in range(3)
    ]
    return FaceTemplate.of(CASCADE, rows, (192, 128))


def test_a_template_of_two_models_keeps_each_part_at_length_one():
    template = _cascade(2)
    back = FaceTemplate.of_record(template.record())
    assert back.parts == (192, 128)
    for numbers in (back.centre(), *back.rows()):
        assert abs(np.linalg.norm(numbers[:192]) - 1) < 1e-5
        assert abs(np.linalg.norm(numbers[192:]) - 1) < 1e-5


def test_a_record_too_short_for_its_model_is_refused():
    with pytest.raises(TemplateError, match="three vectors"):
        FaceTemplate.of_record(FaceTemplateRecord(CASCADE, _template(1).record().vectors))


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32))
def test_a_turned_record_shows_nothing_like_the_template_and_turns_back_to_it(seed: int, secret: bytes):
    template, rotation = _cascade(seed), Rotation(7, secret)
    record = template.record(rotation)
    assert record.rotation == 7
    turned = FaceTemplate.of_record(record)
    assert abs(float(turned.centre()[:192] @ template.centre()[:192])) < 0.5
    back = turned.unturned(rotation)
    assert back.rotation == 0
    np.testing.assert_allclose(back.rows(), template.rows(), atol=2e-3)


def test_a_turned_template_needs_the_rotation_that_turned_it():
    turned = FaceTemplate.of_record(_template(3).record(Rotation(7, bytes(32))))
    for other in (None, Rotation(8, bytes(32))):
        with pytest.raises(OtherRotationError, match="rotation 7"):
            turned.unturned(other)
    with pytest.raises(OtherRotationError, match="not 8"):
        turned.record(Rotation(8, bytes(32)))
    assert turned.record(Rotation(7, bytes(32))) == turned.record()
