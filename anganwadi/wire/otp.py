"""A code to a family's phone: what a kiosk and the server say to each other about it, each inside a sealed letter.

The kiosk asks for a code to be sent to a person it names by her id; the server looks her phone up, sends the code and
answers whether it did. She tells the worker the code, the kiosk sends it up, and the server says whether it is right.
Neither the phone's number nor a code the kiosk did not hear from her ever comes down. The answers are signed by the
server and sealed to the kiosk's own key.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from anganwadi.ids import PersonId

OTP = "otp"
OTP_ANSWER = "otp_answer"
"""The kinds of letter, and the channels, up and down."""

NONCE_BYTES = 16

Nonce = Annotated[bytes, Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]


class AskCode(msgspec.Struct, frozen=True, tag="ask"):
    """Send a code to this person's phone. The answer repeats `nonce`, and so does a check of the code."""

    person_id: Annotated[PersonId, Meta(max_length=40)]
    nonce: Nonce


class CheckCode(msgspec.Struct, frozen=True, tag="check"):
    """Is this the code that was sent on the question with nonce `asked`? The same code asked about again is answered
    the same, so that an answer lost on the line costs no try."""

    asked: Nonce
    code: Annotated[str, Meta(max_length=16)]
    nonce: Nonce

    def __repr__(self) -> str:
        return "CheckCode(<hidden>)"


class CodeRequest(msgspec.Struct, frozen=True):
    """The content of a letter up: one of the two."""

    request: AskCode | CheckCode


class NotSent(StrEnum):
    """Why no code went out."""

    NO_PHONE = "no_phone"
    """No mobile number is known of her."""
    NOT_HERE = "not_here"
    """Nobody of this id is registered at the kiosk's centre."""
    TOO_OFTEN = "too_often"
    """So many were sent to her, or for this kiosk, within the hour that no more go out."""
    NO_GATEWAY = "no_gateway"
    """The district has no way to send text messages, or it did not take this one."""


class CodeSent(msgspec.Struct, frozen=True, tag="sent"):
    """A code is on its way; `to` is the number, all but the last two digits as X."""

    nonce: Nonce
    to: Annotated[str, Meta(max_length=20)]


class CodeNotSent(msgspec.Struct, frozen=True, tag="not_sent"):
    nonce: Nonce
    reason: NotSent


class Verdict(StrEnum):
    """What became of a code that was typed."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"
    """None is good any more: another was right, it is too old, was tried too often, or was never sent from here."""


class CodeChecked(msgspec.Struct, frozen=True, tag="checked"):
    """`tries_left` counts how often another code may be typed."""

    nonce: Nonce
    verdict: Verdict
    tries_left: int = 0


class CodeAnswer(msgspec.Struct, frozen=True):
    """The content of a letter down: one of the three."""

    answer: CodeSent | CodeNotSent | CodeChecked
