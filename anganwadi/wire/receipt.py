"""The server's signed receipt: the only thing on which a kiosk may forget.

    bytes = MessagePack array of the receipt | Ed25519 signature (64)

A received receipt and a `VerifiedReceipt` are different types, so that nothing can be forgotten on an unproven one.
"""

from typing import Annotated, NewType

import msgspec
from msgspec import Meta

from anganwadi.ids import DistrictId, Origin
from anganwadi.malformed import MALFORMED
from anganwadi.wire import sealing
from anganwadi.wire.keys import Signer, Verifier

MAX_HELD = 64
MAX_RECEIPT = 4096
"""Bytes: more is no receipt."""

_CONTEXT = b"aangan receipt"


class Receipt(msgspec.Struct, frozen=True, array_like=True):
    """How far the server has an origin's events.

    `stored_through` is the last sequence committed, `safe_through` the last one that is also in a backup off the box;
    `chain_head` is the running hash after `stored_through`. A restored server announces a higher `generation` with a
    lower `stored_through`, and the kiosk fills the hole.

    `held` are the ranges (first, last) beyond `stored_through` that are committed as well, and wait for what is missing
    before them; the kiosk need not send them again in this generation. At most `MAX_HELD` are told.
    """

    district: DistrictId
    origin: Origin
    epoch: int
    generation: int
    stored_through: int
    safe_through: int
    chain_head: bytes
    server_ms: int
    held: Annotated[tuple[tuple[int, int], ...], Meta(max_length=MAX_HELD)] = ()


VerifiedReceipt = NewType("VerifiedReceipt", Receipt)


class BadReceipt(ValueError):
    """Not a receipt of our server for this device; nothing may be forgotten on it."""


_decoder = msgspec.msgpack.Decoder(Receipt)


def sign(receipt: Receipt, server: Signer) -> bytes:
    """The receipt's bytes, signed."""
    raw = msgspec.msgpack.encode(receipt)
    return raw + sealing.sign(_CONTEXT, raw, server.sign_key)


def verify(
    signed: bytes, server: Verifier, district: DistrictId, device: Origin, epoch: int
) -> VerifiedReceipt:
    """Check that `server` receipted this device.

    Raises:
        BadReceipt: malformed, signed by another, or for another district, device or epoch.
    """
    if len(signed) > MAX_RECEIPT:
        raise BadReceipt("longer than a receipt may be")
    raw, signature = signed[: -sealing.SIGNATURE_BYTES], signed[-sealing.SIGNATURE_BYTES :]
    try:
        sealing.check(_CONTEXT, raw, signature, server.verify_key)
        receipt = _decoder.decode(raw)
    except (sealing.BadSignature, *MALFORMED) as error:
        raise BadReceipt(str(error)) from error
    if (receipt.district, receipt.origin, receipt.epoch) != (district, device, epoch):
        raise BadReceipt("a receipt for another device or epoch")
    return VerifiedReceipt(receipt)
