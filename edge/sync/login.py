"""Logging in over the link: a sealed request up, a lease down, sealed to this log-in's key.

The key pair is made for one log-in and dropped with it, so that what came down cannot be read afterwards. The roster
comes apart from the lease, as a document of the down-link.
"""

import secrets
from datetime import UTC, datetime

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
from edge.sync.question import Asking
from edge.sync.uplink import Uplink

ANSWER_S = 8.0
"""How long it waits for the server's answer: on a slow line a letter takes seconds."""


class LoginRefused(Exception):
    """The server answered no: `reason` is `wrong_pin`, `locked` or `unknown_worker`."""

    def __init__(self, answer: LeaseRefused) -> None:
        super().__init__(answer.reason)
        self.reason = answer.reason
        self.tries_left = answer.tries_left
        self.locked_until = answer.locked_until


class LogInDesk:
    """Carries out log-ins, one at a time."""

    def __init__(self, identity: Identity, uplink: Uplink) -> None:
        self._identity = identity
        self._asking: Asking[LeaseGranted | LeaseRefused] = Asking(uplink, LOGIN, LEASE)

    def log_in(self, post: str, pin: str, have: int = 0) -> LeaseGranted:
        """Ask the server to let `post` in with `pin`. `have` is the version of the roster that is here, 0 for none.

        Raises:
            LoginRefused: it said no, and why.
            ServerUnreachable: it did not answer in time.
        """
        who, keys, nonce = self._identity, PrivateKeys.generate(), secrets.token_bytes(16)

        def letter() -> bytes:
            request = LoginRequest(post, pin, keys.public.seal, nonce, datetime.now(UTC), have)
            return letters.write(LOGIN, request, who.origin, who.device, who.server.seal)

        def read(down: bytes) -> LeaseGranted | LeaseRefused | None:
            answer = letters.read(down, LEASE, LeaseAnswer, SERVER_ORIGIN, who.server, keys).answer
            return answer if answer.nonce == nonce else None

        answer = self._asking.put(letter, read, ANSWER_S)
        if isinstance(answer, LeaseRefused):
            raise LoginRefused(answer)
        return answer
