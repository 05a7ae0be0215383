"""The growth chart shows the child's own points on WHO's curves, and never misleads about the latest one."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.growth import DAYS_PER_MONTH
from anganwadi.growth_chart import CURVES, ChartKind, ChildTooOld, Visit, growth_chart
from anganwadi.growth_drawing import ChartWords
from anganwadi.people import Sex

SVG = "{http://www.w3.org/2000/svg}"
WORDS = ChartWords(
    title="उम्र के अनुसार वज़न", description="Ten weights in a year.", x_axis="عمر (مہینے)", y_axis="वज़न (किग्रा)",
    current="6.9 kg <moderate>",
)  # fmt: skip


def weighed(months: float, weight: float, **more) -> Visit:
    return Visit(age_days=round(months * DAYS_PER_MONTH), weight_kg=weight, **more)


def draw(
    *visits: Visit, kind: ChartKind = ChartKind.WEIGHT_FOR_AGE, sex: Sex = Sex.FEMALE, **more
) -> ET.Element:
    return ET.fromstring(growth_chart(kind, sex, visits, WORDS, **more))


def current(svg: ET.Element) -> ET.Element | None:
    return svg.find(f"{SVG}g[@class='growth-current']")


def current_class(svg: ET.Element) -> str | None:
    mark = current(svg)
    return None if mark is None else mark.get("data-class")


def axis_numbers(svg: ET.Element, anchor: str) -> list[float]:
    texts = [t.text or "" for t in svg.iter(f"{SVG}text") if t.get("text-anchor") == anchor]
    return [float(t.strip("\u2068\u2069")) for t in texts if re.fullmatch(r"\u2068[\d.]+\u2069", t)]


def child_points(svg: ET.Element) -> list[tuple[float, float]]:
    line = next(p for p in svg.iter(f"{SVG}polyline") if p.get("stroke-width") == "3")
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in (line.get("points") or "").split())]


def test_all_five_curves_are_drawn_and_named():
    svg = draw(weighed(10, 8))
    names = [t.text for t in svg.iter(f"{SVG}text") if t.text]
    for sd in CURVES:
        assert f"\u2068{'+' if sd > 0 else '−' if sd < 0 else ''}{abs(sd)}\u2069" in names


def test_a_screen_reader_gets_a_title_and_a_description():
    svg = draw(weighed(10, 8), chart_id="asha")
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "asha-title asha-desc"
    assert svg.findtext(f"{SVG}title[@id='asha-title']") == WORDS.title
    assert svg.findtext(f"{SVG}desc[@id='asha-desc']") == WORDS.description


def test_the_callers_words_are_shown_isolated_and_escaped():
    shown = [t.text for t in draw(weighed(10, 8)).iter(f"{SVG}text")]
    for words in (WORDS.title, WORDS.x_axis, WORDS.y_axis, WORDS.current):
        assert f"\u2068{words}\u2069" in shown


@pytest.mark.parametrize(
    ("weight", "name"), [(9.0, "NORMAL"), (6.9, "MODERATE"), (5.8, "SEVERE"), (25.0, "")]
)
def test_each_class_has_a_shape_of_its_own(weight, name):
    mark = current(draw(weighed(12, weight)))
    assert mark is not None
    assert mark.get("data-class") == name
    shapes = {
        w: ET.tostring(m) for w in (9.0, 6.9, 5.8, 25.0) if (m := current(draw(weighed(12, w)))) is not None
    }
    outlines = {
        re.sub(rb'(fill|stroke|transform|data-class)="[^"]*"', b"", shape) for shape in shapes.values()
    }
    assert len(outlines) == 4


def test_the_birth_weight_is_shown_but_never_as_the_current_one():
    svg = draw(weighed(0, 2.0), Visit(age_days=200, length_cm=64.0))
    assert current(svg) is None
    assert len(child_points(svg)) == 1


def test_the_current_point_is_the_latest_whatever_order_the_visits_come_in():
    svg = draw(weighed(12, 5.8), weighed(6, 7.3), weighed(0, 3.0))
    assert current_class(svg) == "SEVERE"
    assert [x for x, _ in child_points(svg)] == sorted(x for x, _ in child_points(svg))


def test_an_implausible_weight_is_marked_apart_and_does_not_squash_the_chart():
    svg = draw(weighed(6, 7.3), weighed(7, 75.0), weighed(8, 7.9))
    assert len(child_points(svg)) == 2
    assert max(axis_numbers(svg, "end")) < 20


def test_oedema_is_severe_however_heavy_the_child():
    assert current_class(draw(weighed(12, 9.0, oedema=True))) == "SEVERE"


def test_a_child_of_five_is_refused():
    draw(Visit(age_days=1826, weight_kg=16))
    with pytest.raises(ChildTooOld, match="60 months"):
        draw(weighed(30, 12), Visit(age_days=1827, weight_kg=16))


def test_a_chart_without_visits_shows_the_curves_from_birth():
    svg = draw()
    assert current(svg) is None
    assert axis_numbers(svg, "middle")[0] == 0


@given(st.lists(st.integers(1, 1826), min_size=1, max_size=8, unique=True))
def test_the_age_axis_spans_one_to_two_years_and_holds_the_latest_visit(ages):
    svg = draw(*(Visit(age_days=age, weight_kg=3 + age / 150) for age in ages))
    months = axis_numbers(svg, "middle")
    assert 8 <= months[-1] - months[0] <= 24
    mark = current(svg)
    assert mark is not None
    x, y = (float(n) for n in re.findall(r"[\d.]+", mark.get("transform") or ""))
    assert 48 <= x <= 582
    assert 70 <= y <= 340


@given(
    st.sampled_from(list(ChartKind)),
    st.sampled_from(list(Sex)),
    st.integers(1, 1826),
    st.floats(2, 25),
    st.floats(45, 120),
)
def test_every_child_under_five_gets_a_picture_with_finite_numbers(kind, sex, age, weight, length):
    svg = growth_chart(kind, sex, [Visit(age_days=age, weight_kg=weight, length_cm=length)], WORDS)
    assert "nan" not in svg.lower().replace(WORDS.title, "")
    assert "inf" not in svg.lower()


def test_a_visit_on_the_median_lies_on_the_median_curve():
    svg = draw(Visit(age_days=365, weight_kg=9.6448), sex=Sex.MALE)
    median = next(p for p in svg.iter(f"{SVG}polyline") if p.get("stroke-width") == "2.4")
    curve = np.array([[float(n) for n in pair.split(",")] for pair in (median.get("points") or "").split()])
    ((x, y),) = child_points(svg)
    assert y == pytest.approx(np.interp(x, curve[:, 0], curve[:, 1]), abs=0.3)


def test_length_for_age_breaks_where_lying_becomes_standing():
    visits = [Visit(age_days=700, length_cm=84.0), Visit(age_days=760, length_cm=85.0)]
    curves = [
        p
        for p in draw(*visits, kind=ChartKind.LENGTH_FOR_AGE).iter(f"{SVG}polyline")
        if p.get("stroke-width") == "2.4"
    ]
    assert len(curves) == 2


def test_weight_for_length_needs_both_and_shows_one_position_throughout():
    visits = [
        Visit(age_days=700, length_cm=84.0, weight_kg=11),
        Visit(age_days=760, length_cm=83.3, weight_kg=11),
        weighed(26, 11),
    ]
    svg = draw(*visits, kind=ChartKind.WEIGHT_FOR_LENGTH)
    first, second = child_points(svg)
    assert first == second
