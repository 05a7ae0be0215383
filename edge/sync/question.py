"""One question to the server, and the letter that answers it.

    asking = Asking(uplink, OTP, OTP_ANSWER)
    answer = asking.put(letter, read, ANSWER_S)      # None: none came in time

A letter is small and needs the server: without it, or without its answer in time, whoever asks goes on without.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from anganwadi.wire.letters import BadLetter
from edge.sync.uplink import Uplink

REACH_S = 3.0
"""How long the line is given to come up."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


class ServerUnreachable(Exception):
    """No answer in time. What was recorded is kept."""


class _Question(Generic[T]):
    def __init__(self, read: Callable[[bytes], T | None]) -> None:
        self.read = read
        self.answer: T | None = None
        self.changed = threading.Condition()


class Asking(Generic[T]):
    """Puts questions on the channel `up`, one at a time, and takes their answers from the channel `down`."""

    def __init__(self, uplink: Uplink, up: str, down: str) -> None:
        self._uplink = uplink
        self._up, self._down = up, down
        self._one_at_a_time = threading.Lock()
        self._question: _Question[T] | None = None
        uplink.listen(down, self._on_letter)

    def put(self, letter: Callable[[], bytes], read: Callable[[bytes], T | None], limit_s: float) -> T:
        """Send what `letter` makes once the line is up, and wait for its answer for `limit_s`.

        `read` takes a letter that came down; it gives None where that does not answer this question, and may raise
        BadLetter.

        Raises:
            ServerUnreachable: the line did not come up, or no answer came in time.
        """
        with self._one_at_a_time:
            question = self._question = _Question(read)
            try:
                if not self._uplink.reach(REACH_S) or not self._uplink.send(self._up, letter()):
                    raise ServerUnreachable
                with question.changed:
                    question.changed.wait_for(lambda: question.answer is not None, timeout=limit_s)
                    if question.answer is None:
                        raise ServerUnreachable
                    return question.answer
            finally:
                self._question = None

    def _on_letter(self, letter: bytes) -> None:
        question = self._question
        if question is None:
            return
        try:
            answer = question.read(letter)
        except BadLetter as error:
            log.warning("answer_rejected", channel=self._down, reason=str(error))
            return
        if answer is not None:
            with question.changed:
                question.answer = answer
                question.changed.notify_all()
