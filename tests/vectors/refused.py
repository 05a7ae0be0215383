"""What must be refused, at which step and why: the second half of the vectors. Used by `tests.vectors.make` only.

Steps: `parse` needs the bytes alone, `authenticate` the sender's public key, `open` the recipient's private key. An
implementation may find the fault at another step than named here; it must find it.
"""

from typing import Any

import msgspec
import zstandard

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import frame, packing
from anganwadi.wire.gap import GAP
from anganwadi.wire.login import STATUS
from tests.vectors import by_hand
from tests.vectors.make import (
    DEVICE,
    GAP_RECORD,
    NEWS,
    RAWS,
    RECEIPT,
    ROOT,
    SERVER,
    SIZELESS,
    STRANGER,
    array,
    frame_of,
    header,
    letter_of,
    signed_array,
)

GOOD = frame_of("good", header(), packing.pack(array(RAWS)))
HEAD = msgspec.msgpack.encode(header())


def all_refused() -> list[dict[str, Any]]:
    return [
        *_frames_cut_wrong(),
        *_headers(),
        *_frames_of_others(),
        *_contents(),
        *_signed_arrays(),
        *_letters(),
    ]


def _no(kind: str, name: str, stage: str, data: bytes) -> dict[str, Any]:
    return {"kind": kind, "name": name, "stage": stage, "bytes": data}


def _frames_cut_wrong() -> list[dict[str, Any]]:
    sealed_at = 6 + len(HEAD)
    cases = {
        "nothing": b"",
        "not a frame": b"MQTT" + GOOD[4:],
        "a suite not known (2)": GOOD[:3] + b"\x02" + GOOD[4:],
        "cut in the header": GOOD[:20],
        "cut in the sealed part": GOOD[: sealed_at + 30],
        "cut in the signature": GOOD[:-1],
        "a byte after the signature": GOOD + b"\0",
        "a header said to be longer than 512": GOOD[:4] + b"\x02\x01" + GOOD[6:],
        "a sealed part said to be 4 GiB": GOOD[:sealed_at] + b"\xff\xff\xff\xff" + GOOD[sealed_at + 4 :],
    }
    return [_no("frame", name, "parse", data) for name, data in cases.items()]


def _headers() -> list[dict[str, Any]]:
    clock = header().clock
    changed: dict[str, dict[str, Any]] = {
        "no events": {"count": 0},
        "more than 1000 events": {"count": 1001},
        "epoch 0": {"epoch": 0},
        "an epoch beyond 31 bits": {"epoch": 2**31},
        "sequence 0": {"first_sequence": 0},
        "a sequence beyond 62 bits": {"first_sequence": 2**62},
        "a district longer than 63 bytes": {"district": DistrictId("d" * 64)},
        "a chain hash of 31 bytes": {"chain_before": bytes(31)},
        "a key id of 9 bytes": {"key_id": bytes(9)},
        "a boot id of 15 bytes": {"clock": msgspec.structs.replace(clock, boot_id=bytes(15))},
        "time before 1970": {"clock": msgspec.structs.replace(clock, wall_ms=-1)},
    }
    packed = packing.pack(array(RAWS))
    heads = {name: msgspec.msgpack.encode(header(**changes)) for name, changes in changed.items()}
    heads |= {
        "a header of 7 fields": msgspec.msgpack.encode(msgspec.structs.astuple(header())[:7]),
        "a header that is a map": msgspec.msgpack.encode({"epoch": 1}),
        "a header with something after it": HEAD + b"\xc0",
        "a header that is nested 200 deep": b"\x91" * 200 + b"\xc0",
        "a header said to have 4 billion fields": b"\xdd\xff\xff\xff\xff",
    }
    return [_no("frame", name, "parse", frame_of(name, head, packed)) for name, head in heads.items()]


def _frames_of_others() -> list[dict[str, Any]]:
    packed = packing.pack(array(RAWS))
    changed = bytearray(GOOD)
    changed[40] ^= 1
    stranger = header(key_id=STRANGER.public.seal_id)
    moved = header(first_sequence=9)
    return [
        _no(
            "frame",
            "signed by another device",
            "authenticate",
            frame_of("x", header(), packed, device=STRANGER),
        ),
        _no("frame", "a bit of the district's name changed", "authenticate", bytes(changed)),
        _no("frame", "sealed to a key not held here", "open", frame_of("y", stranger, packed, STRANGER)),
        _no(
            "frame",
            "the id of another key than it is sealed to",
            "open",
            frame_of("z", header(), packed, STRANGER),
        ),
        _no(
            "frame",
            "another header over the same sealed part",
            "open",
            frame_of("m", moved, packed, info=HEAD),
        ),
    ]


def _contents() -> list[dict[str, Any]]:
    plain, many = array(RAWS), array([b"\xc0"] * (frame.MAX_EVENTS + 1))
    good = packing.pack(plain)
    contents = {
        "no zstd": plain,
        "zstd that does not say how much": SIZELESS(plain),
        "zstd of more than 4 MiB": zstandard.ZstdCompressor().compress(bytes(frame.MAX_PLAIN + 1)),
        "two zstd frames": good + good,
        "something after the zstd frame": good + b"\0",
        "fewer events than counted": packing.pack(array(RAWS[1:])),
        "1001 events": packing.pack(many),
        "not an array": packing.pack(RAWS[0]),
        "something after the array": packing.pack(plain + b"\xc0"),
        "an array said to have 4 billion events": packing.pack(b"\xdd\xff\xff\xff\xff"),
        "an event nested 5000 deep": packing.pack(b"\x95" + b"\xc0" * 4 + b"\x91" * 5000 + b"\xc0"),
    }
    return [
        _no("frame", name, "open", frame_of(name, header(), content)) for name, content in contents.items()
    ]


def _signed_arrays() -> list[dict[str, Any]]:
    receipt, news = b"aangan receipt", b"aangan sealing key"
    elsewhere, other = DistrictId("anderswo"), Origin("kiosk-b")
    change = msgspec.structs.replace
    return [
        _no("receipt", "signed by another server", "authenticate", signed_array(receipt, RECEIPT, STRANGER)),
        _no("receipt", "an announcement's signature", "authenticate", signed_array(news, RECEIPT, SERVER)),
        _no("receipt", "of another district", "parse",
            signed_array(receipt, change(RECEIPT, district=elsewhere), SERVER)),
        _no("receipt", "of another kiosk", "parse", signed_array(receipt, change(RECEIPT, origin=other), SERVER)),
        _no("receipt", "of another epoch", "parse", signed_array(receipt, change(RECEIPT, epoch=2), SERVER)),
        _no("receipt", "65 ranges held", "parse", signed_array(receipt, change(RECEIPT, held=((7, 9),) * 65), SERVER)),
        _no("receipt", "cut short", "authenticate", signed_array(receipt, RECEIPT, SERVER)[1:]),
        _no("announcement", "signed by the server", "authenticate", signed_array(news, NEWS, SERVER)),
        _no("announcement", "a receipt's signature", "authenticate", signed_array(receipt, NEWS, ROOT)),
        _no("announcement", "of another district", "parse", signed_array(news, change(NEWS, district=elsewhere), ROOT)),
        _no("announcement", "of key 1", "parse", signed_array(news, change(NEWS, number=1), ROOT)),
        _no("announcement", "a key of 31 bytes", "parse", signed_array(news, change(NEWS, seal_key=bytes(31)), ROOT)),
        _no("announcement", "a field too many", "parse",
            signed_array(news, msgspec.msgpack.encode((*msgspec.structs.astuple(NEWS), 0)), ROOT)),
    ]  # fmt: skip


def _letters() -> list[dict[str, Any]]:
    to, content = SERVER.public.seal, msgspec.msgpack.encode(GAP_RECORD)
    good = letter_of("good", GAP, content, to)
    backwards = msgspec.msgpack.encode({**msgspec.to_builtins(GAP_RECORD, builtin_types=(bytes,)), "last": 1})
    raw = msgspec.msgpack.encode((GAP, "kiosk-a", SERVER.public.seal_id, bytes(48)))
    return [
        _no("letter", "of another kind", "parse", letter_of("k", STATUS, content, to)),
        _no("letter", "of another sender", "parse", letter_of("s", GAP, content, to, Origin("kiosk-b"))),
        _no(
            "letter",
            "signed by another device",
            "authenticate",
            letter_of("d", GAP, content, to, by=STRANGER),
        ),
        _no(
            "letter",
            "sealed to a key not held here",
            "open",
            letter_of("o", GAP, content, STRANGER.public.seal),
        ),
        _no("letter", "cut short", "authenticate", good[:-1]),
        _no("letter", "nothing sealed", "open", raw + by_hand.sign(b"aangan letter", raw, DEVICE.sign)),
        _no("letter", "a gap that ends before it begins", "open", letter_of("b", GAP, backwards, to)),
    ]
