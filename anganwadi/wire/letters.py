"""Single sealed messages beside the frames: a kiosk's log-in request going up, a lease or a document's part
coming down.

    bytes = MessagePack array (kind, sender, recipient key id, sealed) | Ed25519 signature (64)

The kind, the sender and the recipient's key id are bound as HPKE `info`. What is sealed is zstd over one MessagePack
struct.
"""

from typing import TypeVar

import msgspec

from anganwadi.ids import Origin
from anganwadi.malformed import MALFORMED
from anganwadi.wire import packing, sealing
from anganwadi.wire.keys import Opener, PublicKeys, Signer, UnknownKey, Verifier, key_id

MAX_LETTER = 2 << 20
_MAX_PLAIN = 16 << 20
_ROOM = 512
"""Bytes around what is sealed: envelope, encapsulated key, tag, signature."""
_CONTEXT = b"aangan letter"

T = TypeVar("T")


class BadLetter(ValueError):
    """Not a letter of this kind from this sender to this key."""


class SealedToAnother(BadLetter):
    """A letter of this sender, but sealed to a key that is not held here: perhaps an old one that was deleted."""


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    sender: Origin
    recipient: bytes
    sealed: bytes


def write(kind: str, content: msgspec.Struct, sender: Origin, keys: Signer, to_seal: bytes) -> bytes:
    """Seal `content` to the raw X25519 public key `to_seal`, signed by the sender.

    Raises:
        BadLetter: `to_seal` is no key, or the letter would be longer than one may be.
    """
    recipient = key_id(to_seal)
    packed = packing.pack(msgspec.msgpack.encode(content))
    if len(packed) > MAX_LETTER - _ROOM:
        raise BadLetter("longer than a letter may be")
    try:
        to = PublicKeys(verify=b"", seal=to_seal).seal_key
        sealed = sealing.seal(packed, to, _info(kind, sender, recipient))
    except ValueError as error:
        raise BadLetter("cannot be sealed to this key") from error
    raw = msgspec.msgpack.encode(_Envelope(kind, sender, recipient, sealed))
    return raw + sealing.sign(_CONTEXT, raw, keys.sign_key)


def read(letter: bytes, kind: str, form: type[T], sender: Origin, sender_keys: Verifier, keys: Opener) -> T:
    """Check and open a letter.

    Raises:
        BadLetter: of another kind or sender, sealed to another key (`SealedToAnother`), changed, too large, or not of
            `form`.
    """
    if len(letter) > MAX_LETTER:
        raise BadLetter("longer than a letter may be")
    raw, signature = letter[: -sealing.SIGNATURE_BYTES], letter[-sealing.SIGNATURE_BYTES :]
    try:
        sealing.check(_CONTEXT, raw, signature, sender_keys.verify_key)
        envelope = msgspec.msgpack.decode(raw, type=_Envelope)
        if (envelope.kind, envelope.sender) != (kind, sender):
            raise BadLetter("of another kind or sender")
        packed = sealing.unseal(
            envelope.sealed, keys.opening(envelope.recipient), _info(kind, sender, envelope.recipient)
        )
        return msgspec.msgpack.decode(packing.unpack(packed, _MAX_PLAIN), type=form)
    except UnknownKey as error:
        raise SealedToAnother(str(error)) from error
    except (sealing.BadSignature, sealing.CannotOpen, packing.CannotUnpack, *MALFORMED) as error:
        raise BadLetter(str(error)) from error


def _info(kind: str, sender: Origin, recipient: bytes) -> bytes:
    return msgspec.msgpack.encode((kind, sender, recipient))
