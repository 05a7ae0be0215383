"""Indian mobile numbers: one way to keep them, however they were typed."""

import re
import unicodedata

_MOBILE = re.compile(r"[6-9][0-9]{9}")
_PREFIX = re.compile(r"^(\+91|0091|91(?=[0-9]{10}$)|0)")


class BadMobile(ValueError):
    """It is not a mobile number of India: ten digits, of which the first is 6, 7, 8 or 9."""


def western_digits(text: str) -> str:
    """`text` with the digits of any script as 0-9 and without spaces, hyphens and brackets."""
    kept = (c for c in text if not c.isspace() and c not in "-()." and unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in kept)


def mobile_number(text: str) -> str:
    """The ten digits, as `officers.mobile` holds them.

    Raises:
        BadMobile: it is no mobile number.
    """
    digits = _PREFIX.sub("", western_digits(text))
    if not _MOBILE.fullmatch(digits):
        raise BadMobile("give the ten digits of a mobile number")
    return digits
