"""The frame: a header anyone may read and events only the server can.

    bytes = "AGN" | suite (1) | header length (2) | header | sealed length (4) | sealed | Ed25519 signature (64)

`header` is a MessagePack array, bound to the ciphertext as HPKE `info`; `sealed` is HPKE over zstd over a MessagePack
array of events, each left raw so that one unknown event spoils only itself. The device signs all that stands before
the signature. Integers are big-endian.
"""

import struct
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from anganwadi.ids import DistrictId, Origin
from anganwadi.malformed import MALFORMED
from anganwadi.wire import packing, sealing
from anganwadi.wire.chain import HASH_BYTES
from anganwadi.wire.keys import KEY_ID_BYTES, PrivateKeys, PublicKeys, ServerSecrets, UnknownKey, Verifier
from anganwadi.wire.sealing import CannotOpen

MAGIC = b"AGN"
SUITE = 1
"""X25519, HKDF-SHA256, ChaCha20-Poly1305, Ed25519, zstd. Another suite gets another number."""

MAX_FRAME = 1 << 20
MAX_PLAIN = 4 << 20
MAX_EVENTS = 1000
"""Bounds checked before anything of that size is allocated: bytes of a frame, bytes of its events, their number."""

_CONTEXT = b"aangan frame"
_MAX_HEADER = 512


class BadFrame(ValueError):
    """Bytes that are not a well-formed frame within the bounds."""


class Clock(msgspec.Struct, frozen=True, array_like=True):
    """What the device's clocks said when it sealed: wall milliseconds since 1970, monotonic milliseconds since its
    boot, which boot, and how far the wall clock is to be believed (`ntp`, `rtc`, `unset`)."""

    wall_ms: Annotated[int, Meta(ge=0, lt=2**62)]
    monotonic_ms: Annotated[int, Meta(ge=0, lt=2**62)]
    boot_id: Annotated[bytes, Meta(min_length=16, max_length=16)]
    quality: Annotated[str, Meta(max_length=16)]


class Header(msgspec.Struct, frozen=True, array_like=True):
    """What travels in the clear: whose events these are and where they stand in the origin's chain."""

    key_id: Annotated[bytes, Meta(min_length=KEY_ID_BYTES, max_length=KEY_ID_BYTES)]
    district: Annotated[DistrictId, Meta(max_length=63)]
    origin: Annotated[Origin, Meta(max_length=63)]
    epoch: Annotated[int, Meta(ge=1, lt=2**31)]
    first_sequence: Annotated[int, Meta(ge=1, lt=2**62)]
    count: Annotated[int, Meta(ge=1, le=MAX_EVENTS)]
    chain_before: Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
    clock: Clock

    @property
    def last_sequence(self) -> int:
        return self.first_sequence + self.count - 1


class SealedFrame(msgspec.Struct, frozen=True):
    """A frame taken apart but not yet believed: nothing of it is proven until `authenticate`."""

    header: Header
    header_bytes: bytes
    sealed: bytes
    signed: bytes
    signature: bytes

    def authenticate(self, device: Verifier) -> None:
        """Check that `device` made this frame.

        Raises:
            BadSignature: it did not, or the frame was changed.
        """
        sealing.check(_CONTEXT, self.signed, self.signature, device.verify_key)

    def open(self, server: ServerSecrets) -> list[msgspec.Raw]:
        """The events, raw, in order.

        Raises:
            CannotOpen: sealed to a key that `server` does not have, or changed.
            BadFrame: what was sealed is not `count` events within the bounds.
        """
        try:
            key = server.opening(self.header.key_id)
        except UnknownKey as error:
            raise CannotOpen("sealed to a key this server does not have") from error
        events = _unpack(sealing.unseal(self.sealed, key, self.header_bytes))
        if len(events) != self.header.count:
            raise BadFrame("the header counts other than the events sealed")
        return events


_header_decoder = msgspec.msgpack.Decoder(Header)
_events_decoder = msgspec.msgpack.Decoder(Annotated[list[msgspec.Raw], Meta(max_length=MAX_EVENTS)])


def make(header: Header, events: Sequence[bytes], server: PublicKeys, device: PrivateKeys) -> bytes:
    """Seal `events` to the server and sign the whole as the device."""
    header_bytes = msgspec.msgpack.encode(header)
    plain = msgspec.msgpack.encode([msgspec.Raw(event) for event in events])
    sealed = sealing.seal(packing.pack(plain), server.seal_key, header_bytes)
    signed = b"".join(
        (
            MAGIC,
            bytes((SUITE,)),
            struct.pack(">H", len(header_bytes)),
            header_bytes,
            struct.pack(">I", len(sealed)),
            sealed,
        )
    )
    return signed + sealing.sign(_CONTEXT, signed, device.sign_key)


def parse(frame: bytes) -> SealedFrame:
    """Take a frame apart.

    Raises:
        BadFrame: not a frame, a suite unknown here, or out of bounds.
    """
    if len(frame) > MAX_FRAME:
        raise BadFrame("longer than a frame may be")
    if frame[:3] != MAGIC:
        raise BadFrame("not a frame")
    if len(frame) < 4 or frame[3] != SUITE:
        raise BadFrame("a suite not known here: update the server")
    header_bytes, after = _take(frame, 4, ">H", _MAX_HEADER)
    sealed, end = _take(frame, after, ">I", MAX_FRAME)
    if len(frame) != end + sealing.SIGNATURE_BYTES:
        raise BadFrame("cut short, or longer than it says")
    return SealedFrame(_parse_header(header_bytes), header_bytes, sealed, frame[:end], frame[end:])


def _take(frame: bytes, at: int, form: str, limit: int) -> tuple[bytes, int]:
    """The length-prefixed field at `at`, and where it ends."""
    start = at + struct.calcsize(form)
    if len(frame) < start:
        raise BadFrame("cut short")
    (length,) = struct.unpack_from(form, frame, at)
    if length > limit or len(frame) < start + length:
        raise BadFrame("cut short, or a field too long")
    return frame[start : start + length], start + length


def _parse_header(raw: bytes) -> Header:
    try:
        return _header_decoder.decode(raw)
    except MALFORMED as error:
        raise BadFrame(f"malformed header: {error}") from error


def _unpack(packed: bytes) -> list[msgspec.Raw]:
    try:
        return _events_decoder.decode(packing.unpack(packed, MAX_PLAIN))
    except (packing.CannotUnpack, *MALFORMED) as error:
        raise BadFrame(f"malformed content: {error}") from error
