"""The strokes of a growth chart: from months, centimetres and kilograms to SVG elements.

`anganwadi.growth_chart` decides what is drawn; this module decides how it looks.

The picture needs no style sheet and no script, so that a strict content policy can show it; a page may still set the
font of `.growth-chart`. Text is isolated (U+2068, U+2069), so that a bracket or a number keeps its place in Urdu.
"""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import msgspec

from anganwadi.growth import NutritionClass
from anganwadi.growth_tables import FloatArray

_CURVE_COLOUR = {-3: "#b3261e", -2: "#a15c00", 0: "#2e7d32", 2: "#a15c00", 3: "#b3261e"}
_BANDS = ((-2, 2, "#e6f4e4"), (-3, -2, "#fdedca"), (None, -3, "#f9dcd7"))
_INK, _MUTED, _GRID, _CHILD = "#1f2933", "#46525e", "#c5ced6", "#12467b"
_FONTS = "Noto Sans, Noto Sans Devanagari, Noto Nastaliq Urdu, sans-serif"
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 40, 78, 54
_TITLE_LINE, _AXIS_LINE = 34, 64
"""Baselines; Nastaliq needs twice the height of Latin letters above and below."""


class ChartWords(msgspec.Struct, frozen=True, kw_only=True):
    """The chart's words, translated. `description` says for a screen reader what the picture shows; `current` is
    the caption of the latest point, such as "8.4 kg, moderately underweight"."""

    title: str
    description: str
    x_axis: str
    y_axis: str
    current: str = ""


class Point(msgspec.Struct, frozen=True):
    """One visit on the chart's axes, and what its index says of it."""

    x: float
    """Months of age, or centimetres."""
    y: float
    at_birth: bool
    implausible: bool
    grade: NutritionClass | None


class Frame(msgspec.Struct, frozen=True):
    """The plotted rectangle: from months, centimetres and kilograms to the picture's own units."""

    width: int
    height: int
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    @property
    def right(self) -> int:
        return self.width - _RIGHT

    @property
    def bottom(self) -> int:
        return self.height - _BOTTOM

    def x(self, value: float) -> float:
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * (self.right - _LEFT)

    def y(self, value: float) -> float:
        """Values beyond the plot lie on its edge."""
        low, high = self.y_range
        return self.bottom - (min(max(value, low), high) - low) / (high - low) * (self.bottom - _TOP)


def document(frame: Frame, words: ChartWords, chart_id: str, parts: Sequence[str]) -> str:
    """The whole picture, with a title and a description for screen readers."""
    name = quoteattr(chart_id)[1:-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="growth-chart" viewBox="0 0 {frame.width} {frame.height}" '
        f'width="{frame.width}" height="{frame.height}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'direction="ltr" font-family="{_FONTS}">\n'
        f'<title id="{name}-title">{escape(words.title)}</title>\n'
        f'<desc id="{name}-desc">{escape(words.description)}</desc>\n'
        f'<rect width="{frame.width}" height="{frame.height}" rx="8" fill="#fff"/>\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def band(frame: Frame, xs: FloatArray, curves: dict[int, FloatArray]) -> str:
    """The coloured ground: below -3 SD, -3 to -2, -2 to +2. Above it stays white, since no class is named there."""
    shapes: list[str] = []
    for below, above, colour in _BANDS:
        floor = xs * 0 + frame.y_range[0] if below is None else curves[below]
        outline = f"{_path(frame, xs, curves[above])} {_path(frame, xs[::-1], floor[::-1])}"
        shapes.append(f'<polygon points="{outline}" fill="{colour}"/>')
    return "\n".join(shapes)


def grid(frame: Frame, x_steps: tuple[int, ...]) -> list[str]:
    """Lines and numbers at round steps, and the two axes."""
    parts: list[str] = []
    for value in _ticks(frame.x_range, x_steps, most=9):
        x = frame.x(value)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{frame.bottom}" stroke="{_GRID}" stroke-width="0.8"/>')
        parts.append(_text(x, frame.bottom + 18, f"{value:g}", size=14, anchor="middle", colour=_MUTED))
    for value in _ticks(frame.y_range, (0.5, 1, 2, 5, 10), most=9):
        y = frame.y(value)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{frame.right}" stroke="{_GRID}" stroke-width="0.8"/>')
        parts.append(_text(_LEFT - 7, y + 5, f"{value:g}", size=14, anchor="end", colour=_MUTED))
    parts.append(f'<path d="M{_LEFT} {_TOP}V{frame.bottom}H{frame.right}" fill="none" stroke="{_MUTED}"/>')
    return parts


def curve_line(frame: Frame, sd: int, xs: FloatArray, curve: FloatArray) -> str:
    dashes = ' stroke-dasharray="7 3"' if abs(sd) == 2 else ""
    width = 2.4 if sd == 0 else 1.7
    return (
        f'<polyline points="{_path(frame, xs, curve)}" fill="none" stroke="{_CURVE_COLOUR[sd]}" '
        f'stroke-width="{width}"{dashes}/>'
    )


def curve_label(frame: Frame, sd: int, end: float) -> str:
    """The curve's SD, beside where it ends."""
    sign = "+" if sd > 0 else "\u2212" if sd < 0 else ""
    return _text(
        frame.right + 7, frame.y(end) + 5, f"{sign}{abs(sd)}", size=15, colour=_CURVE_COLOUR[sd], bold=True
    )


def child_line(frame: Frame, points: list[Point]) -> list[str]:
    """The child's way: plausible points joined, implausible ones apart, the current one marked with its class."""
    plausible = [point for point in points if not point.implausible]
    joined = " ".join(f"{frame.x(point.x):.1f},{frame.y(point.y):.1f}" for point in plausible)
    parts = [
        f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'
        for colour, width in (("#fff", 6), (_CHILD, 3))
    ]
    current = current_of(points)
    for point in points:
        at = f'cx="{frame.x(point.x):.1f}" cy="{frame.y(point.y):.1f}"'
        if point is current:
            continue
        if point.implausible or point.at_birth:
            dashes = ' stroke-dasharray="3 2"' if point.implausible else ""
            parts.append(f'<circle {at} r="4.5" fill="#fff" stroke="{_CHILD}" stroke-width="2"{dashes}/>')
        else:
            parts.append(f'<circle {at} r="5" fill="{_CHILD}" stroke="#fff" stroke-width="1.5"/>')
    if current is not None:
        parts.append(_mark(current, frame.x(current.x), frame.y(current.y), "growth-current"))
    return parts


def current_of(points: list[Point]) -> Point | None:
    """The latest point, unless it is the birth: a birth weight is never a child's current weight."""
    return points[-1] if points and not points[-1].at_birth else None


def headings(frame: Frame, words: ChartWords, points: list[Point]) -> list[str]:
    """Title, the names of the axes, and the current point's caption with its mark once more."""
    parts = [
        _text(14, _TITLE_LINE, words.title, size=18, bold=True),
        _text(14, _AXIS_LINE, words.y_axis, size=14, colour=_MUTED),
        _text(
            (_LEFT + frame.right) / 2,
            frame.height - 12,
            words.x_axis,
            size=14,
            anchor="middle",
            colour=_MUTED,
        ),
    ]
    current = current_of(points)
    if current is not None and words.current:
        parts.append(_text(frame.width - 44, _TITLE_LINE, words.current, size=17, anchor="end", bold=True))
        parts.append(_mark(current, frame.width - 24, _TITLE_LINE - 6, "growth-current-key"))
    return parts


def _mark(point: Point, x: float, y: float, name: str) -> str:
    """The class as a shape: a ticked circle, a triangle with a bar, a diamond with a cross, "?" in a ring."""
    grade = None if point.implausible else point.grade
    shape = {
        NutritionClass.NORMAL: '<circle r="10.5" fill="#1b6e2a"/><path d="M-5 0.5l3.5 3.8 6.5-8" fill="none"/>',
        NutritionClass.MODERATE: '<path d="M0-13.5L13.5 10.5H-13.5Z" fill="#a15c00"/><path d="M0-5V2.5M0 6v1.2"/>',
        NutritionClass.SEVERE: '<path d="M0-14L14 0 0 14-14 0Z" fill="#b3261e"/><path d="M-4-4L4 4M4-4L-4 4"/>',
        None: f'<g fill="#fff" stroke="{_CHILD}"><circle r="10.5"/><path d="M-3-2.5a3 3 0 1 1 3 3.2v1.6M0 6v.2"/></g>',
    }[grade]
    return (
        f'<g class="{name}" data-class="{grade or ""}" transform="translate({x:.1f} {y:.1f})" stroke="#fff" '
        f'stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round">{shape}</g>'
    )


def _text(
    x: float, y: float, text: str, *, size: int, anchor: str = "start", colour: str = _INK, bold: bool = False
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"\u2068{escape(text)}\u2069</text>"
    )


def _path(frame: Frame, xs: FloatArray, ys: FloatArray) -> str:
    return " ".join(
        f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True)
    )


def _ticks(extent: tuple[float, float], steps: tuple[float, ...], *, most: int) -> list[float]:
    step = next((step for step in steps if (extent[1] - extent[0]) / step <= most), steps[-1])
    return [n * step for n in range(math.ceil(extent[0] / step), math.floor(extent[1] / step) + 1)]
