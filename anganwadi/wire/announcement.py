"""The announcement of a new sealing key, under the signature of the district's root.

    bytes = MessagePack array of the announcement | Ed25519 signature (64)

The root's private key is never on the server, so whoever takes the server over cannot make kiosks seal to a key of
his own. A kiosk adopts an announcement only if its number is higher than the one it knows; key 1 is announced by
nobody, the kiosk is made with it.
"""

from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from anganwadi.ids import DistrictId
from anganwadi.malformed import MALFORMED
from anganwadi.wire import sealing
from anganwadi.wire.keys import KEY_BYTES, PublicKeys, key_id

FIRST_NUMBER = 1
"""The number of the sealing key that a kiosk is made with."""

MAX_ANNOUNCEMENT = 256
"""Bytes: more is no announcement."""

_CONTEXT = b"aangan sealing key"


class BadAnnouncement(ValueError):
    """Not an announcement by this district's root; nothing is sealed to the key it names."""


class Announcement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """From now on seal to `seal_key`, a raw X25519 public key: the district's `number`-th, issued at `issued_ms`."""

    district: Annotated[DistrictId, Meta(max_length=63)]
    number: Annotated[int, Meta(gt=FIRST_NUMBER, lt=2**31)]
    seal_key: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    issued_ms: Annotated[int, Meta(ge=0, lt=2**62)]

    @property
    def seal_id(self) -> bytes:
        return key_id(self.seal_key)


_decoder = msgspec.msgpack.Decoder(Announcement)


def encode(announcement: Announcement) -> bytes:
    """What the root is asked to sign."""
    return msgspec.msgpack.encode(announcement)


def decode(unsigned: bytes) -> Announcement:
    """Read what the root is asked to sign.

    Raises:
        BadAnnouncement: malformed, or its key is none.
    """
    if len(unsigned) > MAX_ANNOUNCEMENT:
        raise BadAnnouncement("longer than an announcement may be")
    try:
        read = _decoder.decode(unsigned)
    except MALFORMED as error:
        raise BadAnnouncement(f"malformed announcement: {error}") from error
    try:
        sealing.seal(b"", PublicKeys(verify=b"", seal=read.seal_key).seal_key, b"")
    except ValueError as error:
        raise BadAnnouncement("the key announced is none that can be sealed to") from error
    return read


def sign(announcement: Announcement, root: Ed25519PrivateKey) -> bytes:
    """The announcement's bytes, signed by the district's root."""
    raw = encode(announcement)
    return raw + sealing.sign(_CONTEXT, raw, root)


def verify(signed: bytes, root: Ed25519PublicKey, district: DistrictId) -> Announcement:
    """Check that the root of `district` announced this key.

    Raises:
        BadAnnouncement: malformed, signed by another, or for another district.
    """
    if len(signed) > MAX_ANNOUNCEMENT:
        raise BadAnnouncement("longer than an announcement may be")
    raw, signature = signed[: -sealing.SIGNATURE_BYTES], signed[-sealing.SIGNATURE_BYTES :]
    try:
        sealing.check(_CONTEXT, raw, signature, root)
    except sealing.BadSignature as error:
        raise BadAnnouncement("not signed by the district's root") from error
    read = decode(raw)
    if read.district != district:
        raise BadAnnouncement("of another district")
    return read
