"""A second implementation of `docs/wire.md`, from primitives and none of Aangan's code: what the vectors are made and
checked with. HPKE (RFC 9180, base mode) from X25519, HMAC and ChaCha20-Poly1305; a small MessagePack reader; frames,
receipts, letters, announcements and documents taken apart with `struct`.

It decodes what the page specifies and refuses the rest with `Refused`. It is not for use outside the tests.
"""

import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Any

import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEM = b"KEM\x00\x20"
"""DHKEM(X25519, HKDF-SHA256)."""
HPKE = b"HPKE\x00\x20\x00\x01\x00\x03"
"""With HKDF-SHA256 and ChaCha20-Poly1305."""


class Refused(Exception):
    """What the page says is not to be taken; `stage` says at which step."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage


# HPKE


def _extract(salt: bytes, suite: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(prk: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labelled + b"\x01", "sha256")[:length]  # one block is enough for 32 bytes


def _context(shared_point: bytes, encapsulated: bytes, recipient: bytes, info: bytes) -> tuple[bytes, bytes]:
    prk = _extract(b"", KEM, b"eae_prk", shared_point)
    shared = _expand(prk, KEM, b"shared_secret", encapsulated + recipient, 32)
    context = b"\x00" + _extract(b"", HPKE, b"psk_id_hash", b"") + _extract(b"", HPKE, b"info_hash", info)
    secret = _extract(shared, HPKE, b"secret", b"")
    return _expand(secret, HPKE, b"key", context, 32), _expand(secret, HPKE, b"base_nonce", context, 12)


def hpke_seal(plain: bytes, recipient: bytes, info: bytes, ephemeral: bytes) -> bytes:
    """Seal with a given ephemeral key, so that the same bytes come out each time. Never do that elsewhere."""
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    encapsulated = own.public_key().public_bytes_raw()
    point = own.exchange(X25519PublicKey.from_public_bytes(recipient))
    key, nonce = _context(point, encapsulated, recipient, info)
    return encapsulated + ChaCha20Poly1305(key).encrypt(nonce, plain, b"")


def hpke_open(sealed: bytes, private: bytes, info: bytes) -> bytes:
    own = X25519PrivateKey.from_private_bytes(private)
    encapsulated, ciphertext = sealed[:32], sealed[32:]
    try:
        point = own.exchange(X25519PublicKey.from_public_bytes(encapsulated))
        key, nonce = _context(point, encapsulated, own.public_key().public_bytes_raw(), info)
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, b"")
    except (InvalidTag, ValueError) as error:
        raise Refused("open", "does not open") from error


# Ed25519 over a named context


def sign(context: bytes, message: bytes, private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).sign(context + b"\0" + message)


def check(context: bytes, message: bytes, signature: bytes, public: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, context + b"\0" + message)
    except InvalidSignature as error:
        raise Refused("authenticate", "the signature does not hold") from error


def signed_array(context: bytes, signed: bytes, public: bytes, limit: int) -> list[Any]:
    """A MessagePack array with a signature after it: a receipt, a letter's envelope, an announcement."""
    if len(signed) > limit:
        raise Refused("parse", "too long")
    raw, signature = signed[:-64], signed[-64:]
    check(context, raw, signature, public)
    array = unpack(raw)
    if not isinstance(array, list):
        raise Refused("parse", "not an array")
    return array


# MessagePack


def unpack(data: bytes) -> Any:
    """One MessagePack value that fills `data`."""
    try:
        value, end = _value(data, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise Refused("parse", "malformed MessagePack") from error
    if end != len(data):
        raise Refused("parse", "something after the value")
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > 100:
        raise Refused("parse", "nested too deep")
    head, at = data[at], at + 1
    if head < 0x80:
        return head, at
    if head >= 0xE0:
        return head - 0x100, at
    if head < 0x90:
        return _map(data, at, head & 0x0F, depth)
    if head < 0xA0:
        return _array(data, at, head & 0x0F, depth)
    if head < 0xC0:
        return _text(data, at, head & 0x1F)
    if head in _PLAIN:
        return _PLAIN[head], at
    if head not in _FORMS:
        raise Refused("parse", "a form not used here")
    form, kind = _FORMS[head]
    size = struct.calcsize(form)
    (number,) = struct.unpack_from(form, data, at)
    at += size
    if kind == "number":
        return number, at
    if kind == "bytes":
        return _bytes(data, at, number), at + number
    if kind == "text":
        return _text(data, at, number)
    if kind == "array":
        return _array(data, at, number, depth)
    if kind == "map":
        return _map(data, at, number, depth)
    if kind == "timestamp" and number == 0xFF:
        return _timestamp(data, at, 4 if head == 0xD6 else 8)
    raise Refused("parse", "a form not used here")


_PLAIN = {0xC0: None, 0xC2: False, 0xC3: True}
_FORMS = {
    0xC4: (">B", "bytes"), 0xC5: (">H", "bytes"), 0xC6: (">I", "bytes"),
    0xCA: (">f", "number"), 0xCB: (">d", "number"),
    0xCC: (">B", "number"), 0xCD: (">H", "number"), 0xCE: (">I", "number"), 0xCF: (">Q", "number"),
    0xD0: (">b", "number"), 0xD1: (">h", "number"), 0xD2: (">i", "number"), 0xD3: (">q", "number"),
    0xD9: (">B", "text"), 0xDA: (">H", "text"), 0xDB: (">I", "text"),
    0xD6: (">B", "timestamp"), 0xD7: (">B", "timestamp"),
    0xDC: (">H", "array"), 0xDD: (">I", "array"), 0xDE: (">H", "map"), 0xDF: (">I", "map"),
}  # fmt: skip


def _timestamp(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Nanoseconds since 1970."""
    (stamp,) = struct.unpack_from(">I" if size == 4 else ">Q", data, at)
    seconds, nanoseconds = (stamp, 0) if size == 4 else (stamp & (1 << 34) - 1, stamp >> 34)
    return seconds * 10**9 + nanoseconds, at + size


def _bytes(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise Refused("parse", "cut short")
    return data[at : at + length]


def _text(data: bytes, at: int, length: int) -> tuple[str, int]:
    return _bytes(data, at, length).decode(), at + length


def _array(data: bytes, at: int, length: int, depth: int) -> tuple[list[Any], int]:
    values = []
    for _ in range(length):
        value, at = _value(data, at, depth + 1)
        values.append(value)
    return values, at


def _map(data: bytes, at: int, length: int, depth: int) -> tuple[dict[Any, Any], int]:
    values = {}
    for _ in range(length):
        key, at = _value(data, at, depth + 1)
        values[key], at = _value(data, at, depth + 1)
    return values, at


# zstd


def decompress(packed: bytes, limit: int) -> bytes:
    """One zstd frame (RFC 8878) with its content size, and nothing after it."""
    try:
        size = zstandard.get_frame_parameters(packed).content_size
        if size == zstandard.CONTENTSIZE_UNKNOWN or not 0 < size <= limit:
            raise Refused("open", "too much, nothing, or no content size")
        return zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Refused("open", "not one zstd frame") from error


# Frames


@dataclass(frozen=True)
class Frame:
    header: list[Any]
    header_bytes: bytes
    sealed: bytes
    signed: bytes
    signature: bytes


def parse_frame(data: bytes) -> Frame:
    if len(data) > 1 << 20 or data[:3] != b"AGN" or data[3:4] != b"\x01":
        raise Refused("parse", "not a frame of suite 1")
    header_bytes, at = _field(data, 4, ">H", 512)
    sealed, end = _field(data, at, ">I", 1 << 20)
    if len(data) != end + 64:
        raise Refused("parse", "not as long as it says")
    header = unpack(header_bytes)
    _check_header(header)
    return Frame(header, header_bytes, sealed, data[:end], data[end:])


def _field(data: bytes, at: int, form: str, limit: int) -> tuple[bytes, int]:
    start = at + struct.calcsize(form)
    if start > len(data):
        raise Refused("parse", "cut short")
    (length,) = struct.unpack_from(form, data, at)
    if length > limit or start + length > len(data):
        raise Refused("parse", "cut short, or too long")
    return data[start : start + length], start + length


def _check_header(header: Any) -> None:
    match header:
        case [bytes(key_id), str(district), str(origin), int(epoch), int(first), int(count), bytes(before), [
            int(wall), int(monotonic), bytes(boot), str(quality)
        ]]:  # fmt: skip
            good = (
                len(key_id) == 8 and len(district) <= 63 and len(origin) <= 63 and 1 <= epoch < 2**31
                and 1 <= first < 2**62 and 1 <= count <= 1000 and len(before) == 32 and 0 <= wall < 2**62
                and 0 <= monotonic < 2**62 and len(boot) == 16 and len(quality) <= 16
            )  # fmt: skip
        case _:
            good = False
    if not good:
        raise Refused("parse", "a header out of its bounds")


def open_frame(frame: Frame, device: bytes, opening: dict[bytes, bytes]) -> list[bytes]:
    """The events of a frame, checked against the device's public key; `opening` is private keys by key id."""
    check(b"aangan frame", frame.signed, frame.signature, device)
    private = opening.get(frame.header[0])
    if private is None:
        raise Refused("open", "sealed to a key not held here")
    plain = decompress(hpke_open(frame.sealed, private, frame.header_bytes), 4 << 20)
    events = split_array(plain)
    if len(events) != frame.header[5]:
        raise Refused("open", "another count than the header's")
    return events


def split_array(plain: bytes) -> list[bytes]:
    """The elements of a MessagePack array as the bytes they are."""
    try:
        head = plain[0]
        if 0x90 <= head < 0xA0:
            count, at = head & 0x0F, 1
        elif head == 0xDC:
            count, at = struct.unpack_from(">H", plain, 1)[0], 3
        else:
            raise Refused("open", "not an array, or one too long")
        events = []
        for _ in range(count):
            start = at
            _, at = _value(plain, at, 1)
            events.append(plain[start:at])
    except (IndexError, struct.error, UnicodeDecodeError, Refused) as error:
        raise Refused("open", "malformed content") from error
    if at != len(plain) or count > 1000:
        raise Refused("open", "something after the events, or too many")
    return events


# The chain


def genesis(district: str, origin: str, epoch: int) -> bytes:
    return hashlib.sha256(f"aangan chain 1|{district}|{origin}|{epoch}".encode()).digest()


def chain(head: bytes, events: list[bytes]) -> list[bytes]:
    """The running hash after each event."""
    heads = []
    for event in events:
        head = hashlib.sha256(head + hashlib.sha256(event).digest()).digest()
        heads.append(head)
    return heads


# Letters and documents


def open_letter(letter: bytes, kind: str, sender: str, public: bytes, opening: dict[bytes, bytes]) -> bytes:
    """The MessagePack map inside a letter."""
    envelope = signed_array(b"aangan letter", letter, public, 2 << 20)
    if len(envelope) != 4 or envelope[:2] != [kind, sender]:
        raise Refused("parse", "of another kind or sender")
    private = opening.get(envelope[2])
    if private is None:
        raise Refused("open", "sealed to a key not held here")
    raw = letter[:-64]
    info = b"\x93" + raw[1 : raw.index(envelope[3]) - _bin_head(len(envelope[3]))]
    return decompress(hpke_open(envelope[3], private, info), 16 << 20)


def _bin_head(length: int) -> int:
    return 2 if length < 1 << 8 else 3 if length < 1 << 16 else 5
