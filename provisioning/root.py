"""The district's root key: it signs which sealing keys the server gives out, and nothing else.

Its private half lies with whoever makes the district's machines, never on the server: who takes the server over reads
what is on it, but cannot make the kiosks seal to a key of his own. Kiosks and server have `root.pub`.
"""

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anganwadi.ids import DistrictId
from anganwadi.wire import announcement
from anganwadi.wire.announcement import Announcement, BadAnnouncement
from anganwadi.wire.keys import KEY_BYTES
from provisioning.files import write_private, write_public
from provisioning.identity import read_owned

PRIVATE_HALF, PUBLIC_HALF = "root.key", "root.pub"


class NoRoot(FileNotFoundError):
    """No root key where one is needed, or not this one; the text says what to do."""


class RootExists(FileExistsError):
    """A root key is there already."""


class _Kept(msgspec.Struct, frozen=True):
    district: DistrictId
    sign: bytes


class Root:
    """A district's root key, both halves."""

    def __init__(self, district: DistrictId, key: Ed25519PrivateKey) -> None:
        self.district = district
        self._key = key

    @property
    def public(self) -> bytes:
        """The public half, raw."""
        return self._key.public_key().public_bytes_raw()

    @classmethod
    def make(cls, folder: Path, district: DistrictId) -> "Root":
        """Make a district's root key, `root.key` and `root.pub` in `folder`.

        Raises:
            RootExists: there is one; another would make kiosks deaf to announcements.
        """
        if (folder / PRIVATE_HALF).exists():
            raise RootExists(f"{folder} already holds a root key: give another folder")
        made = cls(district, Ed25519PrivateKey.generate())
        kept = _Kept(district, made._key.private_bytes_raw())
        write_private(folder / PRIVATE_HALF, msgspec.msgpack.encode(kept))
        write_public(folder / PUBLIC_HALF, made.public)
        return made

    @classmethod
    def read(cls, folder: Path) -> "Root":
        """Read the root key in `folder`.

        Raises:
            NoRoot: there is none.
            KeysUnsafe: others may read it.
        """
        try:
            kept = msgspec.msgpack.decode(read_owned(folder / PRIVATE_HALF), type=_Kept)
            return cls(kept.district, Ed25519PrivateKey.from_private_bytes(kept.sign))
        except (FileNotFoundError, msgspec.MsgspecError, ValueError) as error:
            raise NoRoot(f"no root key in {folder}: `python -m provisioning root make`") from error

    def sign(self, request: bytes) -> tuple[Announcement, bytes]:
        """What the request asks to announce, and the announcement signed.

        Raises:
            BadAnnouncement: not a request, or another district's.
        """
        asked = announcement.decode(request)
        if asked.district != self.district:
            raise BadAnnouncement(
                f"a request of district {asked.district}; this is the root of {self.district}"
            )
        return asked, announcement.sign(asked, self._key)


def read_public(path: Path) -> Ed25519PublicKey:
    """Read a `root.pub`.

    Raises:
        NoRoot: it is not there, or not one.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise NoRoot(f"{path} is no root key: copy the district's {PUBLIC_HALF} there")
    return Ed25519PublicKey.from_public_bytes(raw)
