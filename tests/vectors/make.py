"""Makes `tests/vectors/wire.json`: `python -m tests.vectors.make`.

Every key is the SHA-256 of its name and every ephemeral key that of the message's name, so that the same bytes come out
each time (as long as zstd packs the same). The test does not run this: the vectors are what is kept.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from anganwadi import events
from anganwadi.events import AttendanceMarked, CentreOpened, Event, Meal, MealServed, Proof
from anganwadi.ids import NOBODY, SERVER_ORIGIN, CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.wire import chain, downlink, frame, packing
from anganwadi.wire.announcement import Announcement
from anganwadi.wire.gap import GAP, GapReason, GapRecord
from anganwadi.wire.keys import PrivateKeys, key_id
from anganwadi.wire.login import STATUS, KioskStatus, Notice
from anganwadi.wire.receipt import Receipt
from tests.vectors import by_hand

FILE = Path(__file__).with_name("wire.json")
DISTRICT, ORIGIN, EPOCH = DistrictId("namuna"), Origin("kiosk-a"), 1
AT = datetime(2026, 11, 21, 4, 30, 0, 250_000, tzinfo=UTC)
DAY = date(2026, 11, 21)
WALL_MS = int(AT.timestamp() * 1000)


def secret(name: str) -> bytes:
    return hashlib.sha256(f"aangan test vector: {name}".encode()).digest()


def keys(name: str, number: int = 1) -> PrivateKeys:
    return PrivateKeys(sign=secret(f"{name} signs"), open=secret(f"{name} opens {number}"))


DEVICE, SERVER, SERVER_3, ROOT = keys("device"), keys("server"), keys("server", 3), keys("root")
STRANGER = keys("stranger")
DATA_KEY = secret("data key")

OPENED_IN_SCHEMA_1 = bytes.fromhex(
    "87a6736368656d6101a473616c74c410000102030405060708090a0b0c0d0e0fa963656e7472655f6964ab3039313233343536373031"
    "a9776f726b65725f6964a3772d31a26174d6ff6a00f4d8a973696d756c61746564c2a4626f647982a474797065ad63656e7472655f6f"
    "70656e6564a3646179aa323032362d31312d3231"
)


def event(body: events.Body, proof: Proof = Proof.SERVER) -> bytes:
    made = Event(
        salt=secret(events.event_type(body))[: events.SALT_BYTES],
        centre_id=CentreId("09123456701"),
        worker_id=NOBODY if proof is Proof.NONE else WorkerId("w-1"),
        proof=proof,
        at=AT,
        simulated=False,
        body=body,
    )
    return events.encode(made)


EVENTS = {
    "schema 1": OPENED_IN_SCHEMA_1,
    "attendance": event(AttendanceMarked(DAY, PersonId("p-1"), True)),
    "a meal, with nobody logged in": event(MealServed(DAY, Meal.HOT_COOKED_MEAL, 14), Proof.NONE),
    "the centre opened": event(CentreOpened(DAY), Proof.TPM),
    "of a type not known yet": msgspec.msgpack.encode({"schema": 9, "body": {"type": "danced"}}),
}
RAWS = list(EVENTS.values())
HEADS = by_hand.chain(by_hand.genesis(DISTRICT, ORIGIN, EPOCH), RAWS)


def header(**changes: Any) -> frame.Header:
    fields = {
        "key_id": SERVER.public.seal_id, "district": DISTRICT, "origin": ORIGIN, "epoch": EPOCH, "first_sequence": 1,
        "count": len(RAWS), "chain_before": chain.genesis(DISTRICT, ORIGIN, EPOCH),
        "clock": frame.Clock(WALL_MS, 86_400_000, bytes(range(16)), "ntp"),
    }  # fmt: skip
    return frame.Header(**{**fields, **changes})


def frame_of(
    name: str,
    head: frame.Header | bytes,
    packed: bytes,
    server: PrivateKeys = SERVER,
    *,
    device: PrivateKeys = DEVICE,
    info: bytes | None = None,
) -> bytes:
    """A frame put together by hand, so that it can be put together wrongly too."""
    head = head if isinstance(head, bytes) else msgspec.msgpack.encode(head)
    sealed = by_hand.hpke_seal(packed, server.public.seal, head if info is None else info, secret(name))
    signed = b"".join(
        (b"AGN\x01", struct.pack(">H", len(head)), head, struct.pack(">I", len(sealed)), sealed)
    )
    return signed + by_hand.sign(b"aangan frame", signed, device.sign)


def array(raws: Sequence[bytes]) -> bytes:
    return msgspec.msgpack.encode([msgspec.Raw(raw) for raw in raws])


def letter_of(
    name: str, kind: str, content: bytes, to: bytes, sender: Origin = ORIGIN, by: PrivateKeys = DEVICE
) -> bytes:
    info = msgspec.msgpack.encode((kind, sender, key_id(to)))
    sealed = by_hand.hpke_seal(packing.pack(content), to, info, secret(name))
    raw = msgspec.msgpack.encode((kind, sender, key_id(to), sealed))
    return raw + by_hand.sign(b"aangan letter", raw, by.sign)


def signed_array(context: bytes, content: msgspec.Struct | bytes, by: PrivateKeys) -> bytes:
    raw = content if isinstance(content, bytes) else msgspec.msgpack.encode(content)
    return raw + by_hand.sign(context, raw, by.sign)


RECEIPT = Receipt(DISTRICT, ORIGIN, EPOCH, 1_800_000_000, 5, 3, HEADS[4], WALL_MS, ((7, 9), (12, 12)))
NEWS = Announcement(DISTRICT, 3, SERVER_3.public.seal, WALL_MS)
GAP_RECORD = GapRecord(EPOCH, 2, 4, HEADS[3], GapReason.DAMAGED, WALL_MS)
STATUS_SAID = KioskStatus(
    epoch=EPOCH, recorded=5, unreceipted_since_ms=WALL_MS, sealing_key=3, notices=(Notice.EVENTS_LOST,)
)


def frames() -> dict[str, Any]:
    single, rest = header(count=1), header(first_sequence=2, count=4, chain_before=HEADS[0])
    rotated = header(key_id=SERVER_3.public.seal_id)
    return {
        "a single": _frame("a single", single, RAWS[:1]),
        "a batch": _frame("a batch", rest, RAWS[1:]),
        "sealed to key 3": _frame("sealed to key 3", rotated, RAWS, SERVER_3),
    }


def _frame(name: str, head: frame.Header, raws: list[bytes], server: PrivateKeys = SERVER) -> dict[str, Any]:
    packed = packing.pack(array(raws))
    return {
        "frame": frame_of(name, head, packed, server),
        "header": msgspec.to_builtins(head, builtin_types=(bytes,)),
        "header_bytes": msgspec.msgpack.encode(head),
        "ephemeral_private_key": secret(name),
        "plain": array(raws),
        "packed": packed,
        "events": raws,
    }


def document() -> dict[str, Any]:
    name = downlink.Name(DISTRICT, ORIGIN, downlink.Kind.MESSAGES, 2)
    said = downlink.Messages((downlink.Message("m-1", "Bring the registers on Monday.", AT),))
    packed = downlink.seal(said, name, DATA_KEY)
    (part,) = downlink.cut(packed, name)
    content = msgspec.msgpack.encode(part)
    return {
        "name": msgspec.msgpack.encode(name),
        "data_key": DATA_KEY,
        "content": msgspec.msgpack.encode(said),
        "sealed": packed,
        "part": content,
        "letter": letter_of("a part", downlink.PART, content, DEVICE.public.seal, SERVER_ORIGIN, SERVER),
    }


def refused() -> list[dict[str, Any]]:
    from tests.vectors.refused import all_refused

    return all_refused()


def public(keys: PrivateKeys) -> dict[str, bytes]:
    return {
        "sign_private": keys.sign,
        "sign_public": keys.public.verify,
        "seal_private": keys.open,
        "seal_public": keys.public.seal,
        "seal_key_id": keys.public.seal_id,
    }


def letters() -> dict[str, Any]:
    to = SERVER.public.seal
    said: dict[str, tuple[str, msgspec.Struct]] = {
        "a gap": (GAP, GAP_RECORD),
        "a status": (STATUS, STATUS_SAID),
    }
    return {
        name: {
            "kind": kind,
            "sender": ORIGIN,
            "content": msgspec.msgpack.encode(content),
            "letter": letter_of(name, kind, msgspec.msgpack.encode(content), to),
        }
        for name, (kind, content) in said.items()
    }


def everything() -> dict[str, Any]:
    return {
        "about": "Test vectors of docs/wire.md. Bytes are hex. Keys are of these vectors only: never use them.",
        "keys": {
            "device": public(DEVICE), "server 1": public(SERVER), "server 3": public(SERVER_3), "root": public(ROOT)
        },
        "origin": {"district": DISTRICT, "origin": ORIGIN, "epoch": EPOCH},
        "events": EVENTS,
        "event_hashes": [chain.event_hash(raw) for raw in RAWS],
        "genesis": by_hand.genesis(DISTRICT, ORIGIN, EPOCH),
        "chain": HEADS,
        "frames": frames(),
        "receipt": {
            "fields": msgspec.to_builtins(RECEIPT, builtin_types=(bytes,)),
            "receipt": signed_array(b"aangan receipt", RECEIPT, SERVER),
        },
        "announcement": {
            "fields": msgspec.to_builtins(NEWS, builtin_types=(bytes,)),
            "announcement": signed_array(b"aangan sealing key", NEWS, ROOT),
        },
        "letters": letters(),
        "document": document(),
        "refused": refused(),
    }  # fmt: skip


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


Compress = Callable[[bytes], bytes]
SIZELESS: Compress = zstandard.ZstdCompressor(write_content_size=False).compress


if __name__ == "__main__":
    FILE.write_text(
        json.dumps(everything(), default=_hex, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
