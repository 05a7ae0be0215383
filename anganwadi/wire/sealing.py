"""Sealing and signing, the same for every message: HPKE (RFC 9180) to one public key, Ed25519 over a named context.

The suite is X25519, HKDF-SHA256, ChaCha20-Poly1305: the Pi 4 has no AES instructions.
"""

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SIGNATURE_BYTES = 64
SEAL_OVERHEAD = 48
"""Bytes that sealing adds: the 32 of the encapsulated key and the 16 of the tag."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class CannotOpen(ValueError):
    """What was sealed does not open with this key and context."""


class BadSignature(ValueError):
    """The signature is not that key's over these bytes in this context."""


def seal(plain: bytes, to: X25519PublicKey, info: bytes) -> bytes:
    """Encrypt so that only the owner of `to` can read, and only beside the same `info`."""
    return _SUITE.encrypt(plain, to, info)


def unseal(sealed: bytes, key: X25519PrivateKey, info: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        CannotOpen: another key or `info`, or the bytes were changed.
    """
    try:
        return _SUITE.decrypt(sealed, key, info)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("this does not open with this key") from error


def sign(context: bytes, message: bytes, key: Ed25519PrivateKey) -> bytes:
    """Sign `message`; `context` names what kind it is, so that a signature cannot serve for another kind."""
    return key.sign(context + b"\0" + message)


def check(context: bytes, message: bytes, signature: bytes, key: Ed25519PublicKey) -> None:
    """Check a signature of `sign`.

    Raises:
        BadSignature: it is not that key's over these bytes in this context.
    """
    try:
        key.verify(signature, context + b"\0" + message)
    except InvalidSignature as error:
        raise BadSignature("the signature does not hold") from error
