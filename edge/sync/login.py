"""Logging in over the link: a sealed request up, a lease and the roster down, each sealed to this log-in's key.

The key pair is made for one log-in and dropped with it, so that what came down cannot be read afterwards.
"""

import secrets
import threading
from datetime import UTC, datetime

import msgspec
import structlog

from anganwadi.ids import SERVER_ORIGIN
from anganwadi.wire import letters
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import (
    LEASE,
    LOGIN,
    ROSTER,
    LeaseAnswer,
    LeaseGranted,
    LeaseRefused,
    LoginRequest,
    Roster,
)
from edge.store.recorder import Identity
from edge.sync.uplink import Uplink

log = structlog.get_logger(__name__)


class LoginRefused(Exception):
    """The server answered no: `reason` is `wrong_pin`, `locked` or `unknown_worker`."""

    def __init__(self, answer: LeaseRefused) -> None:
        super().__init__(answer.reason)
        self.reason = answer.reason
        self.tries_left = answer.tries_left
        self.locked_until = answer.locked_until


class ServerUnreachable(Exception):
    """No answer in time. What was recorded is kept; logging in needs the server."""


class LoggedIn(msgspec.Struct, frozen=True):
    """What a log-in brought."""

    lease: LeaseGranted
    roster: Roster

    def __repr__(self) -> str:
        return "LoggedIn(<hidden>)"


class _Attempt:
    """One log-in under way: its keys, and what has come down for it so far."""

    def __init__(self) -> None:
        self.keys = PrivateKeys.generate()
        self.nonce = secrets.token_bytes(16)
        self.lease: LeaseGranted | LeaseRefused | None = None
        self.roster: Roster | None = None
        self.changed = threading.Condition()

    def complete(self) -> bool:
        return isinstance(self.lease, LeaseRefused) or (self.lease is not None and self.roster is not None)


class LogInDesk:
    """Carries out log-ins, one at a time."""

    def __init__(self, identity: Identity, uplink: Uplink) -> None:
        self._identity = identity
        self._uplink = uplink
        self._one_at_a_time = threading.Lock()
        self._attempt: _Attempt | None = None
        uplink.listen(LEASE, self._on_lease)
        uplink.listen(ROSTER, self._on_roster)

    def log_in(self, post: str, pin: str, limit_s: float = 8.0) -> LoggedIn:
        """Ask the server to let `post` in with `pin`.

        Raises:
            LoginRefused: it said no, and why.
            ServerUnreachable: it did not answer within `limit_s` seconds.
        """
        with self._one_at_a_time:
            attempt = self._attempt = _Attempt()
            try:
                return self._ask(attempt, post, pin, limit_s)
            finally:
                self._attempt = None

    def _ask(self, attempt: _Attempt, post: str, pin: str, limit_s: float) -> LoggedIn:
        request = LoginRequest(post, pin, attempt.keys.public.seal, attempt.nonce, datetime.now(UTC))
        who = self._identity
        if not self._uplink.send(
            LOGIN, letters.write(LOGIN, request, who.origin, who.device, who.server.seal)
        ):
            raise ServerUnreachable
        with attempt.changed:
            attempt.changed.wait_for(attempt.complete, timeout=limit_s)
            if isinstance(attempt.lease, LeaseRefused):
                raise LoginRefused(attempt.lease)
            if attempt.lease is None or attempt.roster is None:
                raise ServerUnreachable
            return LoggedIn(attempt.lease, attempt.roster)

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

    def _on_roster(self, letter: bytes) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        try:
            roster = letters.read(letter, ROSTER, Roster, SERVER_ORIGIN, self._identity.server, attempt.keys)
        except letters.BadLetter as error:
            log.warning("roster_rejected", reason=str(error))
            return
        if roster.nonce == attempt.nonce:
            with attempt.changed:
                attempt.roster = roster
                attempt.changed.notify_all()
