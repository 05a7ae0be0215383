"""The number on a ration card: what typing and reading it forgives, and what it notices."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.cards import (
    ALPHABET,
    LENGTH,
    BadCardNumber,
    comparable,
    completed,
    grouped,
    is_pin,
    new_number,
    parse,
    qr_text,
)

NUMBERS = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1).map(completed)
PLACES = st.integers(0, LENGTH - 1)


@given(NUMBERS)
def test_number_is_read_back_from_the_card_and_from_its_code(number):
    assert parse(grouped(number)) == parse(qr_text(number)) == number


@given(NUMBERS, PLACES, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(number, place, other):
    wrong = number[:place] + other + number[place + 1 :]
    if wrong == number:
        assert parse(wrong) == number
    else:
        with pytest.raises(BadCardNumber):
            parse(wrong)


@given(NUMBERS, PLACES, PLACES)
def test_two_swapped_characters_are_noticed_wherever_they_stand(number, one, other):
    swapped = list(number)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    if "".join(swapped) == number:
        return
    with pytest.raises(BadCardNumber):
        parse("".join(swapped))


@given(NUMBERS, st.data())
def test_case_spaces_hyphens_and_letters_that_look_like_digits_do_not_matter(number, data):
    alike = {char: char + char.lower() for char in ALPHABET} | {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(alike[char])) + data.draw(st.sampled_from(["", " ", "-", "\u00a0"]))
        for char in number
    )
    assert parse(f" {typed}\n") == number


@pytest.mark.parametrize("zero", ["\u0966", "\u06f0", "\u0660"])
def test_digits_of_other_scripts_are_read(zero):
    number = completed("123456789012345")
    typed = "".join(chr(ord(zero) + int(char)) if char.isdigit() else char for char in number)
    assert parse(typed) == number


def test_number_has_16_characters_none_of_which_is_taken_for_another():
    number = new_number()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{16}", number)
    assert re.fullmatch(r"(.{4}-){3}.{4}", grouped(number))
    assert len({new_number() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text", ["", "471234", "AANGAN:", "1234 5678 9012", "U" * 16, "\u0965" * 16, "0" * 17]
)
def test_what_is_no_number_of_a_card_is_refused(text):
    with pytest.raises(BadCardNumber):
        parse(text)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_refused(text):
    try:
        assert len(parse(text)) == LENGTH
    except BadCardNumber:
        return


def test_cards_of_before_are_compared_as_they_were():
    assert comparable(" c-1 ") == comparable("C-1") == "C-1"
    assert comparable(None) == comparable("") == ""
    number = new_number()
    assert comparable(grouped(number).lower()) == number


def test_pin_is_four_digits():
    assert is_pin("0482")
    assert not any(is_pin(text) for text in ("482", "04826", "04a2", "", "\u0967\u0968\u0969\u096a"))
