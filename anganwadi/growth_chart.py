"""A child's growth chart as an SVG picture: WHO's curves at -3, -2, 0, +2 and +3 SD, and the child's own points.

`growth_chart` is a pure function. It works in four steps: which points are there and which is the current one
(`_points`), which part of the standard to show (`_window`), the axes (`Frame`), and then drawing from back to front:
bands, grid, curves, points, words. All words come translated from the caller; numbers are Western digits, and the age
axis runs from left to right in every language. The class of the current point shows by shape as well as by colour.
"""

import math
from collections.abc import Sequence
from enum import StrEnum

import msgspec
import numpy as np

from anganwadi.growth import (
    AGE_LIMIT_MONTHS,
    DAYS_PER_MONTH,
    LYING_MINUS_STANDING_CM,
    LYING_RANGE_CM,
    STANDING_FROM_DAY,
    STANDING_RANGE_CM,
    Measurements,
    NutritionClass,
    classify,
    who_sex,
    zscores,
)
from anganwadi.growth_drawing import (
    ChartWords,
    Frame,
    Point,
    band,
    child_line,
    curve_label,
    curve_line,
    document,
    grid,
    headings,
)
from anganwadi.growth_tables import FloatArray, Standard, table
from anganwadi.people import Sex

CURVES = (-3, -2, 0, 2, 3)


class ChartKind(StrEnum):
    WEIGHT_FOR_AGE = "weight_for_age"
    LENGTH_FOR_AGE = "length_for_age"
    WEIGHT_FOR_LENGTH = "weight_for_length"


_MONTH_STEPS, _CM_STEPS = (1, 2, 3, 6, 12), (1, 2, 5, 10)
_X_STEPS = {
    ChartKind.WEIGHT_FOR_AGE: _MONTH_STEPS,
    ChartKind.LENGTH_FOR_AGE: _MONTH_STEPS,
    ChartKind.WEIGHT_FOR_LENGTH: _CM_STEPS,
}


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One day on which the child was measured. Day 0 is the birth: shown, but never as the current point."""

    age_days: int
    weight_kg: float | None = None
    length_cm: float | None = None
    measure: str | None = None
    oedema: bool = False


class ChildTooOld(ValueError):
    """A visit at five years or later, for which these standards hold no curve."""


def growth_chart(
    kind: ChartKind,
    sex: Sex,
    visits: Sequence[Visit],
    words: ChartWords,
    *,
    width: int = 620,
    height: int = 380,
    chart_id: str = "growth-chart",
) -> str:
    """The chart as one `<svg>` element; `chart_id` keeps its ids apart from another chart's on the same page.

    Raises:
        ChildTooOld: a visit at 60 months of age or later.
    """
    if any(visit.age_days / DAYS_PER_MONTH >= AGE_LIMIT_MONTHS for visit in visits):
        raise ChildTooOld("the growth standards end at 60 months: draw no chart for this child")
    by_age = sorted(visits, key=lambda visit: visit.age_days)
    points = _points(kind, sex, by_age)
    standing = _is_standing(by_age)
    x_range = _window(kind, points, standing=standing)
    seen = [point for point in points if x_range[0] <= point.x <= x_range[1]]
    segments = [(xs, _curves(kind, sex, xs, standing=standing)) for xs in _segments(kind, x_range)]
    frame = Frame(width, height, x_range, _y_range(segments, seen))
    parts = [
        *(band(frame, xs, curves) for xs, curves in segments),
        *grid(frame, _X_STEPS[kind]),
        *(curve_line(frame, sd, xs, curve) for xs, curves in segments for sd, curve in curves.items()),
        *(curve_label(frame, sd, float(curve[-1])) for sd, curve in segments[-1][1].items()),
        *child_line(frame, seen),
        *headings(frame, words, seen),
    ]
    return document(frame, words, chart_id, parts)


def _points(kind: ChartKind, sex: Sex, visits: list[Visit]) -> list[Point]:
    """What the chart's axes can show of each visit, in order of age, classed by the chart's own index."""
    if not visits:
        return []
    results = zscores(
        Measurements.of(
            sex=who_sex(sex),
            age_days=[visit.age_days for visit in visits],
            weight_kg=[_or_nan(visit.weight_kg) for visit in visits],
            lenhei_cm=[_or_nan(visit.length_cm) for visit in visits],
            measure=[visit.measure or "" for visit in visits],
            oedema=[visit.oedema for visit in visits],
        )
    )
    months = np.array([visit.age_days / DAYS_PER_MONTH for visit in visits])
    weight = np.array([_or_nan(visit.weight_kg) for visit in visits])
    length = results.clenhei
    if _is_standing(visits):
        lay = np.array([visit.age_days < STANDING_FROM_DAY for visit in visits])
        length = np.where(lay, length - LYING_MINUS_STANDING_CM, length)
    xs, ys, z, flags = {
        ChartKind.WEIGHT_FOR_AGE: (months, weight, results.zwei, results.fwei),
        ChartKind.LENGTH_FOR_AGE: (months, results.clenhei, results.zlen, results.flen),
        ChartKind.WEIGHT_FOR_LENGTH: (length, weight, results.zwfl, results.fwfl),
    }[kind]
    severe_by_oedema = [visit.oedema and kind is not ChartKind.LENGTH_FOR_AGE for visit in visits]
    return [
        Point(
            float(x),
            float(y),
            visit.age_days == 0,
            bool(flag),
            NutritionClass.SEVERE if severe else _grade(score),
        )
        for x, y, score, flag, severe, visit in zip(xs, ys, z, flags, severe_by_oedema, visits, strict=True)
        if math.isfinite(x) and math.isfinite(y)
    ]


def _is_standing(visits: list[Visit]) -> bool:
    """Whether the latest visit is at the age of height; weight-for-length then shows its standing form throughout."""
    return bool(visits) and visits[-1].age_days >= STANDING_FROM_DAY


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _grade(z: float) -> NutritionClass | None:
    return None if math.isnan(z) else classify(z)


def _window(kind: ChartKind, points: list[Point], *, standing: bool) -> tuple[float, float]:
    """The part of the x axis around the latest point: 12 to 24 months, or 20 to 40 cm, on round numbers."""
    if kind is not ChartKind.WEIGHT_FOR_LENGTH:
        return _around(points, 3, (12, 24), (0, AGE_LIMIT_MONTHS))
    return _around(points, 5, (20, 40), STANDING_RANGE_CM if standing else LYING_RANGE_CM)


def _around(
    points: list[Point], step: int, span: tuple[int, int], bounds: tuple[float, float]
) -> tuple[float, float]:
    low, high = bounds
    if not points:
        return low, low + span[1]
    latest = min(max(points[-1].x, low), high)
    end = min(max(math.ceil((latest + step / 2) / step) * step, low + span[0]), high)
    first = math.floor(min(point.x for point in points) / step) * step
    return max(low, end - span[1], min(first, end - span[0])), end


def _segments(kind: ChartKind, x_range: tuple[float, float]) -> list[FloatArray]:
    """Where to draw the curves: one run, or two where length (lying) becomes height (standing) within the window."""
    low, high = x_range
    if kind is ChartKind.LENGTH_FOR_AGE and low < STANDING_FROM_DAY / DAYS_PER_MONTH < high:
        last_lying = (STANDING_FROM_DAY - 1) / DAYS_PER_MONTH
        first_standing = STANDING_FROM_DAY / DAYS_PER_MONTH
        return [np.linspace(low, last_lying, 50), np.linspace(first_standing, high, 50)]
    return [np.linspace(low, high, 75)]


def _curves(kind: ChartKind, sex: Sex, xs: FloatArray, *, standing: bool) -> dict[int, FloatArray]:
    by_length = Standard.WEIGHT_FOR_HEIGHT if standing else Standard.WEIGHT_FOR_LENGTH
    standard = {
        ChartKind.WEIGHT_FOR_AGE: Standard.WEIGHT_FOR_AGE,
        ChartKind.LENGTH_FOR_AGE: Standard.LENGTH_FOR_AGE,
        ChartKind.WEIGHT_FOR_LENGTH: by_length,
    }[kind]
    code = np.full(xs.shape, who_sex(sex))
    if kind is ChartKind.WEIGHT_FOR_LENGTH:
        lms = table(standard).at_length(code, xs)
    else:
        days = xs * DAYS_PER_MONTH
        whole = np.floor(days).astype(np.int64)
        by_day = table(standard)
        lms = by_day.look_up(code, whole).between(by_day.look_up(code, whole + 1), days - whole)
    return {sd: lms.value_at(sd) for sd in CURVES}


def _y_range(
    segments: list[tuple[FloatArray, dict[int, FloatArray]]], seen: list[Point]
) -> tuple[float, float]:
    """From the lowest curve or plausible point to the highest, with some air."""
    values = [point.y for point in seen if not point.implausible]
    low = min([*values, *(float(curves[-3].min()) for _, curves in segments)])
    high = max([*values, *(float(curves[3].max()) for _, curves in segments)])
    air = (high - low) * 0.05
    return max(0.0, low - air), high + air
