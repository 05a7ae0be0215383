"""What the district prints, the kiosk's camera reads: the sheet as PDF, its cards photographed as they are held."""

import numpy as np
import pypdfium2
import pytest
import segno

from anganwadi.cards import completed, grouped, new_number, qr_text
from anganwadi.ids import CentreId
from edge.devices.card_reader import read_card
from server.cards import sheet
from server.cards.issuing import NewCard
from server.seed.people import people
from tests.contract.card_photograph import PICTURE, Shot, cards_of, photograph
from tests.unit.server.web_district import TODAY

NAMES = {"en": "Rampur 1", "hi": "रामपुर 1", "ur": "رام پور 1"}
ROSTER = people(CentreId("09123456701"), TODAY)
WOMEN = [
    *[person for person in ROSTER if person.language == "hi"][:4],
    *[person for person in ROSTER if person.language == "ur"][:2],
]
SHOTS = [
    Shot(),
    Shot(width_px=200, turned=200),
    Shot(turned=90),
    Shot(turned=47, tilted=40),
    Shot(turned=-30, tilted=-45),
    Shot(blur=1.5, turned=10),
    Shot(light=0.35, noise=6, turned=170),
    Shot(noise=20, turned=5),
]


@pytest.fixture(scope="module")
def printed() -> tuple[list[NewCard], bytes]:
    new = [NewCard(person, new_number(), f"{4000 + n}") for n, person in enumerate(WOMEN)]
    return new, sheet.render(new, NAMES)


@pytest.fixture(scope="module")
def cards(printed: tuple[list[NewCard], bytes]) -> list[np.ndarray]:
    """The first page's cards, cut out."""
    return cards_of(printed[1])


def words_on(pdf: bytes, page: int) -> str:
    return pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_bounded()


@pytest.mark.parametrize("shot", SHOTS, ids=str)
def test_card_is_read_however_she_holds_it(printed, cards, shot):
    rng = np.random.default_rng(7)
    read = [read_card(photograph(card, shot, rng)) for card in cards]
    assert read == [card.number for card in printed[0][: len(cards)]]


def test_card_too_far_away_is_not_read_as_another(cards):
    rng = np.random.default_rng(7)
    assert {read_card(photograph(card, Shot(width_px=70), rng)) for card in cards} == {None}


def test_picture_without_a_card_holds_none():
    rng = np.random.default_rng(7)
    assert read_card(np.zeros((*PICTURE, 3), np.uint8)) is None
    assert read_card(rng.integers(0, 255, (*PICTURE, 3)).astype(np.uint8)) is None


@pytest.mark.parametrize(
    "text", ["https://example.org/pay", "AANGAN:", "AANGAN:1234", qr_text(completed("0" * 15))[:-1] + "7"]
)
def test_code_that_is_not_a_cards_is_none(text):
    rows = np.array([list(row) for row in segno.make_qr(text).matrix_iter(scale=8, border=4)], np.uint8)
    assert read_card(np.repeat(255 * (1 - rows)[..., None], 3, axis=2)) is None


def test_sheet_has_five_cards_a_page_and_each_has_name_number_and_pin(printed):
    new, pdf = printed
    assert len(pypdfium2.PdfDocument(pdf)) == 2
    for place, card in enumerate(new):
        said = words_on(pdf, place // sheet.PER_PAGE)
        assert grouped(card.number) in said
        assert card.pin in said


def test_pin_stands_beside_the_card_and_not_on_it(printed, cards):
    new, pdf = printed
    page = pypdfium2.PdfDocument(pdf)[0]
    middle = page.get_width() / 2
    on_cards = page.get_textpage().get_text_bounded(right=middle)
    beside = page.get_textpage().get_text_bounded(left=middle)
    for card in new[: sheet.PER_PAGE]:
        assert grouped(card.number) in on_cards
        assert card.pin in beside
        assert card.pin not in on_cards.replace(grouped(card.number), "")
