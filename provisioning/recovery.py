"""The district's recovery key: backups are sealed to its public half; its private half is kept off the server.

Whoever holds the private half can read every backup, so it lies in a safe, not on a machine that has a network. Each
half is a text file of one line, which says which half it is.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from anganwadi.wire.keys import KEY_BYTES
from provisioning.files import write_private, write_public

_PRIVATE, _PUBLIC = "aangan-recovery-private", "aangan-recovery-public"


class BadRecoveryKey(ValueError):
    """Not the half of a recovery key that is needed; the text says what it is instead."""


def make(private: Path, public: Path) -> None:
    """Make a recovery key in two new files.

    Raises:
        FileExistsError: one is there already: without a private half the backups sealed to it are lost.
    """
    for path in (private, public):
        if path.exists():
            raise FileExistsError(f"{path} is there already and was left as it is: give another name")
    key = X25519PrivateKey.generate()
    write_private(private, _line(_PRIVATE, key.private_bytes_raw()))
    write_public(public, _line(_PUBLIC, key.public_key().public_bytes_raw()))


def read_private(path: Path) -> X25519PrivateKey:
    """Read the private half.

    Raises:
        BadRecoveryKey: it is something else.
        OSError: it cannot be read.
    """
    return X25519PrivateKey.from_private_bytes(_read(path, _PRIVATE))


def read_public(path: Path) -> X25519PublicKey:
    """Read the public half; raises as `read_private`."""
    return X25519PublicKey.from_public_bytes(_read(path, _PUBLIC))


def _line(kind: str, raw: bytes) -> bytes:
    return f"{kind} {raw.hex()}\n".encode()


def _read(path: Path, wanted: str) -> bytes:
    words = path.read_bytes()[:200].decode("ascii", "replace").split()
    if len(words) != 2 or words[0] not in (_PRIVATE, _PUBLIC):
        raise BadRecoveryKey(f"{path} is no recovery key: `python -m server backup-key new` makes one")
    if words[0] != wanted:
        other = "private" if words[0] == _PRIVATE else "public"
        raise BadRecoveryKey(f"{path} is the {other} half of a recovery key; the other half is needed here")
    try:
        raw = bytes.fromhex(words[1])
    except ValueError as error:
        raise BadRecoveryKey(f"{path} is damaged: take its copy") from error
    if len(raw) != KEY_BYTES:
        raise BadRecoveryKey(f"{path} is damaged: take its copy")
    return raw
