"""The keys of the wire, as 32 raw bytes each: Ed25519 to sign, X25519 to seal, and an id to name a key by.

A device has one of each. So has the server, but its sealing key is replaced every month, so that it holds several to
open with, of which the newest is the one to seal to. Private keys are made by their owner and never leave it.
"""

import hashlib
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

KEY_ID_BYTES = 8
KEY_BYTES = 32


class UnknownKey(LookupError):
    """Sealed to a key that is not held here: another's, or an old one that was deleted."""


def key_id(public: bytes) -> bytes:
    """The name of a public key: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


class PublicKeys(msgspec.Struct, frozen=True):
    """What others know of a device or of the server: `verify` is Ed25519, `seal` X25519, raw 32 bytes each."""

    verify: bytes
    seal: bytes

    @property
    def verify_key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.verify)

    @property
    def seal_key(self) -> X25519PublicKey:
        return X25519PublicKey.from_public_bytes(self.seal)

    @property
    def seal_id(self) -> bytes:
        return key_id(self.seal)


class Signer(Protocol):
    """Whoever signs: `PrivateKeys`, or the server's `ServerSecrets`."""

    @property
    def sign_key(self) -> Ed25519PrivateKey: ...


class Verifier(Protocol):
    """Whose signatures are checked: `PublicKeys`, or what a kiosk knows of its server."""

    @property
    def verify_key(self) -> Ed25519PublicKey: ...


class Opener(Protocol):
    """Whoever opens what was sealed."""

    def opening(self, key_id: bytes) -> X25519PrivateKey:
        """The private key to what was sealed to the public key of this id.

        Raises:
            UnknownKey: it is not held here.
        """
        ...


class ServerSecrets(Signer, Opener, Protocol):
    """What the server signs and opens with. `public.seal` is the newest key to seal to; older ones still open."""

    @property
    def public(self) -> PublicKeys: ...


class PrivateKeys(msgspec.Struct, frozen=True):
    """A device's or the server's own keys. Their `repr` hides them. As `ServerSecrets` they open with one key only."""

    sign: bytes
    open: bytes

    def __repr__(self) -> str:
        return "PrivateKeys(<hidden>)"

    @classmethod
    def generate(cls) -> "PrivateKeys":
        return cls(
            sign=Ed25519PrivateKey.generate().private_bytes_raw(),
            open=X25519PrivateKey.generate().private_bytes_raw(),
        )

    @property
    def sign_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.sign)

    @property
    def open_key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.open)

    @property
    def public(self) -> PublicKeys:
        return PublicKeys(
            verify=self.sign_key.public_key().public_bytes_raw(),
            seal=self.open_key.public_key().public_bytes_raw(),
        )

    def opening(self, key_id: bytes) -> X25519PrivateKey:
        """The one key to open with, if its id is asked for.

        Raises:
            UnknownKey: another is.
        """
        if key_id != self.public.seal_id:
            raise UnknownKey("sealed to another key than the one held here")
        return self.open_key
