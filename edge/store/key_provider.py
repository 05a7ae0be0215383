"""Where the kiosk may keep the data key (DK) between log-ins, so that a worker can log in without the server.

    keys.keep(lease, pin)               # after a log-in at the server: from now on `release` works, for the grace
    released = keys.release(post, pin)  # the server does not answer: DK, if this is her PIN
    keys.forget(post)                   # the server knows her no more

Two implementations: `key_none` keeps nothing; `key_tpm` keeps DK inside the kiosk's TPM, which counts wrong PINs
itself. A log-out does not forget: during the grace DK lies in the TPM, and nowhere else.
"""

from datetime import datetime
from typing import Protocol

import msgspec

from anganwadi.wire.login import LeaseGranted


class KeyNotReleased(Exception):
    """DK was not given out."""


class NothingKept(KeyNotReleased):
    """No DK is kept for this post: nobody of it logged in at the server within the grace."""


class GraceOver(KeyNotReleased):
    """DK was kept, but for too long; it is forgotten now."""


class WrongPin(KeyNotReleased):
    """Not her PIN; `tries_left` more may be wrong before the TPM locks."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"wrong PIN, {tries_left} tries left")
        self.tries_left = tries_left


class Locked(KeyNotReleased):
    """Too many wrong PINs: none is taken, not even the right one, at the latest until `until`; None: not known."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__("too many wrong PINs")
        self.until = until


class TpmUnusable(KeyNotReleased):
    """The TPM does not answer, is not prepared, or is not the one that DK was kept in; the text says what to do."""


class Released(msgspec.Struct, frozen=True):
    """DK, and until when it may be used without the server."""

    data_key: bytes
    until: datetime

    def __repr__(self) -> str:
        return f"Released(data_key=<hidden>, until={self.until!r})"


class KeyProvider(Protocol):
    """Keeps DK for each post, or does not. Thread-safe."""

    grace: bool
    """Whether it keeps anything at all."""

    def keep(self, lease: LeaseGranted, pin: str) -> None:
        """Keep the lease's DK under `pin`, for `grace_hours`, in place of whatever was kept for the worker's post; a
        lease without grace only forgets that.

        Raises:
            TpmUnusable: it is not kept.
        """
        ...

    def release(self, post: str, pin: str) -> Released:
        """Give out the DK kept for `post`.

        Raises:
            KeyNotReleased: as one of its kinds, which says why.
        """
        ...

    def forget(self, post: str | None = None) -> None:
        """Forget what is kept for `post`, or for all."""
        ...

    def until(self, post: str | None = None) -> datetime | None:
        """Until when `release` may work for `post`, or for any; None where it cannot."""
        ...
