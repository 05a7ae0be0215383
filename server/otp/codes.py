"""The rules of a code to a family's phone: six digits, good for ten minutes.

A person gets three an hour at most and each may be tried five times, so that neither is her phone flooded nor a code
guessed; a kiosk may ask for sixty. Codes are kept in RAM, each as a keyed hash under a key that is drawn when the
server starts: when it starts anew they are good no more, and she asks again.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anganwadi.ids import Origin, PersonId
from anganwadi.wire.otp import Verdict
from server.accounts.mobile import western_digits

DIGITS = 6
VALID_FOR = timedelta(minutes=10)
TRIES = 5
SPAN = timedelta(hours=1)
ASKS_A_PERSON, ASKS_A_KIOSK = 3, 60
REMEMBERED = 10_000
"""Codes of so many people are held, and the hours of as many."""


@dataclass
class _Sent:
    """A code under way, asked for by the kiosk `origin`. `tried` is what became of what was typed, by its hash."""

    person: PersonId
    origin: Origin
    code: bytes
    at: datetime
    tried: dict[bytes, Verdict] = field(default_factory=dict)

    @property
    def tries_left(self) -> int:
        return TRIES - len(self.tried)


class Codes:
    """The codes of one district. For one thread."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._sent: OrderedDict[bytes, _Sent] = OrderedDict()
        self._newest: OrderedDict[PersonId, bytes] = OrderedDict()
        self._asked: OrderedDict[Hashable, deque[datetime]] = OrderedDict()

    def draw(self, origin: Origin, person: PersonId, asked: bytes, now: datetime) -> str | None:
        """A fresh code for `person`, asked for by `origin` under this nonce; one of before is good no more. None where
        she, or the kiosk, asked too often."""
        if not (self._may_ask(origin, ASKS_A_KIOSK, now) and self._may_ask(person, ASKS_A_PERSON, now)):
            return None
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        self._sent.pop(self._newest.pop(person, b""), None)
        self._sent[asked] = _Sent(person, origin, self._hash(asked, code), now)
        self._newest[person] = asked
        for held in (self._sent, self._newest):
            if len(held) > REMEMBERED:
                held.popitem(last=False)
        return code

    def check(self, origin: Origin, asked: bytes, typed: str, now: datetime) -> tuple[Verdict, int]:
        """Whether `typed` is the code that `origin` asked for under this nonce, and how many tries are left. What is
        asked again is answered the same."""
        sent = self._sent.get(asked)
        if sent is None or sent.origin != origin or now - sent.at > VALID_FOR:
            return Verdict.SPENT, 0
        typed_hash = self._hash(asked, western_digits(typed))
        before = sent.tried.get(typed_hash)
        if before is not None:
            return before, sent.tries_left
        if Verdict.RIGHT in sent.tried.values() or sent.tries_left == 0:
            return Verdict.SPENT, 0
        right = hmac.compare_digest(typed_hash, sent.code)
        sent.tried[typed_hash] = Verdict.RIGHT if right else Verdict.WRONG
        return sent.tried[typed_hash], sent.tries_left

    def _may_ask(self, who: Hashable, limit: int, now: datetime) -> bool:
        """Whether `who` asked less than `limit` times within the last hour; if so, this time counts."""
        times = self._asked.setdefault(who, deque(maxlen=limit))
        self._asked.move_to_end(who)
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        if len(times) == limit and now - times[0] < SPAN:
            return False
        times.append(now)
        return True

    def _hash(self, asked: bytes, code: str) -> bytes:
        return hmac.digest(self._key, asked + code.encode(), hashlib.sha256)
