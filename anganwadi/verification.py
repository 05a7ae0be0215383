"""The evidence ladder of a ration pick-up.

Verification chooses the evidence a ration stands on, never whether a family eats: rungs are offered in order, the
worker may choose another that is open, every rung hands out the ration, and each ration event carries the rung it
stands on. Only "she is not the one" without any other evidence is a refusal.
"""

from enum import StrEnum

import msgspec


class Rung(StrEnum):
    """One kind of evidence, strongest first."""

    FACE = "face"
    FACE_RETRY = "face_retry"
    NOMINEE_FACE = "nominee_face"
    CARD = "card"
    PHONE_OTP = "phone_otp"
    ATTESTATION = "attestation"
    DOORSTEP = "doorstep"


class Light(StrEnum):
    """The light on a face, as far as a picture tells: of the face itself and against what is behind it."""

    DARK = "dark"
    DIM = "dim"
    NORMAL = "normal"
    BRIGHT = "bright"
    BACKLIT = "backlit"


class AttestationReason(StrEnum):
    """Why a worker vouches for a woman she knows."""

    FACE_NOT_MATCHED = "face_not_matched"
    NOT_ENROLLED = "not_enrolled"
    CONSENT_DECLINED = "consent_declined"
    TOO_DARK = "too_dark"
    CAMERA_BROKEN = "camera_broken"
    FACE_COVERED = "face_covered"
    NOT_LOGGED_IN = "not_logged_in"
    """Nobody could log in, so that the kiosk could look at nothing: of a ration recorded without a log-in only."""


class Standing(msgspec.Struct, frozen=True):
    """What is known when she stands at the counter; from it follows which rung is offered next.

    `face_tries` counts tries of her own face in this pick-up, `nominee_tries` those of her nominees' faces, of whom
    `nominees` are enrolled. `card_tries` counts wrong PINs, `code_tries` wrong codes; `phone_reachable` says that a
    code can be sent to her phone now: a number is known and the server answers.
    """

    enrolled: bool
    camera_works: bool = True
    face_tries: int = 0
    nominees: int = 0
    nominee_tries: int = 0
    card_issued: bool = False
    card_tries: int = 0
    phone_reachable: bool = False
    code_tries: int = 0


FACE_TRIES = 2
"""Her own face is tried twice, the second time with a hint on light or pose."""

NOMINEES = 2
"""A family names at most two trusted persons; each one's face is tried once."""

CARD_TRIES = 3
"""Wrong PINs of a card in one pick-up before other evidence is asked for."""

CODE_TRIES = 3
"""Wrong codes from a phone in one pick-up before other evidence is asked for."""


def open_rungs(standing: Standing) -> tuple[Rung, ...]:
    """Every kind of evidence that can still be shown, strongest first. The first is asked for; the worker may choose
    another, as when a face is covered or she would rather show her card. The last two are never spent.
    """
    tried = standing.face_tries
    looks = standing.camera_works and standing.enrolled and tried < FACE_TRIES
    asks_nominee = standing.camera_works and standing.nominee_tries < min(standing.nominees, NOMINEES)
    found = (
        (Rung.FACE, looks and tried == 0),
        (Rung.FACE_RETRY, looks and tried > 0),
        (Rung.NOMINEE_FACE, asks_nominee),
        (Rung.CARD, standing.card_issued and standing.card_tries < CARD_TRIES),
        (Rung.PHONE_OTP, standing.phone_reachable and standing.code_tries < CODE_TRIES),
        (Rung.ATTESTATION, True),
        (Rung.DOORSTEP, True),
    )
    return tuple(rung for rung, is_open in found if is_open)


def next_rung(standing: Standing) -> Rung:
    """The strongest evidence not yet spent. There always is one: attestation is never spent."""
    return open_rungs(standing)[0]


class Leaving(StrEnum):
    """Why somebody leaves without the ration she came for. Each is recorded, answered for and may be complained of."""

    STRANGER = "stranger"
    """She is not the one it is owed to, and nothing else speaks for her."""
    NO_STOCK = "no_stock"
    FAMILY_LEFT = "family_left"
    OTHER = "other"


def is_refusal(reason: Leaving) -> bool:
    """Whether the worker turned her away for want of evidence. Nothing else she may say of it does: where food has run
    out or the family did not wait, the ration stays owed."""
    return reason is Leaving.STRANGER


class DoorstepReason(StrEnum):
    """Why a ration is brought home."""

    BEDRIDDEN = "bedridden"
    NEWBORN = "newborn"
    DISABILITY = "disability"
    FAR = "far"
    OTHER = "other"


def is_followed_up(rung: Rung) -> bool:
    """Whether a sample of rations on this rung is checked by a call to the family."""
    return rung in {Rung.CARD, Rung.PHONE_OTP, Rung.ATTESTATION, Rung.DOORSTEP}
