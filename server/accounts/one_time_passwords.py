"""The rules of a one-time password: six digits by HOTP (RFC 4226), good for five minutes and one use.

Five wrong codes lock the number for 15 minutes; asking for a new code does not give new tries. Whoever asks learns
nothing of which numbers are registered: the answers are the same.
"""

import base64
import hmac
from dataclasses import dataclass

from pyotp.hotp import HOTP
from sqlalchemy import Engine

from server.accounts import queries
from server.accounts.mobile import western_digits
from server.storage.engine import writing

VALID_MS = 5 * 60_000
TRIES = 5
LOCKED_MS = 15 * 60_000
PAUSE_MS = 30_000
"""No second code is sent within this time while the first was not used: nobody's phone is flooded."""


@dataclass(frozen=True)
class Issued:
    """A code to be delivered, in the officer's language."""

    code: str
    language: str

    def __repr__(self) -> str:
        return "Issued(<hidden>)"


def issue(engine: Engine, district: str, mobile: str, now_ms: int) -> Issued | None:
    """A fresh code for the officer with this number; None where there is none to be sent."""
    with writing(engine) as connection:
        begun = queries.begin_code(
            connection, district, mobile, now_ms=now_ms, not_since_ms=now_ms - PAUSE_MS
        )
        officer = queries.officer_by_mobile(connection, district, mobile)
    if officer is None or not begun:
        return None
    return Issued(code=_code(officer.otp_secret, officer.otp_counter), language=officer.language)


def redeem(engine: Engine, district: str, mobile: str, typed: str, now_ms: int) -> str | None:
    """The officer_id whose current code was typed; None for a wrong, used or old one, and for a locked number."""
    with writing(engine) as connection:
        has_try = queries.spend_try(
            connection, district, mobile, now_ms=now_ms, issued_after_ms=now_ms - VALID_MS
        )
        officer = queries.officer_by_mobile(connection, district, mobile)
        if officer is None or not has_try:
            return None
        expected = _code(officer.otp_secret, officer.otp_counter)
        if hmac.compare_digest(expected.encode(), western_digits(typed).encode()):
            queries.use_up_code(connection, officer, locked_until_ms=None)
            return str(officer.officer_id)
        if officer.wrong_otps >= TRIES:
            queries.use_up_code(connection, officer, locked_until_ms=now_ms + LOCKED_MS)
        return None


def _code(secret: bytes, counter: int) -> str:
    return HOTP(base64.b32encode(secret).decode()).at(counter)
