"""Evidence by phone: a code that the district sends to a family's phone and she tells the worker.

    asked = desk.ask(person_id)            # asked.sent, asked.to, asked.reason
    right = desk.check(person_id, typed)

It needs the server: without it, or without an answer in time, other evidence is next. Nothing of it is kept here but
which question the server was last asked about whom.
"""

import secrets
import threading

import msgspec
import structlog

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
from edge.sync.login import REACH_S, ServerUnreachable
from edge.sync.uplink import Uplink

ANSWER_S = 8.0
"""How long an answer is waited for: on a slow line a letter takes seconds, and then the message is handed in."""

REMEMBERED = 200
"""Of how many people it is remembered that a code was asked for."""

log = structlog.get_logger(__name__)


class OtpAsked(msgspec.Struct, frozen=True):
    """Whether a code went out, `to` which number (all but its last two digits as X), or for what reason not."""

    sent: bool
    to: str | None = None
    reason: NotSent | None = None


class _Question:
    """One question under way, and its answer once it is here."""

    def __init__(self) -> None:
        self.nonce = secrets.token_bytes(NONCE_BYTES)
        self.answer: CodeSent | CodeNotSent | CodeChecked | None = None
        self.changed = threading.Condition()


class OtpDesk:
    """Asks for codes and has them checked, one question at a time."""

    def __init__(self, identity: Identity, uplink: Uplink) -> None:
        self._identity = identity
        self._uplink = uplink
        self._one_at_a_time = threading.Lock()
        self._question: _Question | None = None
        self._asked: dict[PersonId, bytes] = {}
        uplink.listen(OTP_ANSWER, self._on_answer)

    def ask(self, person_id: PersonId) -> OtpAsked:
        """Have a code sent to the phone of this person. A code sent to her before is good no more.

        Raises:
            ServerUnreachable: no answer in time.
        """
        with self._one_at_a_time:
            question = _Question()
            answer = self._put(question, AskCode(person_id, question.nonce))
            if isinstance(answer, CodeNotSent):
                return OtpAsked(sent=False, reason=answer.reason)
            if not isinstance(answer, CodeSent):
                raise ServerUnreachable
            self._remember(person_id, question.nonce)
            return OtpAsked(sent=True, to=answer.to)

    def check(self, person_id: PersonId, code: str) -> bool:
        """Whether `code` is the one last sent to this person; once it was, it is good no more.

        Raises:
            ServerUnreachable: no answer in time; it may be tried again.
        """
        with self._one_at_a_time:
            asked = self._asked.get(person_id)
            if asked is None:
                return False
            question = _Question()
            answer = self._put(question, CheckCode(asked, code[:16], question.nonce))
            if not isinstance(answer, CodeChecked):
                raise ServerUnreachable
            if answer.verdict is not Verdict.WRONG:
                del self._asked[person_id]
            return answer.verdict is Verdict.RIGHT

    def _put(
        self, question: _Question, request: AskCode | CheckCode
    ) -> CodeSent | CodeNotSent | CodeChecked | None:
        """The server's answer; None where it gave none of use in time.

        Raises:
            ServerUnreachable: it was not reached.
        """
        self._question = question
        try:
            who = self._identity
            letter = letters.write(OTP, CodeRequest(request), who.origin, who.device, who.server.seal)
            if not self._uplink.reach(REACH_S) or not self._uplink.send(OTP, letter):
                raise ServerUnreachable
            with question.changed:
                question.changed.wait_for(lambda: question.answer is not None, timeout=ANSWER_S)
                return question.answer
        finally:
            self._question = None

    def _remember(self, person_id: PersonId, nonce: bytes) -> None:
        self._asked.pop(person_id, None)
        self._asked[person_id] = nonce
        if len(self._asked) > REMEMBERED:
            del self._asked[next(iter(self._asked))]

    def _on_answer(self, letter: bytes) -> None:
        question = self._question
        if question is None:
            return
        who = self._identity
        try:
            answer = letters.read(
                letter, OTP_ANSWER, CodeAnswer, SERVER_ORIGIN, who.server, who.device
            ).answer
        except letters.BadLetter as error:
            log.warning("otp_answer_rejected", reason=str(error))
            return
        if answer.nonce == question.nonce:
            with question.changed:
                question.answer = answer
                question.changed.notify_all()
