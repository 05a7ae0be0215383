"""The number of a ration card: how one is drawn, how it is checked when it is typed or read, how it is printed.

    number = new_number()             # "7K2M9QRT04ABCDEF": 16 characters, 75 random bits and a check character
    grouped(number)                   # "7K2M-9QRT-04AB-CDEF", as it stands on the card
    qr_text(number)                   # "AANGAN:7K2M9QRT04ABCDEF", what its QR code says
    parse(" aangan:7k2m 9qrt o4ab cdef")   # the number again, whoever typed it and however

Characters are those of Crockford's base 32 (https://www.crockford.com/base32.html): digits and capitals without I, L, O
and U, so that nothing is taken for anything else. The last one is a check character. With the characters as elements of
GF(32) and the number as a polynomial over it, a number is good if a primitive element is its root; so every wrong
character and every swap of two different ones is noticed, wherever they stand: a single-symbol Reed-Solomon code.

The number names a card, it does not prove anything: the PIN does, of which only an Argon2id hash is kept.
"""

import secrets
import unicodedata
from collections.abc import Sequence
from typing import NewType

CardNumber = NewType("CardNumber", str)
"""16 characters without separators, the last one being right: only `new_number`, `completed` and `parse` make one."""

PREFIX = "AANGAN:"
"""What the text of a card's QR code begins with."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4

PIN_DIGITS = 4
PIN_MEMORY_KIB = 19 * 1024
PIN_PASSES = 2
"""Argon2id's cost for a card's PIN, one lane: OWASP's Password Storage Cheat Sheet's second choice, m=19 MiB, t=2, p=1.
Small on purpose: a kiosk checks it while she waits. No cost would keep four digits from whoever holds the hash, so the
hash lies in the district's vault and, under the data key, in the kiosk's roster, and nowhere else."""

_READ_AS = str.maketrans("OIL", "011")
_POLYNOMIAL = 0b100101
"""x^5 + x^2 + 1, primitive over GF(2)."""


class BadCardNumber(ValueError):
    """Not the number of a card: too short, too long, of other characters, or mistyped."""


def new_number() -> CardNumber:
    """A fresh number; 75 random bits, so that none is drawn twice and none is guessed."""
    return completed("".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1)))


def completed(text: str) -> CardNumber:
    """The number that begins with these 15 characters.

    Raises:
        BadCardNumber: they are not 15 characters of the alphabet.
    """
    symbols = _symbols(text)
    if len(symbols) != LENGTH - 1:
        raise BadCardNumber(f"a card's number begins with {LENGTH - 1} characters before its check character")
    return CardNumber(text + ALPHABET[_times_root(_remainder(symbols))])


def parse(text: str) -> CardNumber:
    """The number that was typed or read: capitals or not, with or without the QR code's prefix, spaces and hyphens;
    O read as 0, I and L as 1, digits of any script.

    Raises:
        BadCardNumber: it is none, or a character of it is wrong.
    """
    latin = "".join(_latin(char) for char in text if not (char.isspace() or char in "-\u2013"))
    bare = latin.upper().removeprefix(PREFIX).translate(_READ_AS)
    symbols = _symbols(bare)
    if len(symbols) != LENGTH:
        raise BadCardNumber(f"a card's number has {LENGTH} characters")
    if _remainder(symbols) != 0:
        raise BadCardNumber("a character of the card's number is wrong")
    return CardNumber(bare)


def grouped(number: CardNumber) -> str:
    """The number in groups of four, as people read it."""
    return "-".join(number[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def qr_text(number: CardNumber) -> str:
    """What the card's QR code says; all of it in QR's alphanumeric set, so that the code stays small."""
    return PREFIX + number


def comparable(text: str | None) -> str:
    """A number as numbers are compared: one of ours in its one form, another (a card of before) in capitals without
    spaces; empty for none."""
    if not text:
        return ""
    try:
        return parse(text)
    except BadCardNumber:
        return "".join(text.split()).upper()


def is_pin(text: str) -> bool:
    """Whether this may be the PIN of a card: four digits, 0-9."""
    return len(text) == PIN_DIGITS and text.isascii() and text.isdigit()


def _latin(char: str) -> str:
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def _symbols(text: str) -> list[int]:
    found = [ALPHABET.find(char) for char in text]
    if -1 in found:
        raise BadCardNumber("a card's number has digits and capitals, without I, L, O and U")
    return found


def _remainder(symbols: Sequence[int]) -> int:
    """The polynomial with these coefficients, highest power first, at the primitive element (Horner's rule)."""
    value = 0
    for symbol in symbols:
        value = _times_root(value) ^ symbol
    return value


def _times_root(value: int) -> int:
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled & 0b100000 else doubled
