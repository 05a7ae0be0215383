"""Letting a worker in: the server checks her PIN; while it does not answer, the kiosk's TPM does, for the grace.

What the server said of her at her last log-in (name, post, centre) lies in the centre's own store, under the data key
(DK) that the TPM gives out: without her PIN nobody reads who works here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from anganwadi.events import Proof
from anganwadi.ids import CentreId
from anganwadi.wire.login import LeaseGranted, LeaseRefused, Worker
from edge.store.centre import CentreStore
from edge.store.errors import StoreError
from edge.store.key_provider import KeyNotReleased, KeyProvider, Locked, Released, TpmUnusable, WrongPin
from edge.sync.login import LoginRefused
from edge.sync.question import ServerUnreachable

log = structlog.get_logger(__name__)


class ServersDesk(Protocol):
    """The log-in desk, as `edge.sync.login.LogInDesk` reaches it."""

    def log_in(self, post: str, pin: str, have: int = 0) -> LeaseGranted: ...


class Admitted(msgspec.Struct, frozen=True):
    """Who is let in, who checked her PIN, and the centre's store, open."""

    lease: LeaseGranted
    proof: Proof
    store: CentreStore


class _Worker(msgspec.Struct, frozen=True):
    """What the server said of the worker, kept for a log-in without it."""

    worker: Worker
    centre_id: CentreId
    centre_names: dict[str, str]


class Admission:
    """Who may in, and on whose word. One caller at a time."""

    def __init__(
        self,
        desk: ServersDesk,
        keys: KeyProvider,
        open_store: Callable[[bytes], CentreStore],
        now: Callable[[], datetime],
    ) -> None:
        """`open_store` opens the centre's store under a DK; `now` is the centre's time."""
        self._desk = desk
        self._keys = keys
        self._open_store = open_store
        self._now = now

    def admit(self, post: str, pin: str, have: int) -> Admitted:
        """Let a worker in. `have` is the version of the roster that is here. The store is the caller's to close.

        Raises:
            LoginRefused: wrong PIN, locked, or no such worker.
            ServerUnreachable: the server does not answer, and no DK is kept for this post.
            StoreError: the store cannot be opened.
        """
        try:
            lease = self._desk.log_in(post, pin, have)
        except ServerUnreachable:
            return self._admit_without_server(post, pin)
        except LoginRefused as refused:
            if refused.reason == "unknown_worker":
                self._keys.forget(post)
            raise
        return Admitted(lease, Proof.SERVER, self._open_store(lease.data_key))

    def remember(self, admitted: Admitted, pin: str) -> None:
        """After a log-in at the server: keep what one without it needs, as far as the lease allows. That it could not
        be kept stops nobody."""
        if admitted.proof is not Proof.SERVER or not self._keys.grace:
            return
        lease = admitted.lease
        known = _Worker(lease.worker, lease.centre_id, lease.centre_names)
        try:
            admitted.store.keep(_place(lease.worker.post), msgspec.msgpack.encode(known))
            self._keys.keep(lease, pin)
        except (TpmUnusable, StoreError) as error:
            log.warning("grace_not_kept", reason=str(error))

    def _admit_without_server(self, post: str, pin: str) -> Admitted:
        released = self._release(post, pin)
        store = self._open_store(released.data_key)
        try:
            kept = store.kept(_place(post))
            if kept is None:  # the store was lost and made anew: the server has to say it again
                self._keys.forget(post)
                raise ServerUnreachable
            known = msgspec.msgpack.decode(kept, type=_Worker)
        except BaseException:
            store.close()
            raise
        lease = LeaseGranted(
            nonce=b"",
            data_key=released.data_key,
            worker=known.worker,
            centre_id=known.centre_id,
            centre_names=known.centre_names,
            expires=released.until,
            server_time=self._now(),
        )
        log.info("log_in_granted_by_tpm")
        return Admitted(lease, Proof.TPM, store)

    def _release(self, post: str, pin: str) -> Released:
        try:
            return self._keys.release(post, pin)
        except WrongPin as error:
            raise LoginRefused(LeaseRefused(b"", "wrong_pin", error.tries_left)) from error
        except Locked as error:
            raise LoginRefused(LeaseRefused(b"", "locked", locked_until=error.until)) from error
        except KeyNotReleased as error:
            log.info("no_log_in_without_server", why=type(error).__name__, reason=str(error))
            raise ServerUnreachable from error


def _place(post: str) -> str:
    return f"worker.{post}"
