"""The key provider of a kiosk without a TPM: it keeps nothing, so every log-in needs the server.

A key on the card, or one made from a short PIN, would protect nothing from a thief with the card.
"""

from datetime import datetime

from anganwadi.wire.login import LeaseGranted
from edge.store.key_provider import NothingKept, Released


class NoKeys:
    """Keeps nothing; the grace is 0."""

    grace = False

    def keep(self, lease: LeaseGranted, pin: str) -> None:
        """Nothing is kept."""

    def release(self, post: str, pin: str) -> Released:
        """There is nothing to give.

        Raises:
            NothingKept: always.
        """
        del post, pin
        raise NothingKept

    def forget(self, post: str | None = None) -> None:
        """Nothing is kept, so nothing is forgotten."""

    def until(self, post: str | None = None) -> datetime | None:
        """Never."""
        del post
        return None
