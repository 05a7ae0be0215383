"""Evidence by phone: a code that the district sends to a family's phone and she tells the worker.

    asked = desk.ask(person_id)            # asked.sent, asked.to, asked.reason
    right = desk.check(person_id, typed)

It needs the server: without it, or without an answer in time, other evidence is next. Nothing of it is kept here but
which question the server was last asked about whom.
"""

import secrets

import msgspec

from anganwadi.ids import SERVER_ORIGIN, PersonId
from anganwadi.wire import letters
from anganwadi.wire.otp import (
    NONCE_BYTES,
    OTP,
    OTP_ANSWER,
    AskCode,
    CheckCode,
    CodeAnswer,
    CodeChecked,
    CodeNotSent,
    CodeRequest,
    CodeSent,
    NotSent,
    Verdict,
)
from edge.store.recorder import Identity
from edge.sync.question import Asking, ServerUnreachable
from edge.sync.uplink import Uplink

ANSWER_S = 8.0
"""How long an answer is waited for: on a slow line a letter takes seconds, and then the message is handed in."""

REMEMBERED = 200
"""Of how many people it is remembered that a code was asked for."""


class OtpAsked(msgspec.Struct, frozen=True):
    """Whether a code went out, `to` which number (all but its last two digits as X), or for what reason not."""

    sent: bool
    to: str | None = None
    reason: NotSent | None = None


class OtpDesk:
    """Asks for codes and has them checked, one question at a time."""

    def __init__(self, identity: Identity, uplink: Uplink) -> None:
        self._identity = identity
        self._asking: Asking[CodeSent | CodeNotSent | CodeChecked] = Asking(uplink, OTP, OTP_ANSWER)
        self._asked: dict[PersonId, bytes] = {}

    def ask(self, person_id: PersonId) -> OtpAsked:
        """Have a code sent to the phone of this person. A code sent to her before is good no more.

        Raises:
            ServerUnreachable: no answer in time.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        answer = self._put(AskCode(person_id, nonce))
        if isinstance(answer, CodeNotSent):
            return OtpAsked(sent=False, reason=answer.reason)
        if not isinstance(answer, CodeSent):
            raise ServerUnreachable
        self._remember(person_id, nonce)
        return OtpAsked(sent=True, to=answer.to)

    def check(self, person_id: PersonId, code: str) -> bool:
        """Whether `code` is the one last sent to this person; once it was, it is good no more.

        Raises:
            ServerUnreachable: no answer in time; it may be tried again.
        """
        asked = self._asked.get(person_id)
        if asked is None:
            return False
        answer = self._put(CheckCode(asked, code[:16], secrets.token_bytes(NONCE_BYTES)))
        if not isinstance(answer, CodeChecked):
            raise ServerUnreachable
        if answer.verdict is not Verdict.WRONG:
            self._asked.pop(person_id, None)
        return answer.verdict is Verdict.RIGHT

    def _put(self, request: AskCode | CheckCode) -> CodeSent | CodeNotSent | CodeChecked:
        who = self._identity

        def letter() -> bytes:
            return letters.write(OTP, CodeRequest(request), who.origin, who.device, who.server.seal)

        def read(down: bytes) -> CodeSent | CodeNotSent | CodeChecked | None:
            answer = letters.read(down, OTP_ANSWER, CodeAnswer, SERVER_ORIGIN, who.server, who.device).answer
            return answer if answer.nonce == request.nonce else None

        return self._asking.put(letter, read, ANSWER_S)

    def _remember(self, person_id: PersonId, nonce: bytes) -> None:
        self._asked.pop(person_id, None)
        self._asked[person_id] = nonce
        if len(self._asked) > REMEMBERED:
            del self._asked[next(iter(self._asked))]
