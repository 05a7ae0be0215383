"""Writing Devanagari, Nastaliq and Latin into a PDF with the pages' own fonts, shaped as each script wants it."""

import atexit
import shutil
import tempfile
import threading
import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import woff2
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

FONTS = Path(__file__).parent.parent / "web" / "static" / "built" / "fonts"
LATIN, DEVANAGARI, NASTALIQ = "latin", "devanagari", "nastaliq"
_FILES = {
    LATIN: "noto-sans-latin",
    DEVANAGARI: "noto-sans-devanagari-devanagari",
    NASTALIQ: "noto-nastaliq-urdu-arabic",
}
_WEIGHTS = {"": 400, "B": 700}
_LINE = {LATIN: 0.46, DEVANAGARI: 0.5, NASTALIQ: 0.74}
"""Millimetres from line to line for each point of size: Nastaliq climbs as it runs."""

_unpacking = threading.Lock()

_SMALLEST = 7.0
"""Points. Nothing is made smaller than that to fit."""


class NoFonts(FileNotFoundError):
    """The pages' fonts were not built; the text says how they are."""


def new_page_maker() -> FPDF:
    """An A4 document in millimetres with the fonts of all three scripts.

    Raises:
        NoFonts: they are not there.
    """
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    with _unpacking:
        for script, name in _FILES.items():
            for style, weight in _WEIGHTS.items():
                pdf.add_font(script, style, _unpacked(f"{name}-{weight}-normal"))
    pdf.set_fallback_fonts([LATIN, DEVANAGARI, NASTALIQ])
    return pdf


@cache
def _unpacked(name: str) -> Path:
    """The font without WOFF2's compression, undone once in a program: it takes most of a sheet's time."""
    packed = FONTS / f"{name}.woff2"
    if not packed.is_file():
        raise NoFonts(f"{packed} is not there: run `make setup`")
    plain = _folder() / f"{name}.ttf"
    woff2.decompress(packed, plain)
    return plain


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="aangan-fonts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def script_of(text: str) -> str:
    """The script most of its letters are of."""
    names = [unicodedata.name(char, "") for char in text if char.isalpha()]
    counts = {
        NASTALIQ: sum(name.startswith("ARABIC") for name in names),
        DEVANAGARI: sum(name.startswith("DEVANAGARI") for name in names),
    }
    script = max(counts, key=lambda each: counts[each])
    return script if counts[script] * 2 > len(names) else LATIN


def runs_leftward(text: str) -> bool:
    """Whether it is written from right to left."""
    return script_of(text) == NASTALIQ


def line_height(script: str, points: float) -> float:
    return _LINE[script] * points


def write_line(
    pdf: FPDF, text: str, x: float, y: float, width: float, points: float, style: str = ""
) -> float:
    """One line, made smaller if it is too wide, and broken if that is not enough; it begins at the side its script
    begins at. The y below it, in mm."""
    script = _begin(pdf, text, points, style)
    while pdf.get_string_width(text) > width and points > _SMALLEST:
        points -= 0.5
        pdf.set_font_size(points)
    return _set(pdf, text, script, x, y, width, points)


def write_paragraph(pdf: FPDF, text: str, x: float, y: float, width: float, points: float) -> float:
    """Lines broken to `width`. The y below them, in mm."""
    return _set(pdf, text, _begin(pdf, text, points, ""), x, y, width, points)


def _set(pdf: FPDF, text: str, script: str, x: float, y: float, width: float, points: float) -> float:
    pdf.set_xy(x, y)
    height = line_height(script, points)
    pdf.multi_cell(width, height, text, align=_side(script), new_x=XPos.LEFT, new_y=YPos.NEXT)
    return pdf.get_y()


def _begin(pdf: FPDF, text: str, points: float, style: str) -> str:
    script = script_of(text)
    pdf.set_font(script, style, points)
    pdf.set_text_shaping(True, direction="rtl" if script == NASTALIQ else "ltr")
    return script


def _side(script: str) -> Align:
    return Align.R if script == NASTALIQ else Align.L
