"""The PIN of a ration card, checked at the kiosk: no network is needed, and the PIN goes nowhere.

The hash came with the roster and lies under the data key. Its cost is `anganwadi.cards`': about 0.03 s on a desk
computer, well under half a second on a Raspberry Pi 4.
"""

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from anganwadi.cards import is_pin
from anganwadi.wire.login import RosterEntry

_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"
"""A hash of the usual cost that no PIN has: whoever has no card takes as long to refuse as whoever mistyped."""

_hasher = PasswordHasher()
log = structlog.get_logger(__name__)


def check(entry: RosterEntry, pin: str) -> bool:
    """Whether `pin` is that of this person's card. False, and as slowly, where she has none.

    Tries are the caller's to count: `anganwadi.verification.CARD_TRIES` a pick-up.
    """
    known = entry.card_pin if entry.card_issued and entry.card_pin is not None else _NOBODYS
    try:
        return _hasher.verify(known, pin) and is_pin(pin) and known is not _NOBODYS
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        log.exception("card_pin_hash_unreadable")
        return False
