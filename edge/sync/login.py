"""Logging in over the link: a sealed request up, a lease down, sealed to this log-in's key.

The key pair is made for one log-in and dropped with it, so that what came down cannot be read afterwards. The roster
comes apart from the lease, as a document of the down-link.
"""

import secrets
import threading
from datetime import UTC, datetime

import structlog

from anganwadi.ids import SERVER_ORIGIN
from anganwadi.wire import letters
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import (
    LEASE,
    LOGIN,
    LeaseAnswer,
    LeaseGranted,
    LeaseRefused,
    LoginRequest,
)
from edge.store.recorder import Identity
from edge.sync.uplink import Uplink

REACH_S = 3.0
"""How long a log-in waits for the line to come up."""

ANSWER_S = 8.0
"""How long it waits for the server's answer: on a slow line a letter takes seconds."""

log = structlog.get_logger(__name__)


class LoginRefused(Exception):
    """The server answered no: `reason` is `wrong_pin`, `locked` or `unknown_worker`."""

    def __init__(self, answer: LeaseRefused) -> None:
        super().__init__(answer.reason)
        self.reason = answer.reason
        self.tries_left = answer.tries_left
        self.locked_until = answer.locked_until


class ServerUnreachable(Exception):
    """No answer in time. What was recorded is kept."""


class _Attempt:
    """One log-in under way: its keys, and what has come down for it so far."""

    def __init__(self) -> None:
        self.keys = PrivateKeys.generate()
        self.nonce = secrets.token_bytes(16)
        self.lease: LeaseGranted | LeaseRefused | None = None
        self.changed = threading.Condition()


class LogInDesk:
    """Carries out log-ins, one at a time."""

    def __init__(self, identity: Identity, uplink: Uplink) -> None:
        self._identity = identity
        self._uplink = uplink
        self._one_at_a_time = threading.Lock()
        self._attempt: _Attempt | None = None
        uplink.listen(LEASE, self._on_lease)

    def log_in(self, post: str, pin: str, have: int = 0) -> LeaseGranted:
        """Ask the server to let `post` in with `pin`. `have` is the version of the roster that is here, 0 for none.

        Raises:
            LoginRefused: it said no, and why.
            ServerUnreachable: it did not answer in time.
        """
        with self._one_at_a_time:
            attempt = self._attempt = _Attempt()
            try:
                return self._ask(attempt, post, pin, have)
            finally:
                self._attempt = None

    def _ask(self, attempt: _Attempt, post: str, pin: str, have: int) -> LeaseGranted:
        if not self._uplink.reach(REACH_S):
            raise ServerUnreachable
        request = LoginRequest(post, pin, attempt.keys.public.seal, attempt.nonce, datetime.now(UTC), have)
        who = self._identity
        if not self._uplink.send(
            LOGIN, letters.write(LOGIN, request, who.origin, who.device, who.server.seal)
        ):
            raise ServerUnreachable
        with attempt.changed:
            attempt.changed.wait_for(lambda: attempt.lease is not None, timeout=ANSWER_S)
            if isinstance(attempt.lease, LeaseRefused):
                raise LoginRefused(attempt.lease)
            if attempt.lease is None:
                raise ServerUnreachable
            return attempt.lease

    def _on_lease(self, letter: bytes) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        try:
            answer = letters.read(
                letter, LEASE, LeaseAnswer, SERVER_ORIGIN, self._identity.server, attempt.keys
            ).answer
        except letters.BadLetter as error:
            log.warning("lease_rejected", reason=str(error))
            return
        if answer.nonce == attempt.nonce:
            with attempt.changed:
                attempt.lease = answer
                attempt.changed.notify_all()
