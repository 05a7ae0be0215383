"""The sheet that ration cards are printed on: A4, five a page, each with the slip of its PIN beside it to tear off.

A card is of ID-1 size (ISO/IEC 7810: 85.60 x 53.98 mm), so that it fits any sleeve: QR code, the holder's name in her
family's script, the centre, a picture of what the card is for, the number in groups of four. The QR code is 40 mm wide,
so that an ordinary camera reads it at arm's length. Who holds the card in her hand learns no more from it than this.
"""

import io
from collections.abc import Sequence
from functools import cache
from gettext import NullTranslations

import segno
from fpdf import FPDF

from anganwadi.cards import grouped, qr_text
from provisioning.languages import SOURCE_LANGUAGE, msgid
from server.cards import typography
from server.cards.issuing import NewCard
from server.web.words import catalogues

ICONS = typography.FONTS.parent / "icons.svg"
CARD_MM = (85.60, 53.98)
PER_PAGE = 5
QR_MM = 40.0
"""The QR code with its quiet zone."""

_PAGE_MM = (210.0, 297.0)
_LEFT = (_PAGE_MM[0] - 2 * CARD_MM[0]) / 2
_TOP = (_PAGE_MM[1] - PER_PAGE * CARD_MM[1]) / 2
_MARK_MM = 6.0
_PAD = 5.0
_PIN_MM = 26.0
_ICON_MM = 11.0
_QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""

_TITLE = msgid("Anganwadi card")
_PIN_TITLE = msgid("The PIN of your card")
_LEARN = msgid("Learn it by heart and tear this slip up. Type it yourself and tell it to nobody.")
_LOST = msgid(
    "If you lose the card or forget the PIN, tell the worker: you get a new one. You get your ration all the same."
)


def render(cards: Sequence[NewCard], centre_names: dict[str, str]) -> bytes:
    """The sheet as PDF. It holds names and PINs: keep it from everybody but who hands the cards out.

    Raises:
        server.cards.typography.NoFonts: the pages' fonts are not there.
    """
    pdf = typography.new_page_maker()
    for place, card in enumerate(cards):
        row = place % PER_PAGE
        if row == 0:
            pdf.add_page()
            _cut_marks(pdf)
        y = _TOP + row * CARD_MM[1]
        words = catalogues().get(card.person.language, catalogues()[SOURCE_LANGUAGE])
        centre = centre_names.get(card.person.language, centre_names["en"])
        _draw_card(pdf, card, centre, words, _LEFT, y)
        _draw_slip(pdf, card, words, _LEFT + CARD_MM[0], y)
    return bytes(pdf.output())


def _draw_card(pdf: FPDF, card: NewCard, centre: str, words: NullTranslations, x: float, y: float) -> None:
    _draw_qr(pdf, card, x + 2, y + (CARD_MM[1] - QR_MM) / 2)
    at, width = x + QR_MM + 4, CARD_MM[0] - QR_MM - 4 - _PAD
    _draw_picture(pdf, at, y + _PAD)
    below = typography.write_line(pdf, words.gettext(_TITLE), at, y + _PAD + _ICON_MM + 1, width, 8)
    below = typography.write_line(pdf, card.person.name, at, below + 1, width, 14, "B")
    typography.write_line(pdf, centre, at, below + 0.5, width, 9)
    typography.write_line(pdf, grouped(card.number), at, y + CARD_MM[1] - _PAD - 4, width, 10, "B")


def _draw_slip(pdf: FPDF, card: NewCard, words: NullTranslations, x: float, y: float) -> None:
    at, width = x + _PAD, CARD_MM[0] - 2 * _PAD
    pin_at = at if typography.runs_leftward(words.gettext(_PIN_TITLE)) else at + width - _PIN_MM
    beside = at + _PIN_MM if pin_at == at else at
    typography.write_line(pdf, card.pin, pin_at, y + _PAD, _PIN_MM, 26, "B")
    below = typography.write_line(pdf, card.person.name, beside, y + _PAD, width - _PIN_MM, 11, "B")
    below = typography.write_line(pdf, words.gettext(_PIN_TITLE), beside, below, width - _PIN_MM, 9)
    below = typography.write_paragraph(pdf, words.gettext(_LEARN), at, max(below, y + _PAD + 13), width, 9)
    typography.write_paragraph(pdf, words.gettext(_LOST), at, below + 0.5, width, 9)


def _draw_picture(pdf: FPDF, x: float, y: float) -> None:
    """The picture that stands for rations on the kiosk's screen as well."""
    pdf.image(io.BytesIO(_ration_icon()), x=x, y=y, w=_ICON_MM, h=_ICON_MM)


@cache
def _ration_icon() -> bytes:
    symbols = ICONS.read_text(encoding="utf-8")
    start = symbols.index('<symbol id="ration"')
    symbol = symbols[start : symbols.index("</symbol>", start)]
    svg = symbol.replace("<symbol", '<svg xmlns="http://www.w3.org/2000/svg"').replace(
        "currentColor", "black"
    )
    return f"{svg}</svg>".encode()


def _cut_marks(pdf: FPDF) -> None:
    """Where to cut, in the margins; where to tear, dotted between card and slip."""
    pdf.set_draw_color(120)
    pdf.set_line_width(0.15)
    right, bottom = _LEFT + 2 * CARD_MM[0], _TOP + PER_PAGE * CARD_MM[1]
    for row in range(PER_PAGE + 1):
        y = _TOP + row * CARD_MM[1]
        pdf.line(_LEFT - 1 - _MARK_MM, y, _LEFT - 1, y)
        pdf.line(right + 1, y, right + 1 + _MARK_MM, y)
    for x in (_LEFT, _LEFT + CARD_MM[0], right):
        pdf.line(x, _TOP - 1 - _MARK_MM, x, _TOP - 1)
        pdf.line(x, bottom + 1, x, bottom + 1 + _MARK_MM)
    pdf.set_dash_pattern(dash=0.6, gap=1.2)
    pdf.line(_LEFT + CARD_MM[0], _TOP, _LEFT + CARD_MM[0], bottom)
    pdf.set_dash_pattern()


def _draw_qr(pdf: FPDF, card: NewCard, x: float, y: float) -> None:
    """The code as rectangles, a run of dark modules each, so that it is sharp at any resolution."""
    code = segno.make_qr(qr_text(card.number), error="q", boost_error=True)
    rows = [list(row) for row in code.matrix_iter(scale=1, border=_QUIET)]
    module = QR_MM / len(rows)
    pdf.set_fill_color(0)
    for down, row in enumerate(rows):
        for start, length in _runs(row):
            pdf.rect(x + start * module, y + down * module, length * module, module, style="F")


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark modules stand side by side: (first, how many)."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found
