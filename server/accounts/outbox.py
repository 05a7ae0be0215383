"""The way of a one-time password to an officer's phone.

A district connects its SMS gateway by one class with `deliver`. The demo has `DemoOutbox`, which keeps the messages
in memory for the page `/outbox`.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class CodeMessage:
    """A one-time password on its way. `text` is the message as the officer reads it, in `language`."""

    mobile: str
    code: str
    text: str
    language: str
    at: datetime

    def __repr__(self) -> str:
        return "CodeMessage(<hidden>)"


class NotDelivered(Exception):
    """The gateway did not take the message; the text says why, without the number or the code."""


class Outbox(Protocol):
    def deliver(self, message: CodeMessage) -> None:
        """Send `message`.

        Raises:
            NotDelivered: the gateway did not take it.
        """
        ...


class DemoOutbox:
    """Sends nothing: the last messages lie in memory, for a page that only a demo district has."""

    KEPT = 20

    def __init__(self) -> None:
        self._messages: deque[CodeMessage] = deque(maxlen=self.KEPT)

    def deliver(self, message: CodeMessage) -> None:
        self._messages.appendleft(message)

    def messages(self) -> list[CodeMessage]:
        """Newest first."""
        return list(self._messages)
