"""The names by which things are known, and the checks they pass before anything trusts them."""

import re
import secrets
from typing import NewType

DistrictId = NewType("DistrictId", str)
CentreId = NewType("CentreId", str)
"""An AWC code: 11 digits, opaque. Its inner split differs between states and is never parsed."""
PersonId = NewType("PersonId", str)
WorkerId = NewType("WorkerId", str)
Origin = NewType("Origin", str)
"""What made an event: a kiosk, or the district server itself (`SERVER_ORIGIN`)."""
Grams = NewType("Grams", int)
Millimetres = NewType("Millimetres", int)

SERVER_ORIGIN = Origin("server")

NOBODY = WorkerId("nobody")
"""Stands for the worker where nobody was logged in and the kiosk recorded sealed-only."""

_CENTRE = re.compile(r"[0-9]{11}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class BadIdentifier(ValueError):
    """A code that is not of the form its kind has; the text says which form that is."""


def centre_id(text: str) -> CentreId:
    """Check an AWC code.

    Raises:
        BadIdentifier: it is not 11 digits.
    """
    if not _CENTRE.fullmatch(text):
        raise BadIdentifier(f"{text!r} is not a centre code: give the 11 digits of the AWC code")
    return CentreId(text)


def origin(text: str) -> Origin:
    """Check the name of a kiosk or server; it becomes a topic level and a certificate's common name.

    Raises:
        BadIdentifier: it holds anything but lower-case letters, digits and hyphens, or is too long.
    """
    if not _NAME.fullmatch(text):
        raise BadIdentifier(
            f"{text!r} is not a device name: use lower-case letters, digits and '-', 63 at most"
        )
    return Origin(text)


def district_id(text: str) -> DistrictId:
    """Check a district's name, by the rule of `origin`.

    Raises:
        BadIdentifier: as `origin`.
    """
    return DistrictId(origin(text))


def new_person_id() -> PersonId:
    """A fresh person id: 128 random bits, so that it says nothing of the person and collides with nobody's."""
    return PersonId("p-" + secrets.token_hex(16))
